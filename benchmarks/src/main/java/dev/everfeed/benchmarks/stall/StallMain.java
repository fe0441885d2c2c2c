package dev.everfeed.benchmarks.stall;

import dev.everfeed.benchmarks.load.ResultFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.random.RandomGenerator;

/// Compares ways to notice a silent stream on simulated markets and recorded sessions (GOALS G1)
/// and writes the measured part of `results/stall.md`. Equal seeds give equal tables; nothing
/// depends on the machine but the time it takes.
public final class StallMain {
  private static final long SECOND = 1_000_000_000;
  private static final int HOUR_SECONDS = 3_600;
  private static final int[] SEEDS = {7, 21};
  private static final int REPLICAS = 2;
  private static final int DRILLS = 10;

  private StallMain() {}

  /// @param rate events a second of the market
  /// @param kept the part of them that each line has; it is the first that stalls
  private record Setting(
      String title, double rate, List<Double> kept, int hours, int stallMostSeconds) {

    double[] parts() {
      return kept.stream().mapToDouble(Double::doubleValue).toArray();
    }
  }

  private static final List<Double> LINES = List.of(0.95, 0.95, 0.95);

  private static final List<Setting> SETTINGS = List.of(
      new Setting("Lines of one venue, about 39 events a second", 41, LINES, 24, 300),
      new Setting("Lines of one venue, about 300 events a second", 316, LINES, 4, 300),
      new Setting("Lines of one venue, about 1.8 events a second", 1.9, LINES, 240, 1_200),
      new Setting(
          "Three venues, about 39 events a second on each", 78, List.of(0.5, 0.5, 0.5), 8, 300),
      new Setting(
          "Five venues, about 39, 27, 20, 12 and 8 events a second",
          78,
          List.of(0.5, 0.35, 0.25, 0.15, 0.1),
          8,
          300),
      new Setting(
          "Five venues, the one that stalls about 8 events a second",
          78,
          List.of(0.1, 0.5, 0.35, 0.25, 0.15),
          8,
          300));

  /// @param args the file to write, and the commit measured
  public static void main(String[] args)
      throws IOException, InterruptedException, ExecutionException {
    if (args.length != 2) {
      System.err.println("usage: StallMain RESULT-FILE COMMIT; `benchmarks/run stall` does it");
      System.exit(2);
    }
    String load = ResultFile.load();
    StringBuilder text = new StringBuilder();
    try (ExecutorService threads = Executors.newFixedThreadPool(SEEDS.length)) {
      for (Setting setting : SETTINGS) {
        text.append(simulated(setting, threads));
      }
      text.append(drills());
      text.append(choice(SETTINGS.getFirst(), threads));
      text.append(choice(SETTINGS.get(1), threads));
      text.append(recorded());
      text.append(EventCost.measured());
    }
    ResultFile.write(
        Path.of(args[0]), ResultFile.conditions(args[1], load, "benchmarks/run stall") + text);
  }

  private static String simulated(Setting setting, ExecutorService threads)
      throws InterruptedException, ExecutionException {
    List<Contender> contenders = Contender.all(setting.kept.size() - 1);
    List<Trial.Record> records = run(setting, contenders, threads);
    StringBuilder text = new StringBuilder("### %s%n%n".formatted(setting.title));
    text.append(head("detector", records, setting.hours * SEEDS.length));
    for (int i = 0; i < contenders.size(); i++) {
      text.append(row(
          contenders.get(i).name(),
          records.get(i),
          setting.hours * SEEDS.length / 24.0,
          setting.stallMostSeconds));
    }
    return text.append('\n').toString();
  }

  private static String choice(Setting setting, ExecutorService threads)
      throws InterruptedException, ExecutionException {
    List<Contender> contenders = Contender.policies();
    List<Trial.Record> records = run(setting, contenders, threads);
    StringBuilder text = new StringBuilder(
        "### Settings of PeerClock with 2 peers: %s%n%n".formatted(setting.title));
    text.append(head("conviction | lag at first | at most", records, setting.hours * SEEDS.length)
        .replaceFirst("[|]---[|]", "|---|---|---|"));
    for (int i = 0; i < contenders.size(); i++) {
      text.append(row(
          contenders.get(i).name(),
          records.get(i),
          setting.hours * SEEDS.length / 24.0,
          setting.stallMostSeconds));
    }
    return text.append('\n').toString();
  }

  private static List<Trial.Record> run(
      Setting setting, List<Contender> contenders, ExecutorService threads)
      throws InterruptedException, ExecutionException {
    List<Future<List<Trial.Record>>> runs = new ArrayList<>();
    for (int seed : SEEDS) {
      runs.add(threads.submit(() -> {
        RandomGenerator random = new SplittableRandom(seed);
        EventTimes market = new Market(setting.rate, new SplittableRandom(random.nextLong()));
        Trial trial = new Trial(market, contenders, REPLICAS, setting.stallMostSeconds, random);
        Lines lines =
            new Lines(market, setting.parts(), true, new SplittableRandom(random.nextLong()));
        read(lines, trial, 0, setting.hours * HOUR_SECONDS);
        return trial.records();
      }));
    }
    List<Trial.Record> sum = contenders.stream().map(_ -> new Trial.Record()).toList();
    for (Future<List<Trial.Record>> each : runs) {
      List<Trial.Record> records = each.get();
      for (int i = 0; i < sum.size(); i++) {
        sum.get(i).add(records.get(i));
      }
    }
    return sum;
  }

  private static void read(Lines lines, Trial trial, int fromSeconds, int untilSeconds) {
    for (int second = fromSeconds + 1; second <= untilSeconds; second++) {
      lines.read(second * SECOND, trial);
    }
  }

  /// A halt of ten hours, and a pause of ours of ten seconds, after half an hour of market.
  private static String drills() {
    List<Contender> contenders = Contender.all();
    int[] halts = new int[contenders.size()];
    int[] pauses = new int[contenders.size()];
    int begin = HOUR_SECONDS / 2;
    for (int seed = 1; seed <= DRILLS; seed++) {
      for (boolean halt : new boolean[] {true, false}) {
        EventTimes market = new Market(41, new SplittableRandom(seed));
        EventTimes times = halt ? new Halted(market, begin * SECOND) : market;
        Trial trial =
            new Trial(times, contenders, 0, HOUR_SECONDS, new SplittableRandom(seed + 100));
        Lines lines = new Lines(
            times, new double[] {0.95, 0.95, 0.95}, false, new SplittableRandom(seed + 200));
        read(lines, trial, 0, begin - 1);
        int[] before =
            trial.records().stream().mapToInt(each -> each.falseConvictions).toArray();
        if (halt) {
          read(lines, trial, begin - 1, begin + 10 * HOUR_SECONDS + 600);
        } else {
          lines.standStillAt(begin * SECOND, 10 * SECOND);
          read(lines, trial, begin - 1, begin + 60);
        }
        for (int i = 0; i < before.length; i++) {
          int more = trial.records().get(i).falseConvictions - before[i];
          (halt ? halts : pauses)[i] += more;
        }
      }
    }
    StringBuilder text = new StringBuilder("""
        ### Halts and pauses

        %d halts of 10 h of the whole market, and 10 minutes after each; %d pauses of 10 s of this process, and a minute \
        after each, all feeds healthy; about 39 events a second.

        | detector | convictions in and after halts | around pauses |
        |---|---|---|
        """.formatted(DRILLS, DRILLS));
    for (int i = 0; i < halts.length; i++) {
      text.append("| %s | %d | %d |%n".formatted(contenders.get(i).name(), halts[i], pauses[i]));
    }
    return text.append('\n').toString();
  }

  /// A market that does not trade for ten hours.
  private record Halted(EventTimes market, long fromNanos) implements EventTimes {
    @Override
    public long next() {
      long at = market.next();
      return at < fromNanos ? at : at + 10L * HOUR_SECONDS * SECOND;
    }

    @Override
    public boolean hasHaltedSince(long nanos) {
      return false;
    }
  }

  private static String recorded() throws IOException {
    List<Contender> contenders = Contender.all();
    StringBuilder text = new StringBuilder("### Recorded sessions\n\n");
    text.append(
        "| recording | events | s | detector | false convictions a day | p50, s | p90 | p99 |\n");
    text.append("|---|---|---|---|---|---|---|---|\n");
    for (Recording.Source source : Recording.SOURCES) {
      if (!Recording.isThere(source)) {
        text.append("| %s | skipped: not there | | | | | | |%n".formatted(source.title()));
        continue;
      }
      Recording recording = Recording.of(source);
      int hours = 6;
      Trial trial = new Trial(recording, contenders, REPLICAS, 600, new SplittableRandom(7));
      Lines lines =
          new Lines(recording, new double[] {0.95, 0.95, 0.95}, true, new SplittableRandom(8));
      read(lines, trial, 0, hours * HOUR_SECONDS);
      for (int i : new int[] {1, 3, 8, 10}) {
        Trial.Record record = trial.records().get(i);
        text.append(String.format(
            Locale.ROOT,
            "| %s | %d | %.0f | %s | %s | %s |%n",
            source.title(),
            recording.events(),
            recording.seconds(),
            contenders.get(i).name(),
            aDay(record.falseConvictions, hours / 24.0),
            delays(record, 600)));
      }
    }
    return text.append('\n').toString();
  }

  private static String head(String first, List<Trial.Record> records, int hours) {
    int stalls =
        records.stream().mapToInt(each -> each.delaySeconds.size()).max().orElse(0);
    return """
        %d h of market (%d seeds), %,d stalls. Delay from the first missed event; busy: a line had 35 events a second or \
        more, over about a minute, when the stall began.

        | %s | false convictions a day | lasting, s (median) | delay p50, s | p90 | p99 | busy: p50 | p99 |
        |---|---|---|---|---|---|---|---|
        """.formatted(hours, SEEDS.length, stalls, first);
  }

  private static String row(String name, Trial.Record record, double days, int most) {
    return String.format(
        Locale.ROOT,
        "| %s | %s | %s | %s | %s | %s |%n",
        name,
        aDay(record.falseConvictions, days),
        seconds(quantile(record.mistakeSeconds, 0.5), most),
        delays(record, most),
        seconds(quantile(record.busyDelaySeconds, 0.5), most),
        seconds(quantile(record.busyDelaySeconds, 0.99), most));
  }

  private static String aDay(int count, double days) {
    return count == 0 ? "0" : String.format(Locale.ROOT, "%.1f", count / days);
  }

  private static String delays(Trial.Record record, int most) {
    List<Double> delays = record.delaySeconds;
    return seconds(quantile(delays, 0.5), most)
        + " | "
        + seconds(quantile(delays, 0.9), most)
        + " | "
        + seconds(quantile(delays, 0.99), most);
  }

  private static String seconds(double seconds, int most) {
    if (Double.isNaN(seconds)) {
      return "-";
    }
    if (Double.isInfinite(seconds)) {
      return "> " + most;
    }
    return String.format(Locale.ROOT, seconds < 10 ? "%.2f" : "%.0f", seconds);
  }

  private static double quantile(List<Double> values, double part) {
    if (values.isEmpty()) {
      return Double.NaN;
    }
    List<Double> sorted = new ArrayList<>(values);
    Collections.sort(sorted);
    return sorted.get((int) Math.min(sorted.size() - 1L, Math.round(part * sorted.size())));
  }
}
