package dev.everfeed.benchmarks.fetch;

import dev.everfeed.benchmarks.load.DataFolder;
import dev.everfeed.benchmarks.load.Exchange;
import dev.everfeed.benchmarks.load.ResultFile;
import dev.everfeed.core.guard.Priority;
import dev.everfeed.core.guard.WeightBudget;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.hub.source.KnownSources;
import dev.everfeed.hub.source.PolledSource;
import dev.everfeed.hub.source.SourceSettings;
import dev.everfeed.hub.source.UnsupportedQueryException;
import dev.everfeed.simulator.fault.FaultKind;
import dev.everfeed.simulator.fault.FaultOrder;
import dev.everfeed.simulator.venue.Venues;
import dev.everfeed.simulator.venue.VenuesConfig;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/// Bars of many symbols from five exchanges, fetched, normalised and stored; the same while one
/// exchange takes requests and never answers, and without that exchange. The venues run here,
/// without limits, the hub in a process of its own that is started anew for each measurement.
/// Writes the measured part of `results/fetch.md`.
public final class FetchMain {
  private static final int BARS = 500;
  private static final String SILENT = "kraken";

  /// The source that tells each exchange.
  private static final SequencedMap<String, String> EXCHANGES = exchanges();

  private final int symbols;
  private final int rounds;
  private final List<Fetched> healthy = new ArrayList<>();
  private final List<Fetched> silent = new ArrayList<>();
  private final List<Fetched> absent = new ArrayList<>();

  private FetchMain(int symbols, int rounds) {
    this.symbols = symbols;
    this.rounds = rounds;
  }

  /// @param args the file to write, and the commit measured; then how many symbols and rounds,
  ///     when not as usual
  public static void main(String[] args) throws Exception {
    if (args.length != 2 && args.length != 4) {
      System.err.println("usage: FetchMain RESULT-FILE COMMIT [SYMBOLS ROUNDS]; `benchmarks/run"
          + " fetch` does it");
      System.exit(2);
    }
    String load = ResultFile.load();
    boolean usual = args.length == 2;
    String measured = new FetchMain(
            usual ? 100 : Integer.parseInt(args[2]), usual ? 3 : Integer.parseInt(args[3]))
        .measure();
    ResultFile.write(
        Path.of(args[0]), ResultFile.conditions(args[1], load, "benchmarks/run fetch") + measured);
  }

  private static SequencedMap<String, String> exchanges() {
    SequencedMap<String, String> exchanges = new LinkedHashMap<>();
    exchanges.put("binance", "binance");
    exchanges.put("coinbase", "coinbase_exchange");
    exchanges.put("kraken", "kraken");
    exchanges.put("okx", "okx");
    exchanges.put("bybit", "bybit");
    return exchanges;
  }

  /// The first ones are traded everywhere; the others are made up. BNB is not among them: two of
  /// the simulated exchanges do not list it.
  private static List<Symbol> symbols(int count) {
    List<Symbol> symbols = new ArrayList<>();
    for (String base : List.of("BTC", "ETH", "SOL", "XRP", "DOGE", "ADA", "LTC", "AVAX")) {
      symbols.add(Symbol.of(base + "/USDT"));
    }
    for (int i = 0; symbols.size() < count; i++) {
      symbols.add(Symbol.of("C%c%c/USDT".formatted('A' + i / 26, 'A' + i % 26)));
    }
    return symbols.subList(0, count);
  }

  private String measure() throws Exception {
    List<Symbol> asked = symbols(symbols);
    SequencedMap<String, String> others = new LinkedHashMap<>(EXCHANGES);
    others.remove(SILENT);
    DataFolder folder = DataFolder.fresh("fetch-data");
    try (Venues venues = Venues.start(
        VenuesConfig.onFreePorts(InstantSource.system()).withoutLimits().withSymbols(asked))) {
      folder.make();
      warmUp(venues, asked);
      FetchRun run = new FetchRun(venues, folder, configuration(folder, asked), symbols);
      run.watch(EXCHANGES, sources(venues, ""));
      for (int round = 0; round < rounds; round++) {
        for (int turn = 0; turn < 3; turn++) {
          switch ((round + turn) % 3) {
            case 0 -> healthy.add(run.watch(EXCHANGES, sources(venues, "")));
            case 1 -> {
              venues.fault(SILENT, FaultOrder.of(FaultKind.BLACKHOLE));
              silent.add(run.watch(others, sources(venues, "")));
              venues.heal(SILENT);
            }
            default -> absent.add(run.watch(others, sources(venues, SILENT)));
          }
        }
        System.out.printf("fetch: round %d of %d%n", round + 1, rounds);
      }
    } finally {
      folder.delete();
    }
    return exchangesTable() + limitsTable() + silentTable(others);
  }

  /// Asks the venues directly, so that the hub does not meet code that has never run.
  private static void warmUp(Venues venues, List<Symbol> symbols)
      throws IOException, UnsupportedQueryException {
    Instant from = Instant.now().minus(Duration.ofMinutes(BARS));
    for (Map.Entry<String, String> exchange : EXCHANGES.entrySet()) {
      URI url = venues.baseUrl(exchange.getValue());
      PolledSource source = KnownSources.polled(exchange.getValue(), SourceSettings.of(url));
      try (Exchange connection = new Exchange(url.getPort())) {
        for (Symbol symbol : symbols) {
          Query query = new Query.Bars(symbol, Interval.M1, from, null, BARS, exchange.getKey());
          connection.get(source.request(query).path());
        }
      }
    }
  }

  private static String configuration(DataFolder folder, List<Symbol> symbols) {
    return """
        data_dir: %s
        symbols: %s
        routes: {bars: {fetch: all}}
        breaker: {slow_call: 9s}
        stream: {enabled: false}
        refresh: {every: 1d, intervals: [1m], bars: %d}
        """.formatted(folder.path(), symbols, BARS);
  }

  /// @param without one that is switched off, or nothing
  private static String sources(Venues venues, String without) {
    return venues.baseUrls().entrySet().stream()
        .map(venue -> "  %s: {base_url: \"%s\", weight_limit: 1000000, timeout: 10s, enabled: %s}\n"
            .formatted(venue.getKey(), venue.getValue(), !venue.getKey().equals(without)))
        .collect(Collectors.joining("", "sources:\n", ""));
  }

  private String exchangesTable() {
    StringBuilder text = new StringBuilder("""
        Healthy, %d starts. Seconds from the start of the hub's run, median (least-most).

        | exchange | calls for bars | requests in all | rows | last bar received, s | all stored, s |
        |---|---|---|---|---|---|
        """.formatted(healthy.size()));
    Fetched first = healthy.getFirst();
    for (Map.Entry<String, Fetched.Exchange> each : first.byExchange().entrySet()) {
      String name = each.getKey();
      text.append("| %s | %,d | %,d | %,d | %s | %s |%n"
          .formatted(
              name,
              each.getValue().calls(),
              each.getValue().requests(),
              each.getValue().rows(),
              spread(healthy, run -> of(run, name).received()),
              spread(healthy, run -> of(run, name).stored())));
    }
    text.append("| all | %,d | %,d | %,d | %s | %s |%n%n"
        .formatted(
            first.byExchange().values().stream()
                .mapToLong(Fetched.Exchange::calls)
                .sum(),
            first.byExchange().values().stream()
                .mapToLong(Fetched.Exchange::requests)
                .sum(),
            first.rows(),
            spread(
                healthy,
                run -> run.byExchange().values().stream()
                    .mapToDouble(Fetched.Exchange::received)
                    .max()
                    .orElse(0)),
            spread(healthy, run -> run.stored(EXCHANGES.keySet()))));
    text.append("""
        The run had its last answer after %s s; the database could be asked after %s s. The hub's process, the most at once: %s MiB resident, %s MiB in the heap before a collection, %s MiB after one; PostgreSQL's processes are not in it. Of the processor, from the start of the process on: the hub %s s, the database %s s, the venues %s s.

        """.formatted(
            spread(healthy, Fetched::answered),
            spread(healthy, Fetched::databaseUp),
            whole(healthy, Fetched::residentMib),
            whole(healthy, Fetched::heapFullMib),
            whole(healthy, Fetched::heapLiveMib),
            spread(healthy, run -> run.processor().hub()),
            spread(healthy, run -> run.processor().database()),
            spread(healthy, run -> run.processor().venues())));
    return text.toString();
  }

  private static Fetched.Exchange of(Fetched run, String exchange) {
    return Objects.requireNonNull(run.byExchange().get(exchange));
  }

  /// What the limits that each adapter knows by itself leave of the speed.
  private String limitsTable() throws UnsupportedQueryException {
    StringBuilder text = new StringBuilder("""
        With the venues' own limits, computed: a question reserves its weight, and the schedule may use 80 %% of a window.

        | exchange | weight of a question | allowed | questions in a window | %d symbols take at least, s |
        |---|---|---|---|---|
        """.formatted(symbols));
    for (Map.Entry<String, String> exchange : EXCHANGES.entrySet()) {
      PolledSource source = KnownSources.polled(
          exchange.getValue(),
          SourceSettings.of(KnownSources.baseUrl(exchange.getValue()).orElseThrow()));
      int weight = source.weight(
          new Query.Bars(Symbol.of("BTC/USDT"), Interval.M1, null, null, BARS, exchange.getKey()));
      Duration window = source.weightWindow();
      int inWindow = questions(source.weightPerWindow(), weight, window);
      text.append("| %s | %,d | %,d in %,d s | %,d | %,d |%n"
          .formatted(
              exchange.getKey(),
              weight,
              source.weightPerWindow(),
              window.toSeconds(),
              inWindow,
              (Math.ceilDiv(symbols, inWindow) - 1) * window.toSeconds()));
    }
    return text.append('\n').toString();
  }

  /// How many the budget itself lets the schedule ask at once.
  private static int questions(int limit, int weight, Duration window) {
    WeightBudget budget = new WeightBudget(limit, window.toNanos());
    int count = 0;
    while (budget.tryTake(weight, Priority.REFRESH, 0)) {
      count++;
    }
    return count;
  }

  private String silentTable(SequencedMap<String, String> others) {
    ToDoubleFunction<Fetched> stored = run -> run.stored(others.keySet());
    StringBuilder text = new StringBuilder("""
        %s takes every request and answers none, beside runs in which it is well, and in which it is switched off: until the bars of the other four were all stored.

        | round | well, s | silent, s | switched off, s | silent / well | silent / switched off |
        |---|---|---|---|---|---|
        """.formatted(SILENT));
    for (int i = 0; i < rounds; i++) {
      text.append(ratios(
          Integer.toString(i + 1),
          stored.applyAsDouble(healthy.get(i)),
          stored.applyAsDouble(silent.get(i)),
          stored.applyAsDouble(absent.get(i))));
    }
    text.append(
        ratios("median", median(healthy, stored), median(silent, stored), median(absent, stored)));
    return text.append("%nThe run with the silent one had its last answer after %s s.%n"
            .formatted(spread(silent, Fetched::answered)))
        .toString();
  }

  private static String ratios(String name, double well, double silent, double off) {
    return String.format(
        Locale.ROOT,
        "| %s | %.2f | %.2f | %.2f | %.2f | %.2f |%n",
        name,
        well,
        silent,
        off,
        silent / well,
        silent / off);
  }

  private static String spread(List<Fetched> runs, ToDoubleFunction<Fetched> value) {
    double[] sorted = sorted(runs, value);
    return String.format(
        Locale.ROOT, "%.2f (%.2f-%.2f)", median(runs, value), sorted[0], sorted[sorted.length - 1]);
  }

  private static String whole(List<Fetched> runs, ToDoubleFunction<Fetched> value) {
    double[] sorted = sorted(runs, value);
    return String.format(
        Locale.ROOT, "%.0f (%.0f-%.0f)", median(runs, value), sorted[0], sorted[sorted.length - 1]);
  }

  private static double median(List<Fetched> runs, ToDoubleFunction<Fetched> value) {
    double[] sorted = sorted(runs, value);
    return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
  }

  private static double[] sorted(List<Fetched> runs, ToDoubleFunction<Fetched> value) {
    double[] sorted = runs.stream().mapToDouble(value).toArray();
    Arrays.sort(sorted);
    return sorted;
  }
}
