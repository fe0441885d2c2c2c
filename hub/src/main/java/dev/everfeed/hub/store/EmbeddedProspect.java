package dev.everfeed.hub.store;

import java.io.IOException;
import java.net.URL;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Whether an [EmbeddedServer] could start in a folder: found out without starting, unpacking or
/// changing anything, so it may miss what only a start shows.
public final class EmbeddedProspect {
  /// PostgreSQL keeps what its processes share for one query there
  /// (`dynamic_shared_memory_type = posix`); without it initdb falls back to another kind, with
  /// too little a query fails.
  private static final Path SHARED_MEMORY = Path.of("/dev/shm");

  private static final long SHARED_MEMORY_MIN_BYTES = 16L << 20;

  private static final Pattern UNPACKED = Pattern.compile("binaries-([0-9]+)[0-9.a-z]*-.*");

  private EmbeddedProspect() {}

  /// One thing that stands in the way.
  ///
  /// @param fatal  it will not start
  /// @param remedy what to do
  public record Obstacle(boolean fatal, String what, String remedy) {}

  /// @param folder `DATA/postgres`, or where it would be made
  public static List<Obstacle> obstacles(Path folder) throws IOException {
    return obstacles(
        folder, System.getProperty("os.name"), System.getProperty("os.arch"), SHARED_MEMORY);
  }

  static List<Obstacle> obstacles(Path folder, String osName, String osArch, Path sharedMemory)
      throws IOException {
    List<Obstacle> found = new ArrayList<>();
    try {
      URL archive = ServerBinaries.archive(osName, osArch);
      if (archive.getPath().contains("linux") && isMuslOnly()) {
        found.add(new Obstacle(
            true,
            "this system has the C library musl alone, and the PostgreSQL of this build needs glibc",
            "set store.url to a PostgreSQL of your own, or run the hub on a system with glibc"));
      }
    } catch (EmbeddedServerException e) {
      found.add(new Obstacle(
          true,
          "this build carries no PostgreSQL for %s on %s".formatted(osName, osArch),
          "set store.url to a PostgreSQL of your own, 14 or newer, or build on this machine"));
    }
    Path existing = existing(folder);
    if (isNoexec(existing)) {
      found.add(new Obstacle(
          true,
          "%s is on a file system mounted noexec, from which PostgreSQL's programs cannot be run"
              .formatted(existing),
          "choose another data_dir, or set store.url"));
    }
    if (ServerAccount.ownUid(existing) == 0 && !has("setpriv") && !has("unshare")) {
      found.add(new Obstacle(
          true,
          "the hub runs as root, as which PostgreSQL refuses to run, and there is neither setpriv nor unshare to become somebody else",
          "run the hub as an ordinary user who owns data_dir, or set store.url"));
    }
    sharedMemory(sharedMemory).ifPresent(found::add);
    foreign(folder).ifPresent(found::add);
    return found;
  }

  private static Optional<Obstacle> sharedMemory(Path folder) throws IOException {
    if (!System.getProperty("os.name").startsWith("Linux")) {
      return Optional.empty();
    }
    String remedy =
        "give it 64 MiB or more: in a container `--shm-size 64m`, else `mount -o remount,size=64m /dev/shm`";
    if (!Files.isDirectory(folder)) {
      return Optional.of(new Obstacle(false, folder + " is not there, queries may fail", remedy));
    }
    FileStore store = Files.getFileStore(folder);
    return store.getUsableSpace() >= SHARED_MEMORY_MIN_BYTES
        ? Optional.empty()
        : Optional.of(new Obstacle(
            false,
            "%s has %,d KiB free, queries may fail (16,384 KiB are little enough)"
                .formatted(folder, store.getUsableSpace() >> 10),
            remedy));
  }

  /// Data that another major version wrote, or no database at all.
  private static Optional<Obstacle> foreign(Path folder) throws IOException {
    Path data = folder.resolve("data");
    if (!Files.isDirectory(data) || !Files.isReadable(data)) {
      return Optional.empty();
    }
    Path version = data.resolve("PG_VERSION");
    if (!Files.exists(version)) {
      try (var inside = Files.list(data)) {
        return inside.findAny().isEmpty()
            ? Optional.empty()
            : Optional.of(new Obstacle(
                true,
                data + " is no database (it has no PG_VERSION) and not empty",
                "move it away, or choose another data_dir"));
      }
    }
    String wrote = Files.readString(version).strip();
    String carried = unpacked(folder);
    return carried == null || carried.equals(wrote)
        ? Optional.empty()
        : Optional.of(
            new Obstacle(
                true,
                "%s was written by PostgreSQL %s, this build carries %s"
                    .formatted(data, wrote, carried),
                "run the release that wrote it, dump with pg_dump, and restore the dump into the new one"));
  }

  private static @Nullable String unpacked(Path folder) throws IOException {
    try (var inside = Files.list(folder)) {
      return inside
          .map(path -> UNPACKED.matcher(path.getFileName().toString()))
          .filter(Matcher::matches)
          .map(name -> name.group(1))
          .findFirst()
          .orElse(null);
    }
  }

  private static boolean isMuslOnly() throws IOException {
    if (Files.exists(Path.of("/lib64/ld-linux-x86-64.so.2"))
        || Files.exists(Path.of("/lib/ld-linux-aarch64.so.1"))) {
      return false;
    }
    try (var libraries = Files.newDirectoryStream(Path.of("/lib"), "ld-musl-*")) {
      return libraries.iterator().hasNext();
    }
  }

  private static boolean has(String program) {
    String path = System.getenv().getOrDefault("PATH", "/usr/local/bin:/usr/bin:/bin");
    for (String folder : path.split(":", -1)) {
      if (Files.isExecutable(Path.of(folder.isEmpty() ? "." : folder, program))) {
        return true;
      }
    }
    return false;
  }

  private static Path existing(Path folder) {
    Path path = folder.toAbsolutePath().normalize();
    while (!Files.isDirectory(path) && path.getParent() != null) {
      path = path.getParent();
    }
    return path;
  }

  /// The mount with the longest point that is a beginning of the path decides (proc(5), mounts).
  private static boolean isNoexec(Path existing) throws IOException {
    Path mounts = Path.of("/proc/self/mounts");
    if (!Files.isReadable(mounts)) {
      return false;
    }
    Path real = existing.toRealPath();
    int longest = -1;
    boolean noexec = false;
    for (String line : Files.readAllLines(mounts)) {
      String[] parts = line.split(" ");
      if (parts.length < 4) {
        continue;
      }
      Path point = Path.of(parts[1].replace("\\040", " "));
      if (real.startsWith(point) && point.getNameCount() >= longest) {
        longest = point.getNameCount();
        noexec = List.of(parts[3].split(",")).contains("noexec");
      }
    }
    return noexec;
  }
}
