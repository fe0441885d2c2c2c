package dev.everfeed.hub.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Stream;
import dev.everfeed.core.model.Symbol;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is written is read back, and what is damaged is told and never believed.
class RecordingFileTest {
  private static final long WALL = 1_795_000_000_123_456_789L;
  private static final RecordingWriter.Limits BY_LINE =
      new RecordingWriter.Limits(1 << 20, 1, 0, 0);
  private static final RecordingHeader HEADER = new RecordingHeader(
      "binance-20261122T144500Z",
      1,
      new SourceId("binance"),
      "binance",
      "ws://127.0.0.1:8091/ws",
      List.of(
          Stream.trades(Symbol.of("BTC/USDT")),
          Stream.quotes(Symbol.of("ETH/USDT")),
          Stream.bars(Symbol.of("BTC/USDT"), Interval.M1)),
      Instant.ofEpochSecond(1_795_000_000L, 123_000_000));

  @TempDir
  Path folder;

  private static Recorded.Frame frame(long nanos, byte... bytes) {
    return new Recorded.Frame(WALL + nanos, nanos, 1, bytes);
  }

  private static Recorded.Frame frame(long nanos, String text) {
    return frame(nanos, text.getBytes(StandardCharsets.UTF_8));
  }

  private RecordingWriter write(Path out, RecordingWriter.Limits limits, List<Recorded> all)
      throws IOException {
    RecordingWriter writer = new RecordingWriter(out, HEADER, limits);
    for (Recorded recorded : all) {
      writer.write(recorded, recorded.nanos());
    }
    writer.close();
    return writer;
  }

  private Path file(Recorded... all) throws IOException {
    Path file = folder.resolve("one" + RecordingWriter.SUFFIX);
    Files.deleteIfExists(file);
    write(file, BY_LINE, List.of(all));
    return file;
  }

  private static List<Recorded> read(RecordingReader reader) throws IOException {
    List<Recorded> all = new ArrayList<>();
    for (Recorded next = reader.next(); next != null; next = reader.next()) {
      all.add(next);
    }
    return all;
  }

  private static List<String> texts(List<Recorded> all) {
    return all.stream()
        .filter(Recorded.Frame.class::isInstance)
        .map(frame -> new String(((Recorded.Frame) frame).bytes(), StandardCharsets.UTF_8))
        .toList();
  }

  @Test
  void everythingComesBackAsItWas() throws IOException {
    Recorded[] all = {
      new Recorded.Delivers(WALL, 1, 1),
      new Recorded.Opened(WALL, 1, 1),
      new Recorded.Sent(WALL, 2, 1, "{\"method\":\"SUBSCRIBE\"}"),
      new Recorded.Became(WALL, 3, "CONNECTING", "HEALTHY", "subscribed"),
      new Recorded.Lost(WALL, 5, 12, 3_400),
      new Recorded.Closed(WALL, 6, 1, "127.0.0.1:8091: \"closed\" with 1001\n"),
      new Recorded.Ended(WALL, 7, 99, 12)
    };
    try (RecordingReader reader = RecordingReader.open(List.of(file(all)))) {
      assertThat(reader.header()).isEqualTo(HEADER);
      assertThat(read(reader)).containsExactly(all);
      assertThat(reader.remarks()).isEmpty();
      assertThat(reader.isDamaged()).isFalse();
    }
  }

  @Test
  void framesComeBackByteForByteWhateverTheyAre() throws IOException {
    byte[] every = new byte[256];
    for (int i = 0; i < 256; i++) {
      every[i] = (byte) i;
    }
    byte[] noise = new byte[5_000];
    new Random(7).nextBytes(noise);
    List<byte[]> frames = List.of(
        new byte[0],
        "{\"a\":\"\\\"\\u0000\"}".getBytes(StandardCharsets.UTF_8),
        "\u0000\u0001\n\r\t\u007f\"\\/\u2028\u00e9\u20ac\ud83d\ude00"
            .getBytes(StandardCharsets.UTF_8),
        every,
        noise,
        new byte[] {(byte) 0xc3},
        new byte[] {(byte) 0xed, (byte) 0xa0, (byte) 0x80},
        "x".repeat(4 << 20).getBytes(StandardCharsets.UTF_8));
    List<Recorded> all = new ArrayList<>();
    for (byte[] bytes : frames) {
      all.add(frame(all.size(), bytes));
    }
    Path file = folder.resolve("bytes" + RecordingWriter.SUFFIX);
    write(file, new RecordingWriter.Limits(1 << 26, 256 << 10, 1_000_000_000L, 0), all);
    try (RecordingReader reader = RecordingReader.open(List.of(file))) {
      List<Recorded> got = read(reader);
      assertThat(got).hasSameSizeAs(frames);
      for (int i = 0; i < frames.size(); i++) {
        Recorded.Frame frame = (Recorded.Frame) got.get(i);
        assertThat(frame.bytes()).as("frame %d", i).isEqualTo(frames.get(i));
        assertThat(frame.nanos()).isEqualTo(i);
        assertThat(frame.wallNanos()).isEqualTo(WALL + i);
      }
    }
  }

  /// The files are gzip of JSON lines, for everybody's tools.
  @Test
  void anyGzipReadsIt() throws IOException {
    Path file = file(frame(1, "{\"e\":\"trade\"}"));
    try (InputStream in = new GZIPInputStream(Files.newInputStream(file))) {
      assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8)).isEqualTo("""
          {"dir":"header","everfeed_recording":1,"id":"binance-20261122T144500Z","part":1,\
          "source":"binance","exchange":"binance","url":"ws://127.0.0.1:8091/ws",\
          "streams":["trade|BTC/USDT","quote|ETH/USDT","bar|BTC/USDT|1m"],\
          "started_at":"2026-11-18T11:06:40.123Z"}
          {"dir":"server","t":1795000000.123456790,"mono":1,"c":1,"raw":"{\\"e\\":\\"trade\\"}"}
          """);
    }
  }

  @Test
  void anUnpackedRecordingIsReadTooAlsoOneThatWasEdited() throws IOException {
    Path file = file(frame(1, "one"), frame(2, "two"), frame(3, "three"));
    Path plain = folder.resolve("edited.ndjson");
    try (InputStream in = new GZIPInputStream(Files.newInputStream(file))) {
      List<String> lines = new ArrayList<>(
          new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList());
      lines.remove(2);
      Files.writeString(plain, String.join("\n", lines));
    }
    try (RecordingReader reader = RecordingReader.open(List.of(plain))) {
      assertThat(texts(read(reader))).containsExactly("one", "three");
      assertThat(reader.isDamaged()).isFalse();
    }
  }

  @Test
  void aFileCutAnywhereIsReadUpToItsLastWholeBlockAndSaysSo() throws IOException {
    Path file = file(frame(1, "one"), frame(2, "two"), new Recorded.Ended(WALL, 3, 2, 0));
    byte[] whole = Files.readAllBytes(file);
    Path cut = folder.resolve("cut" + RecordingWriter.SUFFIX);
    for (int length = 0; length < whole.length; length++) {
      Files.write(cut, Arrays.copyOf(whole, length));
      List<String> frames;
      List<String> remarks;
      try (RecordingReader reader = RecordingReader.open(List.of(cut))) {
        frames = texts(read(reader));
        remarks = reader.remarks();
      } catch (RecordingException e) {
        assertThat(e).hasMessageContaining("cut.ndjson.gz is no recording");
        continue; // not even its first block is there
      }
      assertThat(frames).isIn(List.of(), List.of("one"), List.of("one", "two"));
      assertThat(remarks).as("cut at %d", length).isNotEmpty().allMatch(r -> r.contains("cut.nd"));
    }
  }

  @Test
  void aChangedByteAnywhereIsNeverBelieved() throws IOException {
    Path file = file(frame(1, "one"), frame(2, "two"), new Recorded.Ended(WALL, 3, 2, 0));
    byte[] whole = Files.readAllBytes(file);
    Path bad = folder.resolve("bad" + RecordingWriter.SUFFIX);
    int told = 0;
    for (int at = 0; at < whole.length; at++) {
      byte[] changed = whole.clone();
      changed[at] ^= 0x10;
      Files.write(bad, changed);
      try (RecordingReader reader = RecordingReader.open(List.of(bad))) {
        List<String> frames = texts(read(reader));
        assertThat(frames).isIn(List.of(), List.of("one"), List.of("one", "two"));
        assertThat(reader.isDamaged() || frames.size() == 2).as("byte %d", at).isTrue();
        told += reader.isDamaged() ? 1 : 0;
      } catch (RecordingException e) {
        told++;
      }
    }
    // 6 bytes of a block's head (time, system) mean nothing, nor do the bits that fill its last
    // byte
    assertThat(told).isGreaterThanOrEqualTo(whole.length - 4 * 7);
  }

  @Test
  void aBlockThatUnpacksToTooMuchIsRefused() throws IOException {
    Path file = folder.resolve("bomb.gz");
    try (var out = new java.util.zip.GZIPOutputStream(Files.newOutputStream(file))) {
      byte[] blanks = new byte[1 << 20];
      for (int i = 0; i < 80; i++) {
        out.write(blanks);
      }
    }
    assertThatThrownBy(() -> RecordingReader.open(List.of(file)))
        .isInstanceOf(RecordingException.class)
        .hasMessageContaining("67,108,864 bytes");
  }

  @Test
  void inAFolderTheOldestPartMakesRoomAndTheRestIsReadInOrder() throws IOException {
    List<Recorded> all = new ArrayList<>();
    all.add(new Recorded.Became(WALL, 0, "CONNECTING", "HEALTHY", "subscribed"));
    Random random = new Random(3);
    for (int i = 1; i <= 2_000; i++) {
      byte[] bytes = new byte[60];
      random.nextBytes(bytes);
      all.add(frame(i, bytes));
    }
    Path out = folder.resolve("parts");
    long most = 64 << 10;
    RecordingWriter writer = write(out, new RecordingWriter.Limits(most, 2_000, 1_000, 0), all);

    assertThat(writer.written().bytes()).isLessThanOrEqualTo(most).isGreaterThan(most / 2);
    assertThat(writer.written().deletedParts()).isPositive();
    assertThat(writer.full()).isNull();
    try (RecordingReader reader = RecordingReader.open(List.of(out))) {
      List<Recorded> got = read(reader);
      assertThat(got.getFirst()).isInstanceOf(Recorded.Became.class); // told anew in each part
      List<Recorded> frames =
          got.stream().filter(Recorded.Frame.class::isInstance).toList();
      long first = frames.getFirst().nanos();
      assertThat(first).isGreaterThan(1);
      assertThat(frames.stream().map(Recorded::nanos))
          .containsExactlyElementsOf(
              java.util.stream.LongStream.rangeClosed(first, 2_000).boxed().toList());
      assertThat(reader.remarks()).anyMatch(r -> r.contains("before it are missing"));
    }
    long size = 0;
    try (var files = Files.list(out)) {
      for (Path file : files.toList()) {
        size += Files.size(file);
      }
    }
    assertThat(size).isEqualTo(writer.written().bytes());
  }

  /// The parts before it may be gone, and with them where the connections began.
  @Test
  void eachPartTellsWhichConnectionsThereAre() throws IOException {
    List<Recorded> all = new ArrayList<>();
    all.add(new Recorded.Delivers(WALL, 0, 1)); // of the first one before it is open
    all.add(new Recorded.Opened(WALL, 0, 1));
    all.add(new Recorded.Opened(WALL, 0, 2));
    all.add(new Recorded.Opened(WALL, 0, 3));
    all.add(new Recorded.Closed(WALL, 0, 3, "gone"));
    Random random = new Random(3);
    for (int i = 1; i <= 2_000; i++) {
      byte[] bytes = new byte[60];
      random.nextBytes(bytes);
      all.add(frame(i, bytes));
    }
    Path out = folder.resolve("parts");
    RecordingWriter writer = write(out, new RecordingWriter.Limits(64 << 10, 2_000, 1_000, 0), all);
    assertThat(writer.written().deletedParts()).isPositive();
    try (RecordingReader reader = RecordingReader.open(List.of(out))) {
      assertThat(read(reader))
          .startsWith(new Recorded.Delivers(WALL, 0, 1), new Recorded.Opened(WALL, 0, 2));
    }
  }

  @Test
  void oneFileEndsWhenItIsFull() throws IOException {
    Path file = folder.resolve("full" + RecordingWriter.SUFFIX);
    RecordingWriter writer =
        new RecordingWriter(file, HEADER, new RecordingWriter.Limits(2_000, 1, 0, 0));
    for (int i = 1; i <= 100; i++) {
      writer.write(frame(i, "frame " + i), i);
    }
    writer.close();
    assertThat(writer.full()).contains("full.ndjson.gz is full").contains("of 2,000 bytes");
    assertThat(Files.size(file)).isLessThanOrEqualTo(2_000);
    try (RecordingReader reader = RecordingReader.open(List.of(file))) {
      assertThat(texts(read(reader))).hasSizeGreaterThan(5).startsWith("frame 1", "frame 2");
      assertThat(reader.isDamaged()).isFalse();
    }
  }

  /// A disk that was full, or a crash, leaves such parts among good ones.
  @Test
  void aPartWithoutAReadableHeaderCostsTheOthersNothing() throws IOException {
    Path out = folder.resolve("parts");
    List<Recorded> all = new ArrayList<>();
    for (int i = 1; i <= 200; i++) {
      all.add(frame(i, "frame " + i));
    }
    write(out, new RecordingWriter.Limits(64 << 10, 1, 0, 0), all);
    List<Path> parts;
    try (var files = Files.list(out)) {
      parts = files.sorted().toList();
    }
    assertThat(parts).hasSizeGreaterThan(2);
    byte[] second = Files.readAllBytes(parts.get(1));
    Files.write(parts.get(1), java.util.Arrays.copyOf(second, 20));
    Files.write(parts.getLast(), new byte[0]);
    try (RecordingReader reader = RecordingReader.open(List.of(out))) {
      List<String> texts = texts(read(reader));
      assertThat(texts).startsWith("frame 1", "frame 2").hasSizeGreaterThan(50);
      assertThat(reader.isDamaged()).isTrue();
      assertThat(reader.remarks())
          .anyMatch(r -> r.contains(parts.get(1).toString()))
          .anyMatch(r -> r.contains(parts.getLast().toString()) && r.contains("it is empty"));
    }
  }

  @Test
  void noEmptyPartIsLeftWhenThereIsNoRoomForItsBeginning() throws IOException {
    Random random = new Random(5);
    for (int most = 600; most < 4_000; most += 17) {
      Path out = folder.resolve("most" + most);
      RecordingWriter writer =
          new RecordingWriter(out, HEADER, new RecordingWriter.Limits(most, 1, 0, 0));
      for (int i = 1; i <= 20; i++) {
        byte[] bytes = new byte[random.nextInt(2 * most / 8)];
        random.nextBytes(bytes);
        writer.write(frame(i, bytes), i);
      }
      writer.close();
      long size = 0;
      try (var files = Files.list(out)) {
        for (Path file : files.toList()) {
          assertThat(Files.size(file)).as(file.toString()).isPositive();
          size += Files.size(file);
        }
      }
      assertThat(size).isEqualTo(writer.written().bytes()).isLessThanOrEqualTo(most);
    }
  }

  @Test
  void whatIsWrittenIsCountedAndNotWhatWasRefused() throws IOException {
    Path file = folder.resolve("counted" + RecordingWriter.SUFFIX);
    RecordingWriter writer =
        new RecordingWriter(file, HEADER, new RecordingWriter.Limits(2_000, 300, 0, 0));
    for (int i = 1; i <= 100; i++) {
      writer.write(frame(i, "frame " + i), i);
    }
    writer.close();
    try (RecordingReader reader = RecordingReader.open(List.of(file))) {
      assertThat(writer.written().frames()).isEqualTo(read(reader).size()).isLessThan(100);
    }
  }

  @Test
  void aShortLineCannotAskForALongNumber() throws IOException {
    Path plain = folder.resolve("long.ndjson");
    String header = """
        {"dir":"header","everfeed_recording":1,"id":"x","part":1,"source":"binance","exchange":"binance","url":"ws://x","streams":["trade|A/B"],"started_at":"2026-01-01T00:00:00Z"}
        """;
    for (String time : List.of("1e100000000", "\"" + "1".repeat(1_000_000) + "\"")) {
      Files.writeString(
          plain,
          header + "{\"dir\":\"server\",\"t\":" + time + ",\"mono\":1,\"c\":1,\"raw\":\"x\"}\n");
      try (RecordingReader reader = RecordingReader.open(List.of(plain))) {
        assertThat(read(reader)).isEmpty();
        assertThat(reader.remarks()).anyMatch(r -> r.contains("\"t\" is no time"));
      }
    }
  }

  @Test
  void theDiskIsNeverFilled() {
    RecordingWriter.Limits all = new RecordingWriter.Limits(1 << 20, 1, 0, Long.MAX_VALUE / 2);
    assertThatThrownBy(() -> new RecordingWriter(folder.resolve("x"), HEADER, all))
        .isInstanceOf(RecordingException.class)
        .hasMessageContaining("must stay free");
  }

  @Test
  void aRecordingIsNeverWrittenOver() throws IOException {
    Path file = file(frame(1, "one"));
    assertThatThrownBy(() -> new RecordingWriter(file, HEADER, BY_LINE))
        .isInstanceOf(RecordingException.class)
        .hasMessageContaining("is there already");
  }

  @Test
  void whatIsNoRecordingOrOfAnotherVersionIsRefused() throws IOException {
    Path text = Files.writeString(folder.resolve("notes.txt"), "hello\n");
    Path empty = Files.writeString(folder.resolve("empty" + RecordingWriter.SUFFIX), "");
    Path session =
        Files.writeString(folder.resolve("session"), "{\"dir\":\"server\",\"raw\":\"{}\"}\n");
    Path later = Files.writeString(
        folder.resolve("later"), "{\"dir\":\"header\",\"everfeed_recording\":2}\n");
    Path odd = Files.writeString(
        folder.resolve("odd"), "{\"dir\":\"header\",\"everfeed_recording\":1,\"id\":\"x\"}\n");
    for (Path file : List.of(text, empty, session, odd)) {
      assertThatThrownBy(() -> RecordingReader.open(List.of(file)))
          .isInstanceOf(RecordingException.class)
          .hasMessageContaining(file.toString());
    }
    assertThatThrownBy(() -> RecordingReader.open(List.of(later)))
        .isInstanceOf(RecordingException.class)
        .hasMessageContaining("version 2")
        .hasMessageContaining("reads version 1");
    assertThatThrownBy(() -> RecordingReader.open(List.of(folder.resolve("none"))))
        .isInstanceOf(RecordingException.class)
        .hasMessageContaining("does not exist");
    Path nothing = Files.createDirectory(folder.resolve("nothing"));
    assertThatThrownBy(() -> RecordingReader.open(List.of(nothing)))
        .hasMessageContaining("holds no recording");
  }

  @Test
  void partsOfTwoRecordingsAndTheSamePartTwiceAreRefused() throws IOException {
    Path one = file(frame(1, "one"));
    Path copy = Files.copy(one, folder.resolve("copy" + RecordingWriter.SUFFIX));
    assertThatThrownBy(() -> RecordingReader.open(List.of(one, copy)))
        .hasMessageContaining("are the same part");
    Path other = folder.resolve("other" + RecordingWriter.SUFFIX);
    RecordingHeader header = new RecordingHeader(
        "binance-later", 2, HEADER.source(), "binance", "ws://x", HEADER.streams(), Instant.EPOCH);
    new RecordingWriter(other, header, BY_LINE).close();
    assertThatThrownBy(() -> RecordingReader.open(List.of(one, other)))
        .hasMessageContaining("these are of 2");
  }

  @Test
  void linesOfAKindThatIsNotKnownYetAreLeftOut() throws IOException {
    Path plain = folder.resolve("later.ndjson");
    Files.writeString(plain, """
        {"dir":"header","everfeed_recording":1,"id":"x","part":1,"source":"binance","exchange":"binance","url":"ws://x","streams":["trade|A/B"],"started_at":"2026-01-01T00:00:00Z","more":{"a":[1]}}
        {"dir":"weather","t":1.0,"mono":1,"sky":"blue"}
        {"dir":"link","event":"slept","t":1.0,"mono":1}
        {"dir":"server","t":1.5,"mono":7,"c":1,"raw":"x","more":true}
        """);
    try (RecordingReader reader = RecordingReader.open(List.of(plain))) {
      assertThat(texts(read(reader))).containsExactly("x");
      assertThat(reader.isDamaged()).isFalse();
      assertThat(reader.remarks()).anyMatch(r -> r.contains("not ended in order"));
    }
  }
}
