package dev.everfeed.benchmarks.kills;

import com.fasterxml.jackson.databind.JsonNode;
import dev.everfeed.benchmarks.load.HubProcess;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.simulator.venue.Venues;
import dev.everfeed.simulator.venue.VenuesConfig;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/// Lines of one venue, each in a process of its own, a hub in another, and a reader. What the
/// hub asks over REST is answered here, by the same market, and is never hit.
final class Site implements AutoCloseable {
  private static final long UP_WITHIN_NANOS = 60_000_000_000L;
  private static final long LATEST_MILLIS = 1_000;

  private final String name;
  private final List<LineProcess> lines = new ArrayList<>();
  private final Venues venues;
  private final HubProcess hub;
  private final Witness witness;
  private final long begunNanos;
  private final double cpuAtBegin;

  /// What one is made of.
  ///
  /// @param perSecond trades in an average second, by symbol; 0 for the simulator's steady few
  /// @param standby   of all lines
  /// @param failover  settings
  record Plan(
      String name,
      int lines,
      long seed,
      Map<String, Integer> perSecond,
      String standby,
      String failover) {
    List<String> symbols() {
      return List.copyOf(perSecond.keySet());
    }
  }

  /// A line as the hub shows it.
  record Shown(boolean healthy, boolean delivers, int active, String state) {}

  /// Returns when all lines are healthy and the reader is subscribed.
  Site(Plan plan, Consumer<Witness.Trade> onTrade) throws IOException, InterruptedException {
    name = plan.name;
    VenuesConfig config = VenuesConfig.onFreePorts(InstantSource.system())
        .withoutLimits()
        .withSeed(plan.seed)
        .withSymbols(plan.symbols().stream().map(Symbol::of).toList());
    List<String> arguments =
        new ArrayList<>(List.of("--seed", Long.toString(plan.seed), "--no-limits"));
    for (Map.Entry<String, Integer> symbol : plan.perSecond.entrySet()) {
      boolean usual = symbol.getValue() == 0;
      arguments.addAll(
          List.of("--symbol", symbol.getKey() + (usual ? "" : "=" + symbol.getValue())));
      config = usual
          ? config
          : config.withTradesPerSecond(Symbol.of(symbol.getKey()), symbol.getValue());
    }
    venues = Venues.start(config);
    HubProcess started = null;
    try {
      for (int i = 1; i <= plan.lines; i++) {
        List<String> own = new ArrayList<>(arguments);
        String line = i == 1 ? "binance" : "binance_" + i;
        own.addAll(i == 1 ? List.of("--venue", line) : List.of("--line", line + "=binance"));
        lines.add(new LineProcess(line, own));
      }
      started = new HubProcess(name, configuration(plan), "");
      hub = started;
      hub.until("/health/live", answer -> answer.code() == 200);
      awaitHealthy();
      witness = new Witness(hub.port(), plan.symbols(), onTrade);
    } catch (IOException | InterruptedException | RuntimeException e) {
      if (started != null) {
        started.close();
      }
      lines.forEach(LineProcess::close);
      venues.close();
      throw e;
    }
    begunNanos = System.nanoTime();
    cpuAtBegin = hub.cpuSeconds();
  }

  private String configuration(Plan plan) {
    return """
        data_dir: benchmarks/target/%s-data
        store: {enabled: false}
        symbols: [%s]
        stream:
          channels: [trade]
          zeromq: {enabled: false}
          gateways:
        %s
          failover: {%s}
        sources:
        %srefresh: {every: 1d, intervals: []}
        """.formatted(
        name,
        String.join(", ", plan.symbols()),
        lines.stream()
            .map(line -> "    %s: {source: binance, stream_url: \"%s\", standby: %s}"
                .formatted(line.name(), line.streamUrl(), plan.standby))
            .collect(Collectors.joining("\n")),
        plan.failover,
        venues.baseUrls().entrySet().stream()
            .map(venue -> "  %s: {base_url: \"%s\"}\n".formatted(venue.getKey(), venue.getValue()))
            .collect(Collectors.joining()));
  }

  /// By name, in the order of the configuration.
  Map<String, Shown> shown() throws IOException {
    Map<String, Shown> all = new LinkedHashMap<>();
    for (JsonNode gateway : hub.json("/v1/gateways").get("gateways")) {
      if (gateway.get("transport").asText().equals("stream")) {
        String state = gateway.get("state").asText();
        JsonNode stream = gateway.get("stream");
        JsonNode age = stream.path("last_message_age_ms");
        all.put(
            gateway.get("id").asText(),
            new Shown(
                state.equals("HEALTHY"),
                age.isNumber() && age.asLong() < LATEST_MILLIS,
                stream.get("active_contracts").asInt(),
                state + ": " + gateway.path("reason").asText()));
      }
    }
    return all;
  }

  /// The one that the most contracts are at.
  static String active(Map<String, Shown> shown) {
    return shown.entrySet().stream()
        .max((a, b) -> Integer.compare(a.getValue().active, b.getValue().active))
        .orElseThrow()
        .getKey();
  }

  void awaitHealthy() throws IOException, InterruptedException {
    long until = System.nanoTime() + UP_WITHIN_NANOS;
    Map<String, Shown> shown = shown();
    while (shown.size() < lines.size()
        || !shown.values().stream().allMatch(line -> line.healthy && line.delivers)) {
      if (System.nanoTime() > until) {
        throw hub.failed(name + ": not all lines are healthy after 60 s: " + shown);
      }
      TimeUnit.MILLISECONDS.sleep(50);
      shown = shown();
    }
  }

  String name() {
    return name;
  }

  List<LineProcess> lines() {
    return lines;
  }

  LineProcess line(String id) {
    return lines.stream().filter(line -> line.name().equals(id)).findFirst().orElseThrow();
  }

  Witness witness() {
    return witness;
  }

  HubProcess hub() {
    return hub;
  }

  /// The hub's share of a core since all were healthy.
  double share() {
    return (hub.cpuSeconds() - cpuAtBegin) / ((System.nanoTime() - begunNanos) / 1e9);
  }

  @Override
  public void close() throws IOException {
    witness.close();
    try {
      hub.close();
    } finally {
      lines.forEach(LineProcess::close);
      venues.close();
    }
  }
}
