package dev.everfeed.hub.runtime;

import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.core.verdict.VerdictRule;
import dev.everfeed.hub.access.AccessException;
import dev.everfeed.hub.access.CurveKeys;
import dev.everfeed.hub.api.Failovers;
import dev.everfeed.hub.api.StandingOrders;
import dev.everfeed.hub.api.StreamView;
import dev.everfeed.hub.api.VerdictBoard;
import dev.everfeed.hub.config.GatewaySettings;
import dev.everfeed.hub.config.HttpSettings;
import dev.everfeed.hub.config.Settings;
import dev.everfeed.hub.config.StreamSettings;
import dev.everfeed.hub.journal.Journal;
import dev.everfeed.hub.ledger.LedgerView;
import dev.everfeed.hub.publish.Publications;
import dev.everfeed.hub.publish.Publisher;
import dev.everfeed.hub.publish.ZeroMqPublisher;
import dev.everfeed.hub.telemetry.Metrics;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Everything that publishes as it happens, and its threads:
///
/// | thread        | runs                                                   | blocks on |
/// |---------------|--------------------------------------------------------|-----------|
/// | an event loop | [StreamLoop]: sockets, decoding, engine, encoding      | -         |
/// | `zeromq`      | [ZeroMqPublisher]                                      | -         |
/// | `ticks`       | [TickRecorder], where something is kept                | -         |
/// | `ledger`      | [Continuity]: what became of every id                  | disk      |
/// | `playback`    | [Playback], where a recording is played                | disk      |
///
/// Between them is the log of what was published, whose writer waits for nobody.
final class LiveSide {
  private static final Duration READERS_WITHIN = Duration.ofSeconds(2);

  private final StreamLoop loop;
  private final Publisher publisher;
  private final @Nullable ZeroMqPublisher zeromq;
  private final HubClock clock;
  private final Verdicts verdicts;
  private final @Nullable Playback playback;
  private final StandingBook book;
  private final Roster roster;
  private final Metrics metrics;
  private @Nullable Thread zeromqThread;
  private @Nullable TickRecorder recorder;
  private @Nullable Continuity continuity;

  /// @param epoch    of this start of the hub
  /// @param rule     by which symbols are judged
  /// @param refills  asked for trades that did not come
  /// @param folder   where operators' orders are kept; null where they end with the process
  /// @param playback what is played in place of the venues; null to listen to them
  /// @throws IllegalStateException when the ZeroMQ address cannot be taken
  LiveSide(
      Vertx vertx,
      HubClock clock,
      StreamPlan plan,
      long epoch,
      Settings whole,
      VerdictRule rule,
      Metrics metrics,
      StreamLoop.Refills refills,
      @Nullable Path folder,
      @Nullable Playback playback) {
    this.playback = playback;
    StreamSettings settings = whole.stream();
    this.book = new StandingBook(
        plan,
        symbol ->
            StreamPlan.policyOf(symbol, settings.failover(), plan.gateways().all()),
        clock,
        folder);
    // The other loop is the one that this is called for: the pull side and the API have it.
    Context context = ((VertxInternal) vertx).createEventLoopContext();
    this.clock = clock;
    this.publisher = new Publisher(
        plan.published(),
        plan.gateways().all().stream().map(StreamPlan.Line::gateway).toList(),
        epoch,
        (long) settings.logMib() << 20);
    this.loop = new StreamLoop(
        vertx,
        context,
        clock,
        plan,
        publisher,
        RandomGenerator.getDefault(),
        refills,
        StreamTap.NONE,
        book,
        playback);
    this.zeromq = settings.zeromq().enabled()
        ? new ZeroMqPublisher(
            publisher.publications(),
            settings.zeromq(),
            port(settings.zeromq(), whole.http()),
            curve(settings.zeromq().curve()))
        : null;
    this.verdicts = loop.judge(rule, playback != null);
    this.metrics = metrics;
    this.roster =
        new Roster(loop, plan, whole, book, playback == null ? null : "a recording is played");
    LiveMetrics.register(metrics, loop, zeromq);
    LiveMetrics.verdicts(metrics, verdicts);
    loop.measure(new EngineMeters(
        metrics.registry(), gateway -> plan.gateways().get(gateway).plan().id()));
  }

  private static @Nullable CurveKeys curve(StreamSettings.Curve curve) {
    if (curve.keyFile() == null) {
      return null;
    }
    try {
      return CurveKeys.read(Path.of(curve.keyFile()));
    } catch (AccessException e) {
      throw new IllegalStateException("stream.zeromq.curve: " + e.getMessage(), e);
    }
  }

  private static int port(StreamSettings.ZeroMq zeromq, HttpSettings http) {
    Integer own = zeromq.port();
    return own != null ? own : http.port() == 0 ? 0 : Math.min(http.port() + 1, 65_535);
  }

  /// Where ZeroMQ readers connect, or -1 when there is no such publisher.
  int zeromqPort() {
    return zeromq == null ? -1 : zeromq.port();
  }

  /// What readers of ZeroMQ lack, for people; null when nothing.
  @Nullable
  String zeromqTrouble() {
    return zeromq == null ? null : zeromq.trouble();
  }

  /// Keeps account of what is published; before [#start].
  void keepAccount(Continuity continuity) {
    this.continuity = continuity;
    loop.tell(continuity);
  }

  /// Empty where no account is kept.
  Optional<LedgerView> ledger() {
    return Optional.ofNullable(continuity).map(Continuity::view);
  }

  /// @param journal where trades and finished bars are written, or null
  void start(@Nullable Journal journal) {
    ZeroMqPublisher sends = zeromq;
    if (sends != null) {
      zeromqThread = Thread.ofPlatform().name("zeromq").daemon().start(sends);
      if (sends.door() != null) {
        Thread.ofPlatform().name("zeromq-door").daemon().start(sends.door());
      }
    }
    if (journal != null) {
      TickRecorder keeps = new TickRecorder(publisher.publications(), journal, clock::now);
      recorder = keeps;
      Thread.ofPlatform().name("ticks").daemon().start(keeps);
    }
    loop.start();
    Playback plays = playback;
    if (plays != null) {
      plays.begin(loop, clock);
    }
  }

  Publications publications() {
    return publisher.publications();
  }

  void listed(SourceId source, Set<Symbol> symbols) {
    loop.listed(source, symbols);
  }

  Failovers failovers() {
    return loop.operators();
  }

  /// A gateway is there from now on, as it is set; for any thread. Fails with
  /// [dev.everfeed.hub.api.OrderRefused] where that cannot be, and has changed nothing then.
  Future<Void> put(String id, GatewaySettings settings) {
    boolean isNew = loop.shown().gateways().stream().noneMatch(each -> each.id().equals(id));
    return roster.put(id, settings).onSuccess(_ -> {
      if (isNew) {
        LiveMetrics.gatewayCame(metrics.registry(), loop, id);
      }
    });
  }

  /// A gateway is not there any more; as [#put].
  ///
  /// @param force also when there are contracts that have nowhere to go
  Future<Void> remove(String id, boolean force) {
    return roster.remove(id, force).onSuccess(_ -> LiveMetrics.gatewayLeft(metrics.registry(), id));
  }

  /// What operators have ordered and not taken back; for any thread.
  StandingOrders standing() {
    return book.shown();
  }

  VerdictBoard verdicts() {
    return verdicts.shown();
  }

  /// When the loop last came round; for any thread.
  long shownAtNanos() {
    return loop.shown().atNanos();
  }

  List<StreamView> gateways() {
    return loop.shown().gateways();
  }

  /// Closes the sockets; nothing is published any more.
  Future<Void> stop() {
    Playback plays = playback;
    if (plays != null) {
      plays.close();
    }
    return loop.stop();
  }

  /// Gives ZeroMQ's readers what was published, and ends their thread: blocks for two seconds at
  /// most. After [#stop].
  void closeReaders() throws InterruptedException {
    ZeroMqPublisher sends = zeromq;
    if (sends != null) {
      sends.close();
      Thread runs = zeromqThread;
      if (runs != null) {
        runs.join(READERS_WITHIN);
      }
    }
  }

  /// Ends the other threads, once what was published has been offered to the journal, or two
  /// seconds are over; then the account of it is synced. Blocks; after [#stop].
  void close() {
    TickRecorder keeps = recorder;
    if (keeps != null) {
      keeps.close();
    }
    Continuity account = continuity;
    if (account != null) {
      account.close();
    }
  }
}
