package dev.everfeed.benchmarks.stall;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// When things happened in a recorded session, again and again: after its last event it begins
/// anew, a second later.
final class Recording implements EventTimes {
  private static final Path ROOT = Path.of("..", "shared", "wire");
  private static final Pattern TRADE_TIME =
      Pattern.compile("\"type\":\"trade\".*\"time\":\"([^\"]+)\"");
  private static final Pattern FRAME_TIME =
      Pattern.compile("\"dir\":\"server\",\"t\":([0-9]+\\.[0-9]+)");
  private static final long SECOND = 1_000_000_000;

  /// A file with a title for the table.
  record Source(String title, String file, boolean frames) {}

  static final List<Source> SOURCES = List.of(
      new Source("Binance BTC/USDT, trades", "golden/binance/rest_agg_trades/0013.ndjson", false),
      new Source("Binance ETH/BTC, trades", "golden/binance/rest_trades/0003.ndjson", false),
      new Source("OKX BTC/USDT, trades", "golden/okx/ws_session/0001.ndjson", false),
      new Source(
          "Coinbase, frames of ten products",
          "cases/coinbase_exchange/ws_session/0002.ndjson",
          true),
      new Source("OKX, frames", "cases/okx/ws_session/0001.ndjson", true),
      new Source("Kraken, frames", "cases/kraken_v1/ws_session/0005.ndjson", true));

  private final long[] times;
  private int next;
  private long shift;

  private Recording(long[] times) {
    this.times = times;
  }

  static boolean isThere(Source source) {
    return Files.exists(ROOT.resolve(source.file));
  }

  static Recording of(Source source) throws IOException {
    List<Long> times = new ArrayList<>();
    for (String line : Files.readAllLines(ROOT.resolve(source.file))) {
      Matcher found = (source.frames ? FRAME_TIME : TRADE_TIME).matcher(line);
      if (found.find()) {
        times.add(
            source.frames
                ? (long) (Double.parseDouble(found.group(1)) * 1e6) * 1_000
                : Duration.between(Instant.EPOCH, Instant.parse(found.group(1))).toNanos());
      }
    }
    long[] sorted = times.stream().mapToLong(Long::longValue).sorted().toArray();
    if (sorted.length < 2) {
      throw new IOException(source.file + ": too few times, " + sorted.length);
    }
    return new Recording(Arrays.stream(sorted).map(each -> each - sorted[0]).toArray());
  }

  int events() {
    return times.length;
  }

  double seconds() {
    return times[times.length - 1] / 1e9;
  }

  @Override
  public long next() {
    if (next == times.length) {
      shift += times[next - 1] + SECOND;
      next = 0;
    }
    return shift + times[next++];
  }

  @Override
  public boolean hasHaltedSince(long nanos) {
    return false;
  }
}
