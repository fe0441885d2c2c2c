package dev.everfeed.hub.account;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The file that holds the accounts as the database had them last, so that a hub can begin
/// without one: the SHA-256 of the rest on its first line, then JSON. Only the hub's user can
/// read it, and secrets in it are as encrypted as in the database.
///
/// Written beside and renamed, so that there is always a whole one. One thread.
final class LastKnown {
  private static final String FILE = "last-known.json";
  private static final int FORMAT = 1;

  /// Bytes; 64 accounts with all the secrets that they may have are less.
  private static final long SIZE_MAX = 64L << 20;

  private static final ObjectMapper MAPPER = new ObjectMapper();

  /// @param asOf when the database was read
  record Copy(Instant asOf, List<Account> accounts) {}

  private final Path folder;

  /// @param folder there, and only the hub's user can enter it
  LastKnown(Path folder) {
    this.folder = folder;
  }

  Path file() {
    return folder.resolve(FILE);
  }

  /// Empty where nothing was ever written.
  ///
  /// @throws IOException when it is there and cannot be believed; the message says why
  Optional<Copy> read() throws IOException {
    Path file = file();
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    if (Files.size(file) > SIZE_MAX) {
      throw new IOException(
          "%s has %,d bytes, at most %,d may be".formatted(file, Files.size(file), SIZE_MAX));
    }
    byte[] bytes = Files.readAllBytes(file);
    String text = new String(bytes, StandardCharsets.UTF_8);
    int line = text.indexOf('\n');
    String body = text.substring(line + 1);
    if (line < 0 || !text.substring(0, line).equals(sum(body))) {
      throw new IOException(file + " is damaged: it is not what its first line says");
    }
    try {
      return Optional.of(copy(MAPPER.readTree(body)));
    } catch (JsonProcessingException | IllegalArgumentException | DateTimeException e) {
      throw new IOException(file + " is not in a form that this version knows", e);
    }
  }

  private static Copy copy(JsonNode whole) {
    if (whole.path("format").asInt() != FORMAT) {
      throw new IllegalArgumentException("format " + whole.path("format"));
    }
    List<Account> accounts = new ArrayList<>();
    for (JsonNode each : whole.path("accounts")) {
      accounts.add(new Account(
          each.path("id").asText(),
          each.path("gateway_type").asText(),
          each.path("settings").toString(),
          Json.texts(each.path("secrets").toString()),
          each.path("priority").asInt(),
          each.path("is_enabled").asBoolean(),
          each.path("description").asText(),
          each.path("version").asLong(),
          Instant.parse(each.path("created_at").asText()),
          Instant.parse(each.path("updated_at").asText())));
    }
    return new Copy(Instant.parse(whole.path("as_of").asText()), accounts);
  }

  /// It is on the disk when this returns.
  void write(Copy copy) throws IOException {
    ObjectNode whole =
        Json.object().put("format", FORMAT).put("as_of", copy.asOf().toString());
    ArrayNode list = whole.putArray("accounts");
    for (Account account : copy.accounts()) {
      ObjectNode each = account.form();
      each.put("id", account.id());
      ObjectNode secrets = each.putObject("secrets");
      account.secrets().forEach(secrets::put);
      each.put("version", account.version());
      each.put("created_at", account.createdAt().toString());
      each.put("updated_at", account.updatedAt().toString());
      list.add(each);
    }
    String body = whole.toPrettyString() + "\n";
    Path fresh = folder.resolve(FILE + ".new");
    Files.deleteIfExists(fresh);
    ByteBuffer bytes = StandardCharsets.UTF_8.encode(sum(body) + "\n" + body);
    try (FileChannel to = FileChannel.open(
        fresh,
        Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
      while (bytes.hasRemaining()) {
        to.write(bytes);
      }
      to.force(true);
    }
    Files.move(fresh, file(), StandardCopyOption.ATOMIC_MOVE);
    try (FileChannel names = FileChannel.open(folder, StandardOpenOption.READ)) {
      names.force(true);
    }
  }

  private static String sum(String body) {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(sha256.digest(body.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
