package dev.everfeed.hub.store;

import dev.everfeed.hub.config.Secret;
import dev.everfeed.hub.store.DatabaseAddress.Host;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGProperty;

/// The text of `store.url`.
///
/// Its messages name places and what is allowed there, never what stands there: a password that
/// was not percent-encoded can spill over into every other part.
final class DatabaseUrl {
  private static final String JDBC = "jdbc:postgresql:";
  private static final String FORMS =
      "postgres://user:password@host:5432/database?sslmode=require or"
          + " jdbc:postgresql://host:5432/database?user=…";

  /// libpq's words for what the driver can do (PostgreSQL documentation, 32.1.2 Parameter Key
  /// Words), and the driver's.
  private static final Map<String, String> LIBPQ = Map.ofEntries(
      Map.entry("user", "user"),
      Map.entry("password", "password"),
      Map.entry("sslmode", "sslmode"),
      Map.entry("sslcert", "sslcert"),
      Map.entry("sslkey", "sslkey"),
      Map.entry("sslpassword", "sslpassword"),
      Map.entry("sslrootcert", "sslrootcert"),
      Map.entry("sslnegotiation", "sslNegotiation"),
      Map.entry("application_name", "ApplicationName"),
      Map.entry("connect_timeout", "connectTimeout"),
      Map.entry("target_session_attrs", "targetServerType"),
      Map.entry("load_balance_hosts", "loadBalanceHosts"),
      Map.entry("keepalives", "tcpKeepAlive"),
      Map.entry("channel_binding", "channelBinding"),
      Map.entry("require_auth", "requireAuth"),
      Map.entry("gssencmode", "gssEncMode"),
      Map.entry("options", "options"));

  private static final Map<String, Map<String, String>> LIBPQ_VALUES = Map.of(
      "targetServerType",
      Map.of(
          "any", "any",
          "read-write", "primary",
          "primary", "primary",
          "read-only", "secondary",
          "standby", "secondary",
          "prefer-standby", "preferSecondary"),
      "loadBalanceHosts",
      Map.of("disable", "false", "random", "true"),
      "tcpKeepAlive",
      Map.of("0", "false", "1", "true"));

  private static final Set<String> DRIVER =
      Arrays.stream(PGProperty.values()).map(PGProperty::getName).collect(Collectors.toSet());

  private final boolean jdbc;
  private final String rest;

  DatabaseUrl(String url) {
    this.jdbc = url.startsWith(JDBC);
    String prefix = jdbc ? JDBC : url.startsWith("postgresql:") ? "postgresql:" : "postgres:";
    if (!url.startsWith(prefix + "//")) {
      throw mistake("it is no address of a PostgreSQL");
    }
    this.rest = url.substring(prefix.length() + 2);
  }

  DatabaseAddress read(@Nullable String userInstead, @Nullable Secret passwordInstead) {
    int query = rest.indexOf('?');
    String place = query < 0 ? rest : rest.substring(0, query);
    Map<String, String> parameters =
        query < 0 ? new TreeMap<>() : parameters(rest.substring(query + 1));
    int slash = place.indexOf('/');
    String authority = slash < 0 ? place : place.substring(0, slash);
    String path = slash < 0 ? "" : place.substring(slash + 1);
    if (path.contains("@") || path.contains("/")) {
      throw mistake("the database's name has @ or / in it, which there are %40 and %2F, as they"
          + " are in a user's name and a password");
    }
    int at = authority.lastIndexOf('@');
    if (at >= 0) {
      if (jdbc) {
        throw mistake("the jdbc form has the user and the password as parameters, and no @");
      }
      String who = authority.substring(0, at);
      if (who.contains("@")) {
        throw mistake("the user or the password has @ in it, which there is %40");
      }
      int colon = who.indexOf(':');
      parameters.putIfAbsent("user", decode(colon < 0 ? who : who.substring(0, colon)));
      if (colon >= 0) {
        parameters.putIfAbsent("password", decode(who.substring(colon + 1)));
      }
    }
    String user = parameters.remove("user");
    String password = parameters.remove("password");
    if (userInstead != null) {
      user = userInstead;
    }
    if (user == null || user.isEmpty()) {
      throw mistake("it names no user");
    }
    Secret secret =
        passwordInstead != null ? passwordInstead : password == null ? null : new Secret(password);
    String database = path.isEmpty() ? user : decode(path);
    return new DatabaseAddress(
        hosts(authority.substring(at + 1)),
        database,
        user,
        secret,
        parameters,
        DatabaseAddress.CONNECT_TIMEOUT,
        DatabaseAddress.SOCKET_TIMEOUT);
  }

  private List<Host> hosts(String listed) {
    List<Host> hosts = new ArrayList<>();
    for (String one : listed.split(",", -1)) {
      hosts.add(host(one, hosts.size() + 1));
    }
    return hosts;
  }

  private Host host(String text, int number) {
    int nameEnd = text.indexOf(':');
    String name;
    if (text.startsWith("[")) {
      int bracket = text.indexOf(']');
      name = bracket < 0 ? "" : text.substring(1, bracket);
      if (name.isEmpty() || !name.chars().allMatch(c -> c == ':' || c == '.' || isHex(c))) {
        throw mistake("host %d begins with [ and is no IPv6 address in brackets".formatted(number));
      }
      nameEnd = bracket + 1;
    } else {
      nameEnd = nameEnd < 0 ? text.length() : nameEnd;
      name = decode(text.substring(0, nameEnd));
      if (name.startsWith("/")) {
        throw mistake("host %d is a Unix socket, which the driver cannot reach; TCP is needed"
            .formatted(number));
      }
      if (!name.chars().allMatch(DatabaseUrl::isHostCharacter)) {
        throw mistake(
            ("host %d has a character that no host's name has; one in a password is written as"
                    + " %%XX")
                .formatted(number));
      }
    }
    return new Host(name.isEmpty() ? "localhost" : name, port(text.substring(nameEnd), number));
  }

  private int port(String text, int number) {
    if (text.isEmpty() || text.equals(":")) {
      return DatabaseAddress.DEFAULT_PORT;
    }
    String digits = text.substring(1);
    if (text.charAt(0) == ':'
        && digits.length() <= 5
        && digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
      int port = Integer.parseInt(digits);
      if (port >= 1 && port <= 65_535) {
        return port;
      }
    }
    throw mistake("the port of host %d is no number from 1 to 65535".formatted(number));
  }

  private static boolean isHex(int c) {
    return Character.digit(c, 16) >= 0 && c < 128;
  }

  private static boolean isHostCharacter(int c) {
    return Character.isLetterOrDigit(c) || c == '-' || c == '.' || c == '_';
  }

  private Map<String, String> parameters(String query) {
    Map<String, String> parameters = new TreeMap<>();
    int number = 0;
    for (String pair : query.split("&", -1)) {
      number++;
      if (pair.isEmpty()) {
        continue;
      }
      int equals = pair.indexOf('=');
      if (equals < 0) {
        throw mistake("parameter %d has no =".formatted(number));
      }
      String name = decode(pair.substring(0, equals));
      String value = decode(pair.substring(equals + 1));
      String known = jdbc ? (DRIVER.contains(name) ? name : null) : LIBPQ.get(name);
      if (known == null) {
        throw mistake("parameter %d is not known; the names are: %s"
            .formatted(
                number,
                jdbc
                    ? "those of the PostgreSQL JDBC driver, such as sslmode, sslrootcert, user,"
                        + " password, targetServerType"
                    : String.join(", ", LIBPQ.keySet().stream().sorted().toList())));
      }
      Map<String, String> values = jdbc ? null : LIBPQ_VALUES.get(known);
      if (values != null) {
        String translated = values.get(value);
        if (translated == null) {
          throw mistake("%s must be one of %s"
              .formatted(
                  name, String.join(", ", values.keySet().stream().sorted().toList())));
        }
        value = translated;
      }
      if (Set.of("connectTimeout", "socketTimeout").contains(known) && !isSeconds(value)) {
        throw mistake("%s must be whole seconds, 0 to 86400 (0: no limit)".formatted(name));
      }
      parameters.put(known, value);
    }
    return parameters;
  }

  private static boolean isSeconds(String value) {
    return value.matches("[0-9]{1,5}") && Integer.parseInt(value) <= 86_400;
  }

  private String decode(String text) {
    try {
      // Java's decoder is a form's: there + is a space, in libpq's addresses it is itself.
      return URLDecoder.decode(jdbc ? text : text.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException notHex) {
      throw mistake("a % is not followed by two hexadecimal digits; a % itself is %25");
    }
  }

  /// Without a cause: its message may repeat the text.
  private static IllegalArgumentException mistake(String what) {
    return new IllegalArgumentException(
        "store.url: %s. Allowed: %s (not repeated here: it may hold a password)"
            .formatted(what, FORMS));
  }
}
