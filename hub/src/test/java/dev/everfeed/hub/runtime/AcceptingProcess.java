package dev.everfeed.hub.runtime;

import dev.everfeed.core.model.Decimal;
import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Side;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.hub.api.StoreView;
import dev.everfeed.hub.config.Settings;
import dev.everfeed.hub.journal.Entry;
import dev.everfeed.hub.journal.Journal;
import dev.everfeed.hub.store.History;
import dev.everfeed.hub.telemetry.Logging;
import dev.everfeed.hub.telemetry.Metrics;
import dev.everfeed.hub.telemetry.StoreMetrics;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;

/// A process that keeps what it is given, as the hub does, until somebody kills it: it accepts
/// trades, events and bars, and says on its standard output what has been accepted.
///
/// `accepting DATA FIRST` numbers entries from FIRST on and prints `accepted FROM TO` for each
/// group once it is on disk; `finishing DATA` waits until all is in the database, and ends well.
public final class AcceptingProcess {
  static final Symbol SYMBOL = Symbol.of("BTC/USDT");
  static final SourceId SOURCE = new SourceId("binance");
  static final Instant FIRST_TIME = Instant.parse("2026-11-01T00:00:00Z");

  /// Bars change again and again: so many of them.
  static final int BARS = 50;

  private static final int GROUP = 40;
  private static final int IN_FLIGHT = 8;

  private AcceptingProcess() {}

  public static void main(String[] arguments) throws Exception {
    Logging.configure(Settings.Log.Format.TEXT, Settings.Log.Level.WARN);
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    HubClock clock = new HubClock();
    Settings settings = Settings.parse(
        "data_dir: \"%s\"\njournal: {segment_mib: 1, max_mib: 64, min_free_mib: 0}"
            .formatted(arguments[1]),
        Map.of());
    PullPlan plan = PullPlan.of(settings, RandomGenerator.getDefault(), clock.nanos());
    Storage storage = Storage.open(
        settings,
        true,
        plan,
        clock,
        new StoreMetrics(new Metrics()),
        new Deaf(),
        RandomGenerator.getDefault());
    storage.start();
    if (arguments[0].equals("finishing")) {
      while (!isDrained(storage.view())) {
        LockSupport.parkNanos(20_000_000L);
      }
      storage.close();
      out.println("finished");
      return;
    }
    out.println("started");
    accept(storage.journal(), Long.parseLong(arguments[2]), out);
  }

  private static boolean isDrained(StoreView view) {
    StoreView.JournalView journal = Objects.requireNonNull(view.journal());
    return view.state() == StoreView.State.UP && journal.waitingBytes() == 0;
  }

  private static void accept(Journal journal, long first, PrintStream out)
      throws InterruptedException {
    Semaphore inFlight = new Semaphore(IN_FLIGHT);
    for (long from = first; ; from += GROUP) {
      long begin = from;
      inFlight.acquire();
      journal.submit(group(begin)).whenComplete((_, refused) -> {
        inFlight.release();
        if (refused == null) {
          out.println("accepted %d %d".formatted(begin, begin + GROUP));
        } else {
          out.println("refused %d %s".formatted(begin, refused));
        }
      });
      LockSupport.parkNanos(4_000_000L); // some 10,000 entries a second
    }
  }

  private static List<Entry> group(long begin) {
    List<Entry> entries = new ArrayList<>();
    for (long number = begin; number < begin + GROUP; number += 4) {
      entries.add(trade(number));
      entries.add(trade(number + 1));
      entries.add(new Entry.Happened(
          "numbered", null, "{\"number\":%d}".formatted(number + 2), timeOf(number + 2)));
      entries.add(bar(number + 3));
    }
    return entries;
  }

  static Instant timeOf(long number) {
    return FIRST_TIME.plusMillis(number);
  }

  private static Entry trade(long number) {
    return new Entry.Received(
        new Event.Trade(
            SYMBOL,
            "binance",
            SOURCE,
            Decimal.of(6_000_000 + number % 1000, 2),
            Decimal.of(1, 3),
            Side.BUY,
            Long.toString(number),
            timeOf(number)),
        timeOf(number));
  }

  /// Its volume is its number: a later one replaces an earlier one.
  private static Entry bar(long number) {
    Decimal price = Decimal.of(60_000);
    return new Entry.Received(
        new Event.Bar(
            SYMBOL,
            "binance",
            SOURCE,
            Interval.M1,
            FIRST_TIME.plusSeconds(60 * (number / 4 % BARS)),
            price,
            price,
            price,
            price,
            Decimal.of(number),
            false),
        timeOf(number));
  }

  private static final class Deaf implements Storage.Listener {
    @Override
    public void up(Recall recall, History history) {}

    @Override
    public void down() {}

    @Override
    public void duty(boolean mine) {}

    @Override
    public void askedBefore(Map<String, Instant> asked) {}
  }
}
