package dev.everfeed.hub.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// RESILIENCE R2.5: less than 1 % of a processor and 5 MB for 500 contracts with 100 events a
/// second each.
class LedgerCostTest {
  private static final int STREAMS = 500;
  private static final int EVENTS = 100;
  private static final int WARM_SECONDS = 60;
  private static final int SECONDS = 600;

  @TempDir
  Path folder;

  @Test
  void fiveHundredContractsOfAHundredEventsASecondCostLessThanAHundredthOfAProcessor()
      throws Exception {
    LedgerStreams plan = new LedgerStreams(
        IntStream.range(0, STREAMS).mapToObj("trade|C%d/USDT"::formatted).toList(),
        List.of("binance"),
        List.of("binance"),
        (_, _) -> true,
        (_, _) -> true);
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    try (Ledger ledger = Ledger.open(folder, plan, true, InstantSource.system())) {
      LedgerTap tap = ledger.tap((_, _, _, _, _) -> {});
      long id = 6_000_000_000L;
      long tapNanos = 0;
      long ownNanos = 0;
      long most = 0;
      for (int second = -WARM_SECONDS; second < SECONDS; second++) {
        if (second == 0) {
          tapNanos = 0;
          ownNanos = 0;
        }
        long then = threads.getCurrentThreadCpuTime();
        for (int event = 0; event < EVENTS; event++) {
          id++;
          for (int stream = 0; stream < STREAMS; stream++) {
            tap.published(0, stream, id);
          }
        }
        tap.tellReached();
        long between = threads.getCurrentThreadCpuTime();
        ledger.step();
        long now = threads.getCurrentThreadCpuTime();
        tapNanos += between - then;
        ownNanos += now - between;
        most = Math.max(most, ledger.view().bytes());
      }
      double tick = tapNanos / 1e7 / SECONDS;
      double own = ownNanos / 1e7 / SECONDS;
      System.out.printf(
          "ledger, %d streams of %d events/s, %d s: tick loop %.3f %%, own thread %.3f %%,"
              + " at most %,d bytes on disk%n",
          STREAMS, EVENTS, SECONDS, tick, own, most);
      assertThat(tick + own).as("percent of a processor").isLessThan(1);
      assertThat(most).as("bytes on disk").isLessThan(5_000_000);
    }
  }
}
