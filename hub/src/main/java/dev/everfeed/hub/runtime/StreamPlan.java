package dev.everfeed.hub.runtime;

import dev.everfeed.core.arbitrate.Identity;
import dev.everfeed.core.engine.ControlPolicy;
import dev.everfeed.core.engine.EnginePlan;
import dev.everfeed.core.engine.FailoverPolicy;
import dev.everfeed.core.engine.GatewayPlan;
import dev.everfeed.core.engine.GatewayPlan.Standby;
import dev.everfeed.core.engine.Offer;
import dev.everfeed.core.model.Channel;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Proof;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Stream;
import dev.everfeed.core.model.Streams;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.hub.config.FailoverSettings;
import dev.everfeed.hub.config.GatewaySettings;
import dev.everfeed.hub.config.Settings;
import dev.everfeed.hub.config.StreamSettings;
import dev.everfeed.hub.publish.Gateway;
import dev.everfeed.hub.source.KnownSources;
import dev.everfeed.hub.source.StreamRules;
import dev.everfeed.hub.source.StreamSource;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What is streamed, from where, and when it moves.
///
/// @param streams  everything that venues give, whoever can
/// @param built    intervals of the bars that are built from their trades
/// @param gateways by number; they come and go
/// @param engine   what the engine is made for: its contracts are the symbols, in the order of
///     their first stream
/// @param control  when contracts move
/// @param refills  whether trades that did not come are asked for
record StreamPlan(
    Streams streams,
    List<Interval> built,
    Places gateways,
    List<Symbol> contracts,
    EnginePlan engine,
    ControlPolicy control,
    boolean refills) {

  /// One of the gateways.
  ///
  /// @param url    of the venue's WebSocket server, `ws` or `wss`; the source's path comes
  ///     behind
  /// @param policy of the symbols of which it is the best gateway; null where nothing is set
  record Line(
      Gateway gateway,
      StreamSource source,
      URI url,
      GatewayPlan plan,
      FailoverSettings.@Nullable Policy policy) {

    String id() {
      return gateway.id();
    }
  }

  /// As configured: every channel and interval of every symbol, from every gateway that is to be
  /// listened to.
  static StreamPlan of(Settings settings) {
    StreamSettings wanted = settings.stream();
    List<Stream> streams = new ArrayList<>();
    for (Symbol symbol : settings.symbols()) {
      for (Channel channel : wanted.channels()) {
        switch (channel) {
          case TRADE -> streams.add(Stream.trades(symbol));
          case QUOTE -> streams.add(Stream.quotes(symbol));
          case BAR ->
            wanted.intervals().forEach(interval -> streams.add(Stream.bars(symbol, interval)));
        }
      }
    }
    FailoverSettings failover = wanted.failover();
    List<Line> lines = lines(settings);
    List<Symbol> canaries = failover.canaries().isEmpty()
        ? List.of(settings.symbols().getFirst())
        : failover.canaries();
    return of(
            new Streams(streams),
            lines,
            symbol -> policyOf(symbol, failover, lines),
            canaries,
            controlPolicy(failover),
            true,
            wanted.moreGateways())
        .building(wanted.build());
  }

  /// With bars that are built from trades, but for those that come anyway.
  StreamPlan building(List<Interval> intervals) {
    List<Interval> lacking = intervals.stream()
        .distinct()
        .filter(
            interval -> streams.all().stream().noneMatch(stream -> stream.interval() == interval))
        .toList();
    return new StreamPlan(streams, lacking, gateways, contracts, engine, control, refills);
  }

  /// What venues give, by the same numbers, and behind it what is built.
  Streams published() {
    List<Stream> all = new ArrayList<>(streams.all());
    for (Symbol symbol : traded()) {
      built.forEach(interval -> all.add(Stream.bars(symbol, interval)));
    }
    return new Streams(all);
  }

  /// The symbols whose trades are published, in the order of their streams.
  List<Symbol> traded() {
    return streams.all().stream()
        .filter(stream -> stream.channel() == Channel.TRADE)
        .map(Stream::symbol)
        .toList();
  }

  /// One gateway, which nothing fails over from, and nothing is asked again.
  static StreamPlan of(Streams streams, Line line) {
    return of(
        streams,
        List.of(line),
        _ -> FailoverPolicy.IMMEDIATE,
        List.of(),
        ControlPolicy.USUAL,
        false,
        0);
  }

  private interface Policies {
    FailoverPolicy of(Symbol symbol);
  }

  private static StreamPlan of(
      Streams streams,
      List<Line> lines,
      Policies policyOf,
      List<Symbol> canarySymbols,
      ControlPolicy control,
      boolean refills,
      int more) {
    int room = Math.clamp(more, 0, Long.SIZE - lines.size());
    Places gateways = new Places(lines, room);
    Map<Symbol, List<Integer>> bySymbol = new LinkedHashMap<>();
    BitSet canaries = new BitSet();
    for (int i = 0; i < streams.size(); i++) {
      Stream stream = streams.stream(i);
      bySymbol.computeIfAbsent(stream.symbol(), _ -> new ArrayList<>()).add(i);
      canaries.set(i, canarySymbols.contains(stream.symbol()) && stream.channel() != Channel.BAR);
    }
    List<int[]> contracts = new ArrayList<>();
    List<FailoverPolicy> policies = new ArrayList<>();
    bySymbol.forEach((symbol, own) -> {
      contracts.add(own.stream().mapToInt(Integer::intValue).toArray());
      policies.add(policyOf.of(symbol));
    });
    EnginePlan engine = new EnginePlan(
        lines.stream().map(Line::plan).toList(),
        contracts,
        policies,
        canaries,
        new Offers(streams, gateways, refills),
        streams.all().stream().map(Stream::channel).toList(),
        gateways.count());
    return new StreamPlan(
        streams, List.of(), gateways, List.copyOf(bySymbol.keySet()), engine, control, refills);
  }

  /// What the sources of the gateways say of themselves.
  private record Offers(Streams streams, Places lines, boolean asks) implements Offer {
    @Override
    public boolean offers(int gateway, int stream) {
      Line line = lines.at(gateway);
      return line != null && line.source().offers(streams.stream(stream));
    }

    @Override
    public Identity identity(int gateway, int stream) {
      return Identity.of(proof(gateway, stream));
    }

    @Override
    public boolean refills(int gateway, int stream) {
      Proof proof = proof(gateway, stream);
      return asks
          && proof != null
          && proof.refill() == Proof.Refill.BY_ID
          && streams.stream(stream).channel() == Channel.TRADE;
    }

    private @Nullable Proof proof(int gateway, int stream) {
      Line line = lines.at(gateway);
      return line == null
          ? null
          : line.source().proofs().get(streams.stream(stream).channel());
    }
  }

  private static ControlPolicy controlPolicy(FailoverSettings settings) {
    ControlPolicy usual = ControlPolicy.USUAL;
    return new ControlPolicy(
        usual.connectGraceNanos(),
        settings.deadline().toNanos(),
        settings.firstTickWithin().toNanos(),
        settings.probation().toNanos(),
        settings.cooldown().toNanos(),
        usual.reinstateNanos(),
        settings.failBackAfter().toNanos(),
        usual.historyNanos(),
        settings.canaryAfter().toNanos(),
        usual.avoidNanos(),
        usual.movesAtOnceMax(),
        usual.reconnectNanos());
  }

  /// What is set for the symbol, else for the best gateway that has it, else for all.
  static FailoverPolicy policyOf(Symbol symbol, FailoverSettings settings, List<Line> lines) {
    Optional<FailoverSettings.Policy> ofGateway = lines.stream()
        .filter(line -> line.source().offers(Stream.trades(symbol)))
        .min(Comparator.<Line>comparingInt(line -> line.plan().priority()).thenComparing(Line::id))
        .map(Line::policy);
    return policy(
        settings.policyOf(symbol).or(() -> ofGateway).orElse(settings.policy()), settings.delay());
  }

  /// @param delay of one that is delayed
  static FailoverPolicy policy(FailoverSettings.Policy policy, Duration delay) {
    return switch (policy) {
      case IMMEDIATE -> FailoverPolicy.IMMEDIATE;
      case DELAYED -> FailoverPolicy.delayed(delay.toNanos());
      case MANUAL -> FailoverPolicy.MANUAL;
      case SHADOW -> FailoverPolicy.SHADOW;
    };
  }

  private static List<Line> lines(Settings settings) {
    List<Line> lines = new ArrayList<>();
    if (settings.stream().gateways().isEmpty()) {
      for (SourceId id : settings.stream().sources()) {
        Settings.Source own = settings.source(id);
        if (own.enabled()) { // the settings see to it that it streams
          lines.add(line(id.name(), id, own, null, lines));
        }
      }
      return lines;
    }
    settings.stream().gateways().forEach((id, gateway) -> {
      SourceId source = new SourceId(gateway.source(id));
      Settings.Source own = settings.source(source);
      if (own.enabled()) {
        lines.add(line(id, source, own, gateway, lines));
      }
    });
    return lines;
  }

  /// The only gateway of a source.
  static Line line(SourceId id, Settings.Source own) {
    return line(id.name(), id, own, null, List.of());
  }

  /// @param gateway null where nothing is set for it
  /// @param before  the ones in front of it in the list
  static Line line(
      String id,
      SourceId sourceId,
      Settings.Source own,
      @Nullable GatewaySettings gateway,
      List<Line> before) {
    StreamSource source = KnownSources.stream(sourceId.name()).orElseThrow();
    Gateway named = new Gateway(id, sourceId, source.exchange());
    return new Line(
        named,
        source,
        gateway != null && gateway.streamUrl() != null ? gateway.streamUrl() : url(own, source),
        plan(named, source.rules(), gateway, before),
        gateway == null ? null : gateway.policy());
  }

  static GatewayPlan plan(
      Gateway named, StreamRules rules, @Nullable GatewaySettings gateway, List<Line> before) {
    boolean isFurtherLine =
        before.stream().anyMatch(line -> line.gateway().source().equals(named.source()));
    Standby usual = isFurtherLine ? Standby.HOT : Standby.WARM;
    Integer priority = gateway == null ? null : gateway.priority();
    Standby standby = gateway == null ? null : gateway.standby();
    String account = gateway == null ? null : gateway.account();
    return new GatewayPlan(
        named.id(),
        named.source().name(),
        priority == null ? before.size() + 1 : priority,
        gateway == null || gateway.enabled(),
        standby == null ? usual : standby,
        Integer.MAX_VALUE,
        account == null ? named.id() : named.source().name() + "/" + account,
        rules.connectionsPerAccount());
  }

  /// A mirror or a simulator has both at one address.
  private static URI url(Settings.Source own, StreamSource source) {
    if (own.streamUrl() != null) {
      return own.streamUrl();
    }
    URI base = own.baseUrl();
    return base == null
        ? source.baseUrl()
        : URI.create(base.toString().replaceFirst("^http", "ws"));
  }
}
