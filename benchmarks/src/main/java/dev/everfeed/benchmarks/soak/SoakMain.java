package dev.everfeed.benchmarks.soak;

import dev.everfeed.benchmarks.load.DataFolder;
import dev.everfeed.benchmarks.load.HubProcess;
import dev.everfeed.benchmarks.load.ResultFile;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.simulator.venue.Servers;
import dev.everfeed.simulator.venue.Venues;
import dev.everfeed.simulator.venue.VenuesConfig;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/// A hub as the demo has it lives among faults and readers who come and go, and may neither lose
/// a message nor grow. Ends with 1 and says what was wrong when it does. Writes the measured part
/// of `results/soak.md` when it has run for so long as that page is about.
public final class SoakMain {
  private static final int MINUTES = 30;
  private static final int FEWEST_MINUTES = 2;

  /// A shorter run says nothing of hours, and is not written down.
  private static final int TOLD_MINUTES = 12;

  private static final long SEED = 20_261_123;
  private static final int LOOKS = 150;
  private static final double LOOK_SECONDS_MIN = 4;
  private static final double WARM_UP_SECONDS_MAX = 300;
  private static final int STORE_WITHIN_SECONDS = 120;
  private static final int SETTLES_SECONDS = 30;

  /// The heap is resident from the start: what is touched of it for the first time by a burst is
  /// no growth, and what is in use of it is judged apart.
  private static final String JVM = "-XX:NativeMemoryTracking=summary -Xms512m -XX:+AlwaysPreTouch";

  private static final List<String> LINES = List.of("binance", "binance_2", "binance_3");
  private static final Path TARGET = Path.of("benchmarks/target");
  private static final List<String> SYMBOLS =
      List.of("BTC/USDT", "ETH/USDT", "SOL/USDT", "BNB/USDT");
  private static final Map<String, Integer> PER_SECOND = Map.of("BTC/USDT", 100, "ETH/USDT", 50);

  private SoakMain() {}

  /// @param args the file to write, the commit measured, and `--minutes N`, `--seed N`
  public static void main(String[] args) throws Exception {
    int minutes = MINUTES;
    long seed = SEED;
    for (int i = 2; i + 1 < args.length; i += 2) {
      switch (args[i]) {
        case "--minutes" -> minutes = Integer.parseInt(args[i + 1]);
        case "--seed" -> seed = Long.parseLong(args[i + 1]);
        default -> usage();
      }
    }
    if (args.length < 2 || args.length % 2 != 0 || minutes < FEWEST_MINUTES) {
      usage();
    }
    String load = ResultFile.load();
    Soaked soaked = soak(minutes, seed);
    String measured = soaked.text;
    if (minutes >= TOLD_MINUTES) {
      ResultFile.write(
          Path.of(args[0]), ResultFile.conditions(args[1], load, "benchmarks/run soak") + measured);
    } else {
      System.out.println(measured);
    }
    soaked.wrong.forEach(what -> System.err.println("soak: " + what));
    System.exit(soaked.wrong.isEmpty() ? 0 : 1);
  }

  private static void usage() {
    System.err.println(
        "usage: SoakMain RESULT-FILE COMMIT [--minutes N (2 or more)] [--seed N]; `benchmarks/run soak` does it");
    System.exit(2);
  }

  private record Soaked(String text, List<String> wrong) {}

  private static Soaked soak(int minutes, long seed) throws Exception {
    DataFolder data = DataFolder.fresh("soak-data");
    Map<String, String> lines = new LinkedHashMap<>();
    LINES.stream().skip(1).forEach(line -> lines.put(line, "binance"));
    VenuesConfig config = VenuesConfig.onFreePorts(InstantSource.system())
        .withSeed(seed)
        .withServers(new Servers(VenuesConfig.VENUES, lines));
    for (Map.Entry<String, Integer> symbol : PER_SECOND.entrySet()) {
      config = config.withTradesPerSecond(Symbol.of(symbol.getKey()), symbol.getValue());
    }
    try (Venues venues = Venues.start(config);
        HubProcess hub = new HubProcess("soak", configuration(venues, data), JVM);
        HttpClient client = HttpClient.newHttpClient()) {
      hub.until("/health/ready", answer -> answer.code() == 200);
      awaitStore(hub);
      try {
        return soak(venues, hub, client, minutes, seed);
      } finally {
        client.shutdownNow();
      }
    } finally {
      data.delete();
    }
  }

  /// Its database is made first, which takes a while on a busy machine.
  private static void awaitStore(HubProcess hub) throws IOException, InterruptedException {
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(STORE_WITHIN_SECONDS);
    while (!hub.json("/health").path("store").path("state").asText().equals("up")) {
      if (System.nanoTime() > until) {
        throw hub.failed("its database is not up after %d s".formatted(STORE_WITHIN_SECONDS));
      }
      TimeUnit.MILLISECONDS.sleep(250);
    }
  }

  private static Soaked soak(
      Venues venues, HubProcess hub, HttpClient client, int minutes, long seed) throws Exception {
    long began = System.nanoTime();
    long until = began + TimeUnit.MINUTES.toNanos(minutes);
    var proof = new Proof();
    var vitals = new Vitals(hub.footprint().process().pid());
    var faults = new Faults(
        venues,
        LINES,
        VenuesConfig.VENUES.stream().filter(venue -> !LINES.contains(venue)).toList(),
        new SplittableRandom(seed));
    var comers = new Comers(client, hub.port(), seed);
    List<String> wrong = new ArrayList<>();
    ExecutorService threads =
        Executors.newCachedThreadPool(Thread.ofPlatform().daemon().factory());
    try (Reader reader = new Reader(client, hub.port(), proof, Long.MAX_VALUE)) {
      reader.say(
          "{\"op\":\"subscribe\",\"id\":1,\"channels\":[\"trade\",\"quote\",\"event\"],\"symbols\":[\"%s\"]}"
              .formatted(String.join("\",\"", SYMBOLS)));
      List<Future<?>> running = new ArrayList<>();
      running.add(threads.submit(() -> {
        faults.run(until);
        return null;
      }));
      running.add(threads.submit(() -> {
        comers.run(until);
        return null;
      }));
      running.add(threads.submit(() -> {
        comers.ask(until);
        return null;
      }));
      double every = Math.max(LOOK_SECONDS_MIN, minutes * 60.0 / LOOKS);
      for (int look = 1; System.nanoTime() < until; look++) {
        long at = began + (long) (look * every * 1e9);
        TimeUnit.NANOSECONDS.sleep(Math.max(0, Math.min(at, until) - System.nanoTime()));
        vitals.look((System.nanoTime() - began) / 1e9);
        if (look % 15 == 0) {
          System.out.printf(
              Locale.ROOT,
              "soak: %.0f of %d s, %s, %s%n",
              (System.nanoTime() - began) / 1e9,
              minutes * 60,
              vitals.last(),
              proof.sums());
        }
        for (Future<?> one : running) {
          if (one.state() == Future.State.FAILED) {
            IOException early = hub.failed("the soak ended early: " + one.exceptionNow());
            early.initCause(one.exceptionNow());
            throw early;
          }
        }
      }
      for (Future<?> one : running) {
        one.get();
      }
      Map<String, Long> before = proof.ticks();
      Set<String> silent = silent(before, proof.ticks());
      for (int second = 0; second < SETTLES_SECONDS && !silent.isEmpty(); second++) {
        TimeUnit.SECONDS.sleep(1);
        silent = silent(before, proof.ticks());
      }
      if (!silent.isEmpty()) {
        wrong.add("nothing came of %s in the %d s after the last fault"
            .formatted(silent, SETTLES_SECONDS));
      }
      String ended = reader.ended();
      if (ended != null) {
        wrong.add("the reader who stays was " + ended);
      }
    } finally {
      threads.shutdownNow(); // also when the hub is gone, and nobody waits for the end
      vitals.writeDown(TARGET.resolve("soak-vitals.csv"));
      Files.write(TARGET.resolve("soak-faults.txt"), faults.told());
    }
    double warmUp = Math.min(WARM_UP_SECONDS_MAX, minutes * 60 / 3.0);
    List<Vitals.Judged> judged = vitals.judge(warmUp);
    findings(proof, comers, judged, wrong);
    long allowed = Proof.mayBeLost(proof.sums().trades(), minutes * 60.0, faults.allShut());
    if (proof.sums().lost() > allowed) {
      wrong.add(
          "%,d trades declared lost; %,d are allowed, which come while all lines are shut (%d times)"
              .formatted(proof.sums().lost(), allowed, faults.allShut()));
    }
    return new Soaked(
        report(minutes, seed, hub, proof, faults, comers, vitals, judged, warmUp), wrong);
  }

  private static Set<String> silent(Map<String, Long> before, Map<String, Long> after) {
    Set<String> silent = new TreeSet<>(before.keySet());
    silent.removeIf(stream -> !Objects.equals(before.get(stream), after.get(stream)));
    return silent;
  }

  private static void findings(
      Proof proof, Comers comers, List<Vitals.Judged> judged, List<String> wrong) {
    Proof.Sums sums = proof.sums();
    if (sums.wrong() > 0) {
      wrong.add("the reader who stays: " + sums);
      wrong.addAll(proof.evidence());
    }
    if (comers.wrongAnswers() > 0 || !comers.evidence().isEmpty()) {
      wrong.add("those who come and go: %d wrong answers".formatted(comers.wrongAnswers()));
      wrong.addAll(comers.evidence());
    }
    judged.stream()
        .filter(Vitals.Judged::grows)
        .forEach(it -> wrong.add(String.format(
            Locale.ROOT,
            "%s grows: by %.1f %s an hour, with 97.5 %% not less than %.1f, where %.1f is allowed; benchmarks/target/soak-vitals.csv has the figures",
            it.name(),
            it.slopeAnHour(),
            it.unit(),
            it.lowestAnHour(),
            it.allowedAnHour())));
  }

  private static String report(
      int minutes,
      long seed,
      HubProcess hub,
      Proof proof,
      Faults faults,
      Comers comers,
      Vitals vitals,
      List<Vitals.Judged> judged,
      double warmUp)
      throws IOException {
    Proof.Sums sums = proof.sums();
    return String.format(
            Locale.ROOT,
            """
            **%d minutes, seed %d, %d faults of %d kinds (%d times all lines at once; %d orders of faults were not confirmed within 10 s).** The reader who stays had %,d messages, of them %,d trades, over %,d changes of source: lost and declared %d; missing without a word, doubled, out of order: %d; holes in `seq`: %d; told that it lagged: %d.
            %,d readers came and went (%,d resumed, %,d took nothing any more and were let go); %,d questions over HTTP, %,d of them answered by 404 or 503 while nobody had an answer, %d answered wrongly, %d not within 10 s, the slowest after %.0f ms (`%s`). The hub took %.2f of a core.

            """,
            minutes,
            seed,
            faults.count(),
            faults.kinds(),
            faults.allShut(),
            faults.notKnown(),
            sums.messages(),
            sums.trades(),
            sums.moves(),
            sums.lost(),
            sums.missing() + sums.doubled(),
            sums.holes(),
            sums.lagged(),
            comers.came(),
            comers.resumed(),
            comers.stopped(),
            comers.asked(),
            comers.unavailable(),
            comers.wrongAnswers(),
            comers.unanswered(),
            comers.slowestMillis(),
            comers.slowest(),
            hub.cpuSeconds() / (minutes * 60.0))
        + Vitals.heads(minutes - warmUp / 60)
        + judged.stream().map(Vitals.Judged::row).collect(Collectors.joining())
        + String.format(
            Locale.ROOT, "%n%d looks; the first %.0f s are warm-up.%n", vitals.count(), warmUp);
  }

  /// That of `./everfeed demo`, but for a market with more trades.
  private static String configuration(Venues venues, DataFolder data) {
    return """
        data_dir: %s
        symbols: [%s]
        sources:
        %s
        stream:
          build: [1s]
          zeromq: {enabled: false}
          gateways:
        %s
            coinbase_exchange: {standby: hot}
            kraken: {standby: warm}
            okx: {standby: cold}
            bybit: {standby: cold}
          failover: {cooldown: 5s, fail_back_after: 5s, probation: 2s, canary_after: 15s}
          readers: {stuck_after: 5s}
        breaker: {open: 4s, open_max: 15s}
        routes:
          prices: {stale_after: 15s}
          bars: {fetch: primary, fresh_for: 2s, stale_while_revalidate: 0s}
        refresh: {every: 2s, intervals: [1m, 1h], bars: 200, bars_every: 20s, trades_every: 20s, sentiment_every: 30s}
        """.formatted(
            data.path(),
            String.join(", ", SYMBOLS),
            VenuesConfig.VENUES.stream()
                .map(venue -> "  %s: {base_url: \"%s\"%s}"
                    .formatted(
                        venue,
                        venues.baseUrl(venue),
                        venue.startsWith("coinbase") ? ", weight_limit: 10" : ""))
                .collect(Collectors.joining("\n")),
            LINES.stream()
                .map(line -> "    %s: {source: binance, stream_url: \"%s\", standby: hot}"
                    .formatted(line, venues.baseUrl(line).toString().replaceFirst("^http", "ws")))
                .collect(Collectors.joining("\n")));
  }
}
