package dev.everfeed.hub.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.everfeed.hub.store.EmbeddedServerException.Reason;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.apache.commons.compress.compressors.xz.XZCompressorOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Archives of our own making, small and hostile; the real one is in `EmbeddedServerTest`.
class ServerBinariesTest {
  private static final String SAYS_18 = "#!/bin/sh\necho 'postgres (PostgreSQL) 18.6'\n";

  @TempDir
  private Path folder;

  @Test
  void filesFoldersAndLinksKeepTheirKind() throws Exception {
    ServerBinaries.extract(
        archive(
            entry("share/", null, 0),
            entry("bin/postgres", "program", 0755),
            entry("lib/libpq.so.5.18", "library", 0644),
            link("lib/libpq.so", TarConstants.LF_SYMLINK, "libpq.so.5.18"),
            link("bin/postmaster", TarConstants.LF_SYMLINK, "../bin/postgres"),
            link("lib/hard", TarConstants.LF_LINK, "lib/libpq.so.5.18")),
        folder);

    assertThat(folder.resolve("share")).isDirectory();
    assertThat(Files.getPosixFilePermissions(folder.resolve("bin/postgres")))
        .isEqualTo(PosixFilePermissions.fromString("rwxr-xr-x"));
    assertThat(Files.getPosixFilePermissions(folder.resolve("lib/libpq.so.5.18")))
        .isEqualTo(PosixFilePermissions.fromString("rw-r--r--"));
    assertThat(Files.getPosixFilePermissions(folder.resolve("lib"))).isEqualTo(Folders.READABLE);
    assertThat(Files.readSymbolicLink(folder.resolve("lib/libpq.so")))
        .isEqualTo(Path.of("libpq.so.5.18"));
    assertThat(folder.resolve("bin/postmaster")).hasContent("program");
    assertThat(folder.resolve("lib/hard")).hasContent("library");
  }

  @ParameterizedTest
  @CsvSource({
    "../outside, 0, ''",
    "bin/../../outside, 0, ''",
    "lib/link, 2, ../../outside",
    "lib/link, 2, /etc/passwd",
    "lib/hard, 1, ../outside",
    "lib/device, 3, ''",
    "lib/pipe, 6, ''"
  })
  void whatWouldLeaveTheFolderOrIsNoFileIsRefused(String name, int type, String target)
      throws Exception {
    Path inner = Files.createDirectory(folder.resolve("inner"));
    TarArchiveEntry entry = new TarArchiveEntry(name, (byte) ('0' + type), true);
    entry.setLinkName(target);

    assertThatThrownBy(() -> ServerBinaries.extract(archive(new Entry(entry, null)), inner))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(name);
    assertThat(folder.toFile().list()).containsExactly("inner");
  }

  @Test
  void whatWasHalfUnpackedIsReplacedAndWhatIsWholeIsKept() throws Exception {
    URL small = write(archive(entry("bin/postgres", SAYS_18, 0755)));
    Path parent = Files.createDirectory(folder.resolve("parent"));
    Files.createDirectories(parent.resolve("unpacking/bin"));
    Files.writeString(parent.resolve("unpacking/bin/postgres"), "half of it");

    ServerBinaries first = ServerBinaries.unpack(small, parent);

    assertThat(first.version()).isEqualTo("18.6");
    assertThat(first.major()).isEqualTo("18");
    assertThat(first.folder().getFileName().toString()).matches("binaries-18\\.6-[0-9a-f]{8}");
    assertThat(first.program("postgres")).hasContent(SAYS_18);
    assertThat(parent.toFile().list())
        .containsExactly(first.folder().getFileName().toString());

    Files.writeString(first.folder().resolve("kept"), "");
    assertThat(ServerBinaries.unpack(small, parent)).isEqualTo(first);
    assertThat(first.folder().resolve("kept")).exists();

    // Another release's.
    Files.createDirectories(parent.resolve("binaries-17.2-00000000/bin"));
    first.deleteOthers();
    assertThat(parent.toFile().list())
        .containsExactly(first.folder().getFileName().toString());
  }

  @Test
  void anArchiveThatIsNotWholeIsRefused() throws Exception {
    byte[] whole = archive(entry("bin/postgres", SAYS_18, 0755)).readAllBytes();
    URL torn = write(new ByteArrayInputStream(whole, 0, whole.length / 2));
    assertThatThrownBy(() -> ServerBinaries.unpack(torn, folder))
        .isInstanceOf(EmbeddedServerException.class)
        .hasMessageContaining(folder.toString());
  }

  @Test
  void programsThatDoNotRunHereAreQuoted() throws Exception {
    URL broken = write(
        archive(entry("bin/postgres", "#!/bin/sh\necho 'GLIBC_9 not found' >&2; exit 1\n", 0755)));
    assertThatThrownBy(() -> ServerBinaries.unpack(broken, folder))
        .isInstanceOf(EmbeddedServerException.class)
        .hasMessageContaining("GLIBC_9 not found")
        .hasMessageContaining("store.url");
  }

  @Test
  void aMachineThatIsNotInThisBuildIsTold() throws Exception {
    assertThat(ServerBinaries.archive(System.getProperty("os.name"), System.getProperty("os.arch")))
        .isNotNull();
    assertThatThrownBy(() -> ServerBinaries.archive("Plan 9", "mips"))
        .isInstanceOfSatisfying(
            EmbeddedServerException.class,
            failure -> assertThat(failure.reason()).isEqualTo(Reason.UNSUPPORTED_PLATFORM))
        .hasMessageContaining("Plan 9 on mips")
        .hasMessageContaining("store.url");
  }

  @Test
  void theServersLogStaysBounded() throws Exception {
    Path file = folder.resolve("server.log");
    ServerLog log = new ServerLog(file);
    assertThat(log.tailAfter(0)).contains("cannot be read");
    Files.writeString(file, "before\n" + "x".repeat((int) ServerLog.MAX_BYTES) + "\nthe last\n");

    assertThat(log.lastLine()).isEqualTo("the last");
    assertThat(log.tailAfter(log.size() - 9)).isEqualTo("the last");
    log.bound();

    assertThat(log.size()).isZero();
    assertThat(folder.resolve("server.log.1")).isNotEmptyFile();
    assertThat(log.tailAfter(1_000)).isEmpty();
  }

  private record Entry(TarArchiveEntry head, @Nullable String content) {}

  private static Entry entry(String name, @Nullable String content, int mode) {
    TarArchiveEntry head = new TarArchiveEntry(name);
    if (content == null) {
      return new Entry(head, null);
    }
    head.setMode(mode);
    head.setSize(content.getBytes(StandardCharsets.UTF_8).length);
    return new Entry(head, content);
  }

  private static Entry link(String name, byte type, String target) {
    TarArchiveEntry head = new TarArchiveEntry(name, type);
    head.setLinkName(target);
    return new Entry(head, null);
  }

  private static ByteArrayInputStream archive(Entry... entries) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar =
        new TarArchiveOutputStream(new XZCompressorOutputStream(bytes))) {
      for (Entry entry : entries) {
        tar.putArchiveEntry(entry.head());
        if (entry.content() != null) {
          tar.write(entry.content().getBytes(StandardCharsets.UTF_8));
        }
        tar.closeArchiveEntry();
      }
    }
    return new ByteArrayInputStream(bytes.toByteArray());
  }

  private URL write(ByteArrayInputStream archive) throws IOException {
    Path file = folder.resolve("archive.txz");
    Files.write(file, archive.readAllBytes());
    return file.toUri().toURL();
  }
}
