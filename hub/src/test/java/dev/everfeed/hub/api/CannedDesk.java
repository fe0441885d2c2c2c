package dev.everfeed.hub.api;

import dev.everfeed.core.engine.GatewayPlan;
import dev.everfeed.core.guard.CircuitBreaker;
import dev.everfeed.core.guard.GuardSnapshot;
import dev.everfeed.core.model.Decimal;
import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Failure;
import dev.everfeed.core.model.GatewayState;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Proof;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.Served;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.core.model.ValueStatus;
import dev.everfeed.core.request.Reply;
import dev.everfeed.core.request.RunReport;
import dev.everfeed.core.request.Tried;
import dev.everfeed.core.time.AnchoredClock;
import dev.everfeed.core.verdict.VerdictRule;
import dev.everfeed.hub.account.Accounts;
import dev.everfeed.hub.config.Settings;
import dev.everfeed.hub.ledger.LedgerView;
import dev.everfeed.hub.publish.Publications;
import dev.everfeed.hub.source.Content;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// A desk whose answers the test writes. It is the seam itself, not a stand-in for the hub: the
/// API knows nothing but these methods.
final class CannedDesk implements Desk {
  static final SourceId BINANCE = new SourceId("binance");
  static final SourceId COINGECKO = new SourceId("coingecko");
  static final SourceId ALTERNATIVE_ME = new SourceId("alternative_me");
  static final Symbol BTC = Symbol.of("BTC/USDT");
  static final Instant START = Instant.parse("2024-05-01T12:00:00Z");
  static final long SECOND = 1_000_000_000L;

  private static final Map<Query.Kind, Proof> PROOFS =
      Map.of(Query.Kind.BARS, new Proof(true, true, true, Proof.Refill.BY_TIME, "all"));

  final List<Query> asked = new CopyOnWriteArrayList<>();
  volatile Function<Query, Future<Reply>> answer =
      query -> Future.failedFuture(new IllegalStateException("no answer was written"));
  volatile HubView view = new Picture().view();

  @Override
  public Future<Reply> ask(Query query) {
    asked.add(query);
    return answer.apply(query);
  }

  volatile @Nullable Backfiller backfiller;

  @Override
  public Optional<Backfiller> backfills() {
    return Optional.ofNullable(backfiller);
  }

  volatile @Nullable Audit audit;

  @Override
  public Optional<Audit> audit() {
    return Optional.ofNullable(audit);
  }

  volatile @Nullable Failovers failovers;

  @Override
  public Optional<Failovers> failovers() {
    return Optional.ofNullable(failovers);
  }

  volatile @Nullable Accounts accounts;

  @Override
  public Optional<Accounts> accounts() {
    return Optional.ofNullable(accounts);
  }

  volatile VerdictBoard verdicts = VerdictBoard.NONE;

  @Override
  public VerdictBoard verdicts() {
    return verdicts;
  }

  @Override
  public VerdictRule verdictRule() {
    return new VerdictRule(Settings.defaults().verdict().policy());
  }

  volatile @Nullable LedgerView ledger;

  @Override
  public Optional<LedgerView> ledger() {
    return Optional.ofNullable(ledger);
  }

  volatile @Nullable Publications publications;

  @Override
  public Optional<Publications> publications() {
    return Optional.ofNullable(publications);
  }

  @Override
  public HubView view() {
    return view;
  }

  /// The parts of a view that tests change.
  static final class Picture {
    HubView.Phase phase = HubView.Phase.SERVING;
    long nowNanos = 100 * SECOND;

    @Nullable
    RunReport lastRun;

    @Nullable
    RunReport currentRun;

    @Nullable
    Instant nextRunAt = START.plusSeconds(110);

    List<Symbol> symbols = List.of(BTC, Symbol.of("ETH/USDT"));
    List<SourceView> sources = List.of(
        source(BINANCE, true, healthy(BINANCE)),
        source(COINGECKO, true, healthy(COINGECKO)),
        source(ALTERNATIVE_ME, true, healthy(ALTERNATIVE_ME)));
    Map<SourceId, List<Event.Listing>> instruments = Map.of();
    List<RouteView> routes =
        List.of(new RouteView(Query.Kind.BARS, "all", new TreeMap<>(Map.of(BINANCE, 3L))));
    StoreView store = new StoreView(
        StoreView.Kind.EMBEDDED,
        StoreView.State.UP,
        null,
        START,
        new StoreView.JournalView(null, 0, -1, 1234, 0),
        true);

    List<StreamView> streaming = List.of();
    FailoverHistory failovers = FailoverHistory.NONE;
    StandingOrders standing = StandingOrders.NONE;
    List<String> accounts = List.of();

    HubView view() {
      return new HubView(
          phase,
          START,
          nowNanos,
          new AnchoredClock(START, 0),
          sources,
          lastRun,
          currentRun,
          nextRunAt,
          symbols,
          new TreeSet<>(List.of(Interval.M1, Interval.H1, Interval.D1)),
          instruments,
          routes,
          7,
          store,
          streaming,
          failovers,
          standing,
          accounts,
          null);
    }
  }

  static SourceView source(SourceId id, boolean enabled, GuardSnapshot guard) {
    return switch (id.name()) {
      case "binance" ->
        new SourceView(
            id,
            "binance",
            Content.EXCHANGE,
            "",
            Duration.ofSeconds(1),
            "api.binance.com:443",
            enabled,
            Map.of(
                Query.Kind.PRICE,
                1,
                Query.Kind.BARS,
                1,
                Query.Kind.TRADES,
                1,
                Query.Kind.LISTINGS,
                0),
            PROOFS,
            null,
            guard);
      case "coingecko" ->
        new SourceView(
            id,
            null,
            Content.AGGREGATE,
            "Data provided by CoinGecko",
            Duration.ofSeconds(60),
            "api.coingecko.com:443",
            enabled,
            Map.of(Query.Kind.PRICE, 2, Query.Kind.SENTIMENT, 2),
            Map.of(),
            null,
            guard);
      default ->
        new SourceView(
            id,
            null,
            Content.AGGREGATE,
            "",
            null,
            "api.alternative.me:443",
            enabled,
            Map.of(Query.Kind.SENTIMENT, 1),
            Map.of(),
            null,
            guard);
    };
  }

  /// Since 90 s, with its last message at 99.5 s and its last error at 80 s.
  static StreamView stream(SourceId id, GatewayState state, String reason, int streams) {
    return new StreamView(
        new GatewayPlan(
            id.name(),
            id.name(),
            1,
            true,
            GatewayPlan.Standby.WARM,
            Integer.MAX_VALUE,
            id.name(),
            Integer.MAX_VALUE),
        id,
        true,
        state,
        reason,
        90 * SECOND,
        streams == 0 ? 0 : 1,
        streams,
        streams == 0 ? List.of() : List.of("trade", "quote"),
        streams == 0 ? List.of() : List.of("BTC/USDT"),
        List.of(),
        state == GatewayState.UNHEALTHY ? List.of("BTC/USDT") : List.of(),
        1_234,
        streams == 0 ? -1 : 99 * SECOND + SECOND / 2,
        3,
        1,
        streams == 0 ? null : "Connection reset",
        streams == 0 ? -1 : 80 * SECOND);
  }

  static GuardSnapshot healthy(SourceId id) {
    return guard(id, CircuitBreaker.State.CLOSED, 42, 0, 0, -1, null);
  }

  static GuardSnapshot guard(
      SourceId id,
      CircuitBreaker.State state,
      long successes,
      long failures,
      int windowFailures,
      long pausedUntilNanos,
      @Nullable String lastFailure) {
    boolean open = state != CircuitBreaker.State.CLOSED;
    return new GuardSnapshot(
        id,
        state,
        successes,
        failures,
        windowFailures,
        open ? 17 : 0,
        open ? 90 * SECOND : -1,
        open ? 90 * SECOND : 100 * SECOND,
        open ? 60 * SECOND : 0,
        open ? 150 * SECOND : -1,
        pausedUntilNanos,
        12,
        6_000,
        35_000_000,
        lastFailure,
        lastFailure == null ? -1 : 95 * SECOND);
  }

  static Tried tried(SourceId source, Failure.Kind kind, String message) {
    return new Tried(source, Failure.of(kind, message));
  }

  static Reply.Value value(
      Query query,
      SourceId source,
      List<? extends Event> events,
      ValueStatus status,
      long ageNanos,
      Tried... tried) {
    boolean equivalent = source.equals(COINGECKO) && query.kind() == Query.Kind.PRICE;
    return new Reply.Value(
        query,
        new Served(query, source, List.copyOf(events), 99 * SECOND + 500_000_000, equivalent),
        status,
        ageNanos,
        List.of(tried));
  }

  static Event.Price price(Symbol symbol, SourceId source, String price) {
    return new Event.Price(
        symbol,
        source.equals(BINANCE) ? "binance" : null,
        source,
        Decimal.parse(price),
        Instant.parse("2024-05-01T12:01:39.25Z"));
  }

  static Event.Quote quote(String bid, String ask) {
    return new Event.Quote(
        BTC,
        "binance",
        BINANCE,
        Decimal.parse(bid),
        Decimal.parse("0.10000000"),
        Decimal.parse(ask),
        Decimal.parse("1E-7"),
        null);
  }

  /// Bars that count up from `first`, which say nothing about being complete.
  static List<Event.Bar> bars(Interval interval, Instant first, int count) {
    List<Event.Bar> bars = new ArrayList<>();
    Instant open = first;
    for (int i = 0; i < count; i++) {
      bars.add(new Event.Bar(
          BTC,
          "binance",
          BINANCE,
          interval,
          open,
          Decimal.parse("60000.10000000"),
          Decimal.parse("60000.90000000"),
          Decimal.parse("59999.00000000"),
          Decimal.parse("60000.%08d".formatted(i)),
          Decimal.parse("0.00001000"),
          null));
      open = interval.next(open);
    }
    return bars;
  }

  static List<Event.Listing> listings(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> new Event.Listing(
            Symbol.of("C%04d/%s".formatted(i, i % 2 == 0 ? "USDT" : "USD")),
            "binance",
            BINANCE,
            "C%04d%s".formatted(i, i % 2 == 0 ? "USDT" : "USD"),
            "C%04d".formatted(i),
            i % 2 == 0 ? "USDT" : "USD",
            Event.Listing.Trading.TRADING))
        .toList();
  }
}
