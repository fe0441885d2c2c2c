package dev.everfeed.hub.access;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileOwnerAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The file of the API keys: JSON that people can read, with the hash of each key. It is replaced
/// as a whole, so that a reader never sees half of it; who changes it holds a lock beside it.
/// Blocks. Any thread, any process of this machine.
public final class KeyFile {
  private static final String WHAT = "the file of the API keys";
  private static final int MOST_BYTES = 1 << 20;
  private static final String NAME_FORM = "[A-Za-z0-9][A-Za-z0-9 _.@-]{0,59}";
  private static final String ID_FORM = "[0-9A-Za-z]{8}";
  private static final String HASH_FORM = "[0-9a-f]{64}";
  private static final String SCHEME = "sha256:";
  private static final ObjectMapper JSON = JsonMapper.builder()
      .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
      .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
      .enable(SerializationFeature.INDENT_OUTPUT)
      .build();

  private final Path path;

  public KeyFile(Path path) {
    this.path = path;
  }

  /// Where it is when nobody says otherwise.
  public static Path under(Path dataDir) {
    return dataDir.resolve("keys").resolve("api-keys.json");
  }

  public Path path() {
    return path;
  }

  /// None when there is no file.
  ///
  /// @throws AccessException when it is damaged, too large, or others may read it
  public ApiKeys read() throws IOException, AccessException {
    String text;
    try {
      text = GuardedFile.read(path, WHAT, MOST_BYTES);
    } catch (NoSuchFileException e) {
      return ApiKeys.NONE;
    }
    return parsed(text);
  }

  private ApiKeys parsed(String text) throws AccessException {
    JsonNode root;
    try {
      root = JSON.readTree(text);
    } catch (JsonProcessingException e) {
      // without the place's text, which may be part of a hash
      throw damaged("is not JSON");
    }
    if (!root.path("keys").isArray()) {
      throw damaged("has no list \"keys\"");
    }
    List<ApiKey> keys = new ArrayList<>();
    Set<String> ids = new LinkedHashSet<>();
    for (JsonNode node : root.path("keys")) {
      ApiKey key = key(node, keys.size() + 1);
      if (!ids.add(key.id())) {
        throw damaged("has key %s twice".formatted(key.id()));
      }
      keys.add(key);
    }
    return new ApiKeys(keys);
  }

  private ApiKey key(JsonNode node, int place) throws AccessException {
    String id = node.path("id").asText();
    String name = node.path("name").asText();
    String hash = node.path("hash").asText();
    Role role = Role.of(node.path("role").asText()).orElse(null);
    boolean right = id.matches(ID_FORM)
        && name.matches(NAME_FORM)
        && hash.startsWith(SCHEME)
        && hash.substring(SCHEME.length()).matches(HASH_FORM);
    if (!right || role == null) {
      throw damaged("has no id, name, role or hash that is one in its key %d".formatted(place));
    }
    try {
      return new ApiKey(
          id,
          name,
          role,
          hash.substring(SCHEME.length()),
          Instant.parse(node.path("created_at").asText()),
          moment(node.path("expires_at")),
          moment(node.path("revoked_at")));
    } catch (DateTimeException e) {
      throw damaged("has a time that is none in key %s".formatted(id));
    }
  }

  private static @Nullable Instant moment(JsonNode node) {
    return node.isNull() || node.isMissingNode() ? null : Instant.parse(node.asText());
  }

  private AccessException damaged(String how) {
    return new AccessException(
        "%s %s: %s; bring it back from a backup, or move it away and make new keys"
            .formatted(WHAT, path, how));
  }

  /// Makes a key and keeps its hash.
  ///
  /// @param name of who or what will have it; letters, digits, blanks and `_.@-`, 60 at most
  public IssuedKey create(String name, Role role, Instant now, @Nullable Duration good)
      throws IOException, AccessException {
    if (!name.matches(NAME_FORM)) {
      throw new AccessException(
          "a key's name must be 1 to 60 letters, digits, blanks, '_', '.', '@' and '-', and begin with a letter or digit, was \"%s\""
              .formatted(name.length() > 80 ? name.substring(0, 80) + "…" : name));
    }
    IssuedKey made = IssuedKey.make(name, role, now, good == null ? null : now.plus(good));
    change(keys -> {
      ApiKeys room = keys.forgetting(now);
      if (room.all().size() >= ApiKeys.MAX) {
        throw new AccessException("%s %s: may have %,d keys, has as many good ones; revoke some"
            .formatted(WHAT, path, ApiKeys.MAX));
      }
      return room.with(made.kept());
    });
    return made;
  }

  /// From now on it is refused. One that was revoked before stays as it is.
  public ApiKey revoke(String id, Instant now) throws IOException, AccessException {
    return known(id, change(keys -> {
      ApiKey key = known(id, keys);
      return key.revokedAt() == null ? keys.with(key.revoked(now)) : keys;
    }));
  }

  /// Makes a key with the name and role of another one, which stays good for a while.
  ///
  /// @param overlap how long the old one stays good, at most as long as it would have
  public IssuedKey rotate(String id, Instant now, Duration overlap)
      throws IOException, AccessException {
    ApiKey old = known(id, read());
    if (old.at(now) != ApiKey.State.GOOD) {
      throw new AccessException("%s is %s; a new key is made by `keys create`"
          .formatted(old, old.at(now) == ApiKey.State.REVOKED ? "revoked" : "expired"));
    }
    Instant expires = old.expiresAt();
    Duration good = expires == null ? null : Duration.between(old.createdAt(), expires);
    IssuedKey made =
        IssuedKey.make(old.name(), old.role(), now, good == null ? null : now.plus(good));
    Instant until = now.plus(overlap);
    Instant ends = expires != null && expires.isBefore(until) ? expires : until;
    change(keys -> keys.forgetting(now).with(known(id, keys).expiring(ends), made.kept()));
    return made;
  }

  private ApiKey known(String id, ApiKeys keys) throws AccessException {
    return keys.byId(id)
        .orElseThrow(() ->
            new AccessException("no key has the id \"%s\" in %s; `keys list` shows them all"
                .formatted(id.length() > 20 ? id.substring(0, 20) + "…" : id, path)));
  }

  private interface Change {
    ApiKeys of(ApiKeys keys) throws AccessException;
  }

  private ApiKeys change(Change change) throws IOException, AccessException {
    Path folder = path.toAbsolutePath().getParent();
    if (folder == null) {
      throw new AccessException("%s %s: must be in a folder".formatted(WHAT, path));
    }
    if (!Files.isDirectory(folder)) {
      Path above = existing(folder);
      Files.createDirectories(folder, mode(folder, "rwx------"));
      for (Path made = folder; made != null && !made.equals(above); made = made.getParent()) {
        own(made, above);
      }
    }
    Path lockFile = folder.resolve(path.getFileName() + ".lock");
    // the lock of a file is that of a process
    synchronized (KeyFile.class) {
      return change(change, folder, lockFile);
    }
  }

  private ApiKeys change(Change change, Path folder, Path lockFile)
      throws IOException, AccessException {
    try (FileChannel channel = FileChannel.open(
            lockFile,
            Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS),
            mode(folder, "rw-------"));
        FileLock _ = channel.lock()) {
      own(lockFile, folder);
      ApiKeys before = read();
      ApiKeys after = change.of(before);
      if (!after.equals(before)) {
        write(folder, after);
      }
      return after;
    }
  }

  private static Path existing(Path folder) {
    Path above = folder;
    while (!Files.exists(above) && above.getParent() != null) {
      above = above.getParent();
    }
    return above;
  }

  private void write(Path folder, ApiKeys keys) throws IOException {
    Path next = folder.resolve(path.getFileName() + ".new");
    Files.deleteIfExists(next);
    try (FileChannel channel = FileChannel.open(
        next,
        Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
        mode(folder, "rw-------"))) {
      ByteBuffer bytes = ByteBuffer.wrap(text(keys).getBytes(StandardCharsets.UTF_8));
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
    own(next, folder);
    Files.move(next, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    try (FileChannel directory = FileChannel.open(folder, StandardOpenOption.READ)) {
      directory.force(true);
    }
  }

  private static FileAttribute<?>[] mode(Path folder, String permissions) throws IOException {
    return Files.getFileStore(existing(folder)).supportsFileAttributeView("posix")
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
        }
        : new FileAttribute<?>[0];
  }

  /// Who makes keys as root makes them for the user whose folder it is.
  private static void own(Path file, Path like) throws IOException {
    // never through a link: who owns the folder could have it point to a file of root's
    FileOwnerAttributeView own =
        Files.getFileAttributeView(file, FileOwnerAttributeView.class, LinkOption.NOFOLLOW_LINKS);
    UserPrincipal wanted = Files.getOwner(like);
    if (!own.getOwner().equals(wanted)) {
      own.setOwner(wanted);
    }
  }

  private static String text(ApiKeys keys) throws JsonProcessingException {
    ObjectNode root = JSON.createObjectNode();
    ArrayNode list = root.putArray("keys");
    for (ApiKey key : keys.all()) {
      list.addObject()
          .put("id", key.id())
          .put("name", key.name())
          .put("role", key.role().text())
          .put("hash", SCHEME + key.hash())
          .put("created_at", key.createdAt().toString())
          .put("expires_at", key.expiresAt() == null ? null : key.expiresAt().toString())
          .put("revoked_at", key.revokedAt() == null ? null : key.revokedAt().toString());
    }
    return JSON.writeValueAsString(root) + "\n";
  }
}
