package dev.everfeed.benchmarks.failover;

import dev.everfeed.benchmarks.load.Exchange;
import dev.everfeed.benchmarks.load.Stage;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.simulator.fault.FaultKind;
import dev.everfeed.simulator.fault.FaultOrder;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// Many equal questions at once, and how many calls they become.
final class Crowd {
  private static final int IN_PROCESS = 10_000;
  private static final int OVER_HTTP = 1_000;
  private static final int ROUNDS = 10;
  private static final Query BITCOIN = Query.Prices.of(List.of(Symbol.of("BTC/USDT")));

  /// Long enough that the whole crowd has come, shorter than the hedge.
  private static final FaultOrder SLOWISH =
      FaultOrder.of(FaultKind.SLOW).delayedBy(Duration.ofMillis(40));

  private Crowd() {}

  static String table() throws IOException, InterruptedException {
    StringBuilder text =
        new StringBuilder("| equal questions at once | configuration | calls, in 10 rounds |"
            + " until the last answer, ms: median (most) |\n|---|---|---|---|\n");
    for (boolean defaults : new boolean[] {true, false}) {
      try (Stage stage = Stage.set(defaults ? "" : "routes: {prices: {fresh_for: 0s}}")) {
        if (!defaults) {
          stage.fault("binance", SLOWISH);
        }
        String name = defaults
            ? "defaults (`fresh_for` 100 ms), last answer older"
            : "`fresh_for` 0s, the provider answers after 40 ms";
        text.append(row(stage, IN_PROCESS, "in the process", name, () -> ask(stage)));
        try (Connections connections = new Connections(stage.hub().port())) {
          text.append(row(stage, OVER_HTTP, "over as many connections", name, connections::ask));
        }
      }
    }
    return text.toString();
  }

  private static String row(
      Stage stage, int crowd, String how, String name, Callable<Void> question)
      throws IOException, InterruptedException {
    List<Long> calls = new ArrayList<>();
    long[] took = new long[ROUNDS];
    try {
      question.call(); // to warm up
      for (int round = 0; round < ROUNDS; round++) {
        Stage.settle();
        long before = stage.upstream().requests();
        long began = System.nanoTime();
        question.call();
        took[round] = System.nanoTime() - began;
        calls.add(stage.upstream().requests() - before);
      }
    } catch (IOException | InterruptedException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IOException("crowd of " + crowd + " " + how, e);
    }
    Arrays.sort(took);
    return String.format(
        Locale.ROOT,
        "| %,d %s | %s | %s | %.0f (%.0f) |%n",
        crowd,
        how,
        name,
        calls,
        took[ROUNDS / 2] / 1e6,
        took[ROUNDS - 1] / 1e6);
  }

  private static Void ask(Stage stage) throws InterruptedException {
    CountDownLatch answers = new CountDownLatch(IN_PROCESS);
    for (int i = 0; i < IN_PROCESS; i++) {
      stage.hub().ask(BITCOIN).onComplete(_ -> answers.countDown());
    }
    answers.await();
    return null;
  }

  /// As many connections as there are readers, opened before.
  private static final class Connections implements AutoCloseable {
    private final List<Exchange> open = new ArrayList<>();
    private final ExecutorService readers = Executors.newVirtualThreadPerTaskExecutor();

    Connections(int port) throws IOException {
      for (int i = 0; i < OVER_HTTP; i++) {
        open.add(new Exchange(port));
      }
    }

    Void ask() throws IOException, InterruptedException {
      List<Callable<Exchange.Answer>> all = new ArrayList<>();
      open.forEach(each -> all.add(() -> each.get(Stage.price(0))));
      for (Future<Exchange.Answer> answer : readers.invokeAll(all)) {
        try {
          if (answer.get().code() != 200) {
            throw new IOException("answered " + answer.get());
          }
        } catch (ExecutionException e) {
          throw new IOException("a reader of the crowd has no answer", e);
        }
      }
      return null;
    }

    @Override
    public void close() throws IOException {
      readers.close();
      for (Exchange each : open) {
        each.close();
      }
    }
  }
}
