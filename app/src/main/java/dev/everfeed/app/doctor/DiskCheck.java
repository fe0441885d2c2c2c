package dev.everfeed.app.doctor;

import dev.everfeed.hub.config.JournalSettings;
import dev.everfeed.hub.config.Settings;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// Whether there is room for what the journal may keep, and how long the disk takes to make a
/// write durable, which is what everything accepted waits for.
final class DiskCheck implements Check {
  private static final long MIB = 1L << 20;

  /// What an embedded database takes when it is new (programs 80 MB, an empty cluster 40 MB, its
  /// log of changes up to 1 GB under load).
  private static final long EMBEDDED_MIB = 256;

  private static final int SYNCS = 16;
  private static final int BLOCK = 4 << 10;
  private static final long SLOW_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
  private static final long SYNCS_WITHIN_NANOS = TimeUnit.SECONDS.toNanos(2);
  private static final Set<String> FORGETFUL = Set.of("tmpfs", "ramfs", "overlay");
  private static final Set<String> REMOTE = Set.of("nfs", "nfs4", "cifs", "smb3", "fuse.sshfs");

  private final Settings settings;

  DiskCheck(Settings settings) {
    this.settings = settings;
  }

  @Override
  public String name() {
    return "disk";
  }

  @Override
  public List<Finding> look() throws IOException {
    if (!settings.store().enabled()) {
      return List.of(Finding.skipped(name(), "nothing is kept (store.enabled is false)"));
    }
    Path folder = Path.of(settings.dataDir()).toAbsolutePath().normalize();
    Path existing = folder;
    while (!Files.isDirectory(existing) && existing.getParent() != null) {
      existing = existing.getParent();
    }
    FileStore store = Files.getFileStore(existing);
    List<Finding> findings = new ArrayList<>();
    boolean embedded =
        settings.store().url() == null && !Files.isDirectory(folder.resolve("postgres"));
    findings.add(room(
        settings.journal(),
        store.getUsableSpace(),
        size(folder.resolve("journal")),
        embedded,
        existing));
    if (FORGETFUL.contains(store.type()) || REMOTE.contains(store.type())) {
      findings.add(Finding.warn(
          name(),
          "%s is on %s, %s"
              .formatted(
                  existing,
                  store.type(),
                  REMOTE.contains(store.type())
                      ? "over a network: a lock or a sync there is not always what it says"
                      : "which forgets: what the hub keeps ends with the machine or the container"),
          "a data_dir on a local disk, or a volume"));
    }
    if (Files.isWritable(existing)) {
      findings.add(syncs(existing));
    } else {
      findings.add(
          Finding.skipped(name(), "fsync was not timed: %s is not writable".formatted(existing)));
    }
    return findings;
  }

  /// @param usable bytes free for this user
  /// @param used   bytes that the journal has already
  /// @param fresh  an embedded database is to be made as well
  static Finding room(JournalSettings journal, long usable, long used, boolean fresh, Path where) {
    long free = usable / MIB;
    long reserve = journal.minFreeMib();
    long wanted = Math.max(0, journal.maxMib() - used / MIB) + reserve + (fresh ? EMBEDDED_MIB : 0);
    String what =
        "%,d MiB free at %s; journal.max_mib (%,d, %,d used) and journal.min_free_mib (%,d)%s want %,d"
            .formatted(
                free,
                where,
                journal.maxMib(),
                used / MIB,
                reserve,
                fresh ? " and a new database (%d)".formatted(EMBEDDED_MIB) : "",
                wanted);
    if (free <= reserve) {
      return Finding.fail(
          "disk",
          what + "; with no more than min_free_mib nothing is written down",
          "free space, or another data_dir");
    }
    return free < wanted
        ? Finding.warn(
            "disk",
            what + "; a long outage of the database could not be written down whole",
            "free space, or a smaller journal.max_mib")
        : Finding.ok("disk", what);
  }

  private static long size(Path folder) throws IOException {
    if (!Files.isDirectory(folder) || !Files.isReadable(folder)) {
      return 0;
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.mapToLong(file -> file.toFile().length()).sum();
    }
  }

  /// As the journal does: one write at the end of a file, then a sync.
  private static Finding syncs(Path folder) throws IOException {
    Path file = Files.createTempFile(folder, ".doctor", null);
    long[] took = new long[SYNCS];
    int done = 0;
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      long end = System.nanoTime() + SYNCS_WITHIN_NANOS;
      while (done < SYNCS && System.nanoTime() < end) {
        long began = System.nanoTime();
        channel.write(ByteBuffer.allocate(BLOCK));
        channel.force(false);
        took[done++] = System.nanoTime() - began;
      }
    } finally {
      Files.delete(file);
    }
    long[] sorted = Arrays.copyOf(took, done);
    Arrays.sort(sorted);
    long median = sorted[done / 2];
    String what = "an fsync of 4 KiB at %s takes %,d us (median of %d, slowest %,d us)"
        .formatted(folder, median / 1_000, done, sorted[done - 1] / 1_000);
    return median > SLOW_NANOS
        ? Finding.warn(
            "disk",
            what + ": everything accepted waits for that",
            "a faster disk (SSD), or one that nobody else uses")
        : Finding.ok("disk", what);
  }
}
