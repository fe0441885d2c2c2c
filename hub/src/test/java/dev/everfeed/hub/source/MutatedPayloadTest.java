package dev.everfeed.hub.source;

import static org.assertj.core.api.Assertions.assertThat;

import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.hub.publish.CanonicalJson;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.Stream;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// 100,000 mutations of recorded payloads per decoder: events or [Undecodable] come out, never
/// anything else, never late, and what comes out can be written.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MutatedPayloadTest {
  private static final int MUTATIONS = 100_000;
  private static final long SEED = 20_261_122;
  private static final int PAYLOAD_MAX = 1_500;

  /// Its own CPU time is bounded, not the clock's: on a loaded machine any line may wait for a
  /// second.
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(1);

  private static final List<String> PIECES = List.of(
      "{",
      "}",
      "[",
      "]",
      ",",
      ":",
      "\"",
      "\\",
      "\\u0000",
      "\\ud800",
      "null",
      "true",
      "false",
      "NaN",
      "-",
      "+",
      ".",
      "e",
      "E",
      "0",
      "-0",
      "1e999999999",
      "1e-999999999",
      "1e100",
      "1e101",
      "9223372036854775808",
      "-1",
      "99999999999999999",
      "100000000000000000",
      "0.0000000000000001",
      "\"\"",
      "{}",
      "[]",
      "\u0000",
      "\u00e9",
      "\ud83d\ude00",
      " ",
      "\n",
      "{\"code\":-1,\"msg\":\"x\"}",
      "\"e\":\"trade\",",
      "\"stream\":\"x\",\"data\":",
      "\"status\":{\"error_code\":429},",
      "\"dir\":\"server\",\"raw\":");

  @SuppressWarnings("ArrayRecordComponent")
  private record Seedling(String kind, byte[] bytes) {}

  static Stream<String> sources() {
    return KnownSources.wires().stream();
  }

  @ParameterizedTest
  @MethodSource("sources")
  void onlyEventsOrUndecodableComeOut(String source) throws IOException {
    WireDecoder decoder = KnownSources.decoder(source).orElseThrow();
    List<Seedling> seedlings = seedlings(source, decoder);
    assertThat(seedlings).isNotEmpty();
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(SEED);
    DecodeContext[] contexts = {
      new DecodeContext(Symbol.of("BTC/USDT"), Interval.H1, List.of()),
      new DecodeContext(
          Symbol.of("BTC/USD"), Interval.M30, List.of(Symbol.of("BTC/USD"), Symbol.of("ETH/USD")))
    };
    int decoded = 0;
    int refused = 0;
    for (int i = 0; i < MUTATIONS; i++) {
      Seedling seedling = seedlings.get(random.nextInt(seedlings.size()));
      byte[] bytes = mutated(seedling.bytes(), seedlings, random);
      long begin = THREADS.getCurrentThreadCpuTime();
      try {
        for (Event event : decoder.decode(seedling.kind(), bytes, contexts[i & 1])) {
          assertThat(CanonicalJson.line(event)).startsWith("{\"type\":");
        }
        decoded++;
      } catch (Undecodable e) {
        assertThat(e.offset()).isBetween(0L, (long) bytes.length);
        assertThat(e.reason()).isNotBlank();
        refused++;
      } catch (RuntimeException | Error e) {
        throw new AssertionError(describe(source, seedling, i, bytes), e);
      }
      long took = THREADS.getCurrentThreadCpuTime() - begin;
      assertThat(took).as(() -> describe(source, seedling, -1, bytes)).isLessThan(LIMIT_NANOS);
    }
    // the mutations must be neither all harmless nor all fatal, or they test nothing
    assertThat(decoded).isGreaterThan(MUTATIONS / 100);
    assertThat(refused).isGreaterThan(MUTATIONS / 100);
  }

  private static String describe(String source, Seedling seedling, int i, byte[] bytes) {
    return "%s %s: seed %d, mutation %d: %s"
        .formatted(
            source,
            seedling.kind(),
            SEED,
            i,
            new String(bytes, 0, Math.min(2_000, bytes.length), StandardCharsets.ISO_8859_1));
  }

  /// Every recorded payload, a long one cut down to its first part.
  private static List<Seedling> seedlings(String source, WireDecoder decoder) throws IOException {
    List<Seedling> seedlings = new ArrayList<>();
    for (String kind : decoder.kinds()) {
      Path folder = Shared.wire("cases").resolve(source).resolve(kind);
      if (Files.isDirectory(folder)) {
        try (Stream<Path> files = Files.list(folder).sorted()) {
          for (Path file : files.filter(f -> !f.endsWith("manifest.json")).toList()) {
            seedlings.add(new Seedling(kind, shortened(Files.readAllBytes(file))));
          }
        }
      }
    }
    return seedlings;
  }

  /// Arrays end after an item near the bound, sessions after a line; what is neither is cut.
  private static byte[] shortened(byte[] bytes) {
    if (bytes.length <= PAYLOAD_MAX) {
      return bytes;
    }
    String text = new String(bytes, 0, PAYLOAD_MAX, StandardCharsets.ISO_8859_1);
    if (text.startsWith("[[")) {
      text = text.substring(0, text.lastIndexOf("]") + 1) + "]";
    } else if (text.startsWith("[")) {
      text = text.substring(0, text.lastIndexOf("}") + 1) + "]";
    } else if (text.startsWith("{\"dir\"")) {
      text = text.substring(0, text.lastIndexOf("\n") + 1);
    }
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static byte[] mutated(byte[] original, List<Seedling> others, RandomGenerator random) {
    byte[] bytes = original;
    for (int n = random.nextInt(4); n >= 0; n--) {
      int at = bytes.length == 0 ? 0 : random.nextInt(bytes.length);
      switch (random.nextInt(10)) {
        case 0, 1 -> { // a bit
          if (bytes.length > 0) {
            bytes = bytes.clone();
            bytes[at] ^= (byte) (1 << random.nextInt(8));
          }
        }
        case 2 -> bytes = Arrays.copyOf(bytes, at); // the end is missing
        case 3 -> { // a part is missing
          int end = Math.min(bytes.length, at + 1 + random.nextInt(20));
          bytes = joined(Arrays.copyOf(bytes, at), Arrays.copyOfRange(bytes, end, bytes.length));
        }
        case 4 -> { // a part of another message
          byte[] other = others.get(random.nextInt(others.size())).bytes();
          int from = other.length == 0 ? 0 : random.nextInt(other.length);
          int to = Math.min(other.length, from + random.nextInt(100));
          bytes = inserted(bytes, at, Arrays.copyOfRange(other, from, to));
        }
        case 5, 6, 7 ->
          bytes = inserted(
              bytes,
              at,
              PIECES.get(random.nextInt(PIECES.size())).getBytes(StandardCharsets.UTF_8));
        case 8 -> { // a number becomes another
          int digit = at;
          while (digit < bytes.length && (bytes[digit] < '0' || bytes[digit] > '9')) {
            digit++;
          }
          bytes = inserted(
              bytes, digit, Long.toString(random.nextLong()).getBytes(StandardCharsets.US_ASCII));
        }
        default -> {
          if (random.nextInt(20) == 0) { // deep
            String open = random.nextBoolean() ? "[" : "{\"a\":";
            bytes = inserted(
                bytes,
                at,
                open.repeat(1 + random.nextInt(5_000)).getBytes(StandardCharsets.US_ASCII));
          } else { // twice
            int end = Math.min(bytes.length, at + random.nextInt(60));
            bytes = inserted(bytes, at, Arrays.copyOfRange(bytes, at, end));
          }
        }
      }
    }
    return bytes;
  }

  private static byte[] inserted(byte[] bytes, int at, byte[] piece) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(bytes.length + piece.length);
    out.write(bytes, 0, at);
    out.writeBytes(piece);
    out.write(bytes, at, bytes.length - at);
    return out.toByteArray();
  }

  private static byte[] joined(byte[] begin, byte[] end) {
    return inserted(begin, begin.length, end);
  }
}
