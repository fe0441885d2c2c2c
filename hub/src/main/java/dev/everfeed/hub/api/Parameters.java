package dev.everfeed.hub.api;

import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Symbol;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The query part of one request, read strictly: each name is known and stands once, and the
/// percent-encoding is right UTF-8. Lenient readers hide typing errors: `?limt=5` would quietly
/// give 500 bars.
final class Parameters {
  /// How many of a long list a message shows.
  static final int SHOWN = 50;

  private static final Instant EARLIEST = Instant.parse("1970-01-01T00:00:00Z");
  private static final Instant LATEST = Instant.parse("2261-12-31T00:00:00Z");

  private final Map<String, String> values = new LinkedHashMap<>();
  private final @Nullable String ifMatch;

  /// @param query   the raw text after `?`, or null
  /// @param known   the names that the query may have
  /// @param path    what the path itself says, by name
  /// @param ifMatch the header `If-Match`
  /// @throws Problem 400
  Parameters(
      @Nullable String query,
      List<String> known,
      Map<String, String> path,
      @Nullable String ifMatch) {
    this(query, known, ifMatch);
    values.putAll(path);
  }

  /// @throws Problem 400
  Parameters(@Nullable String query, List<String> known) {
    this(query, known, null);
  }

  private Parameters(@Nullable String query, List<String> known, @Nullable String ifMatch) {
    this.ifMatch = ifMatch;
    if (query == null || query.isEmpty()) {
      return;
    }
    for (String part : query.split("&", -1)) {
      if (part.isEmpty()) {
        continue;
      }
      int equals = part.indexOf('=');
      String name = decoded(equals < 0 ? part : part.substring(0, equals));
      String value = equals < 0 ? "" : decoded(part.substring(equals + 1));
      if (!known.contains(name)) {
        throw Problem.listing(
            400,
            "unknown-parameter",
            "A parameter is not known",
            "parameter \"%s\" is not known here; known: %s"
                .formatted(shown(name), known.isEmpty() ? "none" : String.join(", ", known)),
            known,
            known.size());
      }
      if (values.putIfAbsent(name, value) != null) {
        throw Problem.badParameter("parameter %s must stand once, stood twice".formatted(name));
      }
    }
  }

  /// Percent-encoding and `+` for a blank undone.
  private static String decoded(String raw) {
    byte[] bytes = new byte[raw.length()];
    int length = 0;
    for (int i = 0; i < raw.length(); i++) {
      char c = raw.charAt(i);
      if (c == '%') {
        boolean whole = i + 2 < raw.length();
        int high = whole ? hex(raw.charAt(i + 1)) : -1;
        int low = whole ? hex(raw.charAt(i + 2)) : -1;
        if (high < 0 || low < 0) {
          throw broken("'%%' must be followed by two hexadecimal digits, found \"%s\""
              .formatted(shown(raw.substring(i, Math.min(raw.length(), i + 3)))));
        }
        bytes[length++] = (byte) (high * 16 + low);
        i += 2;
      } else if (c == '+') {
        bytes[length++] = ' ';
      } else if (c > 0x7e || c <= ' ') {
        throw broken("character U+%04X must be percent-encoded".formatted((int) c));
      } else {
        bytes[length++] = (byte) c;
      }
    }
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(bytes, 0, length))
          .toString();
    } catch (CharacterCodingException e) {
      throw broken(
          "percent-encoded bytes must be UTF-8, found others in \"%s\"".formatted(shown(raw)));
    }
  }

  /// [Character#digit] would take the digits of other scripts too.
  private static int hex(char c) {
    return c < 0x80 ? Character.digit(c, 16) : -1;
  }

  private static Problem broken(String detail) {
    return Problem.of(400, "bad-encoding", "The query is not well encoded", detail);
  }

  static String shown(String text) {
    return text.length() <= 80 ? text : text.substring(0, 80) + "…";
  }

  Optional<String> text(String name) {
    return Optional.ofNullable(values.get(name)).filter(v -> !v.isEmpty());
  }

  String required(String name, String example) {
    return text(name)
        .orElseThrow(() -> Problem.badParameter(
            "parameter %s is required, as in %s=%s".formatted(name, name, example)));
  }

  /// The whole query as text again, with another value for one parameter.
  String with(String name, String value) {
    Map<String, String> all = new LinkedHashMap<>(values);
    all.put(name, value);
    return all.entrySet().stream()
        .map(each -> URLEncoder.encode(each.getKey(), StandardCharsets.UTF_8) + "="
            + URLEncoder.encode(each.getValue(), StandardCharsets.UTF_8))
        .collect(Collectors.joining("&"));
  }

  /// The symbol, which must be one of the configured.
  Symbol symbol(String text, HubView view) {
    for (Symbol symbol : view.symbols()) {
      if (symbol.text().equals(text)) {
        return symbol;
      }
    }
    List<String> valid = view.symbols().stream().limit(SHOWN).map(Symbol::text).toList();
    throw Problem.listing(
        404,
        "unknown-symbol",
        "The symbol is not configured",
        "symbol \"%s\" is not configured; configured %s %d%s"
            .formatted(
                shown(text),
                view.symbols().size() == 1 ? "is" : "are",
                view.symbols().size(),
                valid.isEmpty()
                    ? ""
                    : ": " + String.join(", ", valid)
                        + (view.symbols().size() > SHOWN ? ", …" : "")),
        valid,
        view.symbols().size());
  }

  /// The interval, which must be one that a source serves.
  Interval interval(HubView view) {
    String text = required("interval", "1m");
    List<String> valid = view.intervals().stream().map(Interval::text).toList();
    return Interval.parse(text)
        .filter(view.intervals()::contains)
        .orElseThrow(() -> Problem.listing(
            400,
            "unknown-interval",
            "The interval is not served",
            "interval \"%s\" is not served; served: %s"
                .formatted(shown(text), String.join(", ", valid)),
            valid,
            valid.size()));
  }

  int limit(int usual, int max) {
    return text("limit")
        .map(text -> {
          String allowed =
              "limit must be a whole number from 1 to %,d, was \"%s\"".formatted(max, shown(text));
          if (!text.matches("\\d{1,9}")) {
            throw Problem.badParameter(allowed);
          }
          int limit = Integer.parseInt(text);
          if (limit < 1 || limit > max) {
            throw Problem.badParameter(allowed);
          }
          return limit;
        })
        .orElse(usual);
  }

  /// A whole number that must be there.
  long number(String name, String example) {
    String text = required(name, example);
    if (!text.matches("\\d{1,18}")) {
      throw Problem.badParameter(
          "%s must be a whole number from 0 on, was \"%s\"".formatted(name, shown(text)));
    }
    return Long.parseLong(text);
  }

  /// A moment: RFC 3339, a date (its first moment in UTC), or milliseconds since 1970.
  @Nullable
  Instant time(String name) {
    return text(name).map(text -> time(name, text)).orElse(null);
  }

  /// The same of a text that came in another way.
  static Instant time(String name, String text) {
    String allowed =
        "%s must be a time such as 2024-01-01T00:00:00Z, a date such as 2024-01-01, or milliseconds since 1970 such as 1704067200000, was \"%s\""
            .formatted(name, shown(text));
    try {
      Instant time = moment(text);
      if (time.isBefore(EARLIEST) || time.isAfter(LATEST)) {
        throw Problem.badParameter(
            "%s must be between 1970 and 2261, was \"%s\"".formatted(name, shown(text)));
      }
      return time;
    } catch (DateTimeException e) {
      throw Problem.badParameter(allowed);
    }
  }

  private static Instant moment(String text) {
    if (text.matches("\\d{11,15}")) {
      return Instant.ofEpochMilli(Long.parseLong(text));
    }
    if (text.length() == 10) {
      return LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant();
    }
    // A '+' that was not percent-encoded arrives as a blank.
    return OffsetDateTime.parse(text.replace(' ', '+')).toInstant();
  }

  /// The venue's id of a trade. Venues write digits or UUIDs.
  @Nullable
  String tradeId() {
    return text("from_id")
        .map(text -> {
          if (!text.matches("[A-Za-z0-9_-]{1,64}")) {
            throw Problem.badParameter(
                "from_id must be a trade's id (letters, digits, - and _, at most 64), was \"%s\""
                    .formatted(shown(text)));
          }
          return text;
        })
        .orElse(null);
  }

  /// Which versions an order is for, as it came; null where nothing is said.
  @Nullable
  String ifMatch() {
    return ifMatch;
  }

  boolean isTrue(String name) {
    return text(name)
        .map(text -> switch (text) {
          case "true" -> true;
          case "false" -> false;
          default ->
            throw Problem.badParameter(
                "%s must be true or false, was \"%s\"".formatted(name, shown(text)));
        })
        .orElse(false);
  }

  /// Whether lines of text are wanted instead of JSON.
  boolean csv() {
    return text("format")
        .map(text -> switch (text) {
          case "csv" -> true;
          case "json" -> false;
          default ->
            throw Problem.badParameter(
                "format must be json or csv, was \"%s\"".formatted(shown(text)));
        })
        .orElse(false);
  }

  /// Whether decimals are wanted as strings.
  boolean decimalsAsStrings() {
    return text("numbers")
        .map(text -> switch (text) {
          case "string" -> true;
          case "number" -> false;
          default ->
            throw Problem.badParameter(
                "numbers must be string or number, was \"%s\"".formatted(shown(text)));
        })
        .orElse(false);
  }
}
