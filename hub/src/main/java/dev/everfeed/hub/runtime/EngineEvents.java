package dev.everfeed.hub.runtime;

import dev.everfeed.core.engine.Control;
import dev.everfeed.core.engine.ControlDecision;
import dev.everfeed.core.engine.Failover;
import dev.everfeed.core.engine.Failover.Kind;
import dev.everfeed.core.engine.Failover.Result;
import dev.everfeed.core.engine.FailoverPolicy;
import dev.everfeed.core.model.Stream;
import dev.everfeed.core.verdict.Verdict;
import dev.everfeed.hub.api.JsonText;
import dev.everfeed.hub.api.VerdictView;
import dev.everfeed.hub.publish.Publisher;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells what the engine decided: as events that are published (REQUIREMENTS C1, C4) and written
/// down, and as lines of the log. Owned by the tick loop.
final class EngineEvents {
  static final String GAP = "gap_declared";
  static final String STATUS_CHANGE = "gateway_status_change";
  private static final String EXECUTED = "failover_executed";
  private static final String FAILED = "failover_failed";
  private static final String PENDING = "failover_pending";
  private static final String SHADOW = "failover_shadow";
  private static final String NO_BACKUP = "no_healthy_backup";
  private static final String SOURCE_CHANGED = "source_changed";
  private static final String PRICE_JUDGED = "price_judged";
  private static final String VERDICT_CHANGED = "verdict_changed";
  private static final List<String> ALL = List.of(
      GAP,
      STATUS_CHANGE,
      EXECUTED,
      FAILED,
      PENDING,
      SHADOW,
      NO_BACKUP,
      SOURCE_CHANGED,
      PRICE_JUDGED,
      VERDICT_CHANGED);

  private static final Logger LOG = LoggerFactory.getLogger("everfeed.failover");

  private final StreamPlan plan;
  private final HubClock clock;
  private final Publisher publisher;
  private final FailoverLog failovers;

  EngineEvents(StreamPlan plan, HubClock clock, Publisher publisher, FailoverLog failovers) {
    this.plan = plan;
    this.clock = clock;
    this.publisher = publisher;
    this.failovers = failovers;
    ALL.forEach(publisher::mayHappen);
  }

  /// A reader sees events as they are published: most of what is told here is a few hundred
  /// bytes, the names of all contracts of a failover may be some thousand.
  private void publish(String type, JsonText fields) {
    String object = fields.close().toString();
    publisher.event(type, object.substring(1, object.length() - 1));
  }

  private JsonText begin() {
    return new JsonText().open().field("timestamp", clock.now());
  }

  private String idOf(int gateway) {
    return plan.gateways().get(gateway).gateway().id();
  }

  private @Nullable String idOrNull(int gateway) {
    return gateway == Control.NOBODY ? null : idOf(gateway);
  }

  // ---- gateways

  void became(ControlDecision.Became became) {
    StreamPlan.Line line = plan.gateways().get(became.gateway());
    switch (became.to()) {
      case HEALTHY, CONNECTING ->
        LOG.info("{}: {} ({})", idOf(became.gateway()), became.to(), became.reason());
      case UNHEALTHY, DISCONNECTED ->
        LOG.warn("{}: {} ({})", idOf(became.gateway()), became.to(), became.reason());
    }
    JsonText json = begin()
        .field("gateway_id", line.gateway().id())
        .field("gateway_type", line.plan().type())
        .field("previous_status", became.from().name())
        .field("current_status", became.to().name())
        .key("metadata")
        .open()
        .field("reason", became.reason())
        .field("priority", line.plan().priority())
        .close();
    publish(STATUS_CHANGE, json);
  }

  // ---- verdicts

  /// @param before as it was told until now
  void verdictChanged(VerdictView now, Verdict before, Instant validUntil) {
    JsonText json = begin()
        .field("symbol", now.symbol())
        .field("previous_verdict", before.action().text())
        .field("previous_factor", VerdictView.factor(before.percent()))
        .field("verdict", now.verdict().action().text())
        .field("factor", VerdictView.factor(now.verdict().percent()))
        .field("valid_until", validUntil)
        .field("gateway", now.gateway());
    VerdictView.reasons(json, now.verdict());
    publish(VERDICT_CHANGED, json);
  }

  // ---- gaps

  /// @param kind     what can be told of its cause, as the ledger says it
  /// @param afterSeq the number of the last event that was published before it
  void gap(int gateway, int stream, long firstId, long lastId, String kind, long afterSeq) {
    Stream of = plan.streams().stream(stream);
    JsonText json = begin()
        .field("stream", of.name())
        .field("symbol", of.symbol().text())
        .field("gateway", idOrNull(gateway))
        .field("first_id", Long.toString(firstId))
        .field("last_id", Long.toString(lastId))
        .field("ticks_lost", lastId - firstId + 1)
        .field("kind", kind)
        .field("gap_proof", "dense_ids")
        .field("after_seq", afterSeq);
    publish(GAP, json);
  }

  // ---- failovers

  void began(Failover failover) {
    boolean shadow =
        failover.policy().kind() == FailoverPolicy.Kind.SHADOW && failover.kind() == Kind.FAIL_OVER;
    boolean waits = failover.kind() == Kind.FAIL_OVER
        && failover.policy().kind() != FailoverPolicy.Kind.IMMEDIATE;
    LOG.warn(
        "failover {}: {} {} {} from {} to {}: {}",
        failovers.idOf(failover.id()),
        shadow ? "would move" : waits ? "waits to move" : "moves",
        failover.contracts().size(),
        failover.contracts().size() == 1 ? "contract" : "contracts",
        idOf(failover.from()),
        failover.to() == Control.NOBODY ? "nobody" : idOf(failover.to()),
        failover.trigger());
    if (shadow) {
      publish(SHADOW, fields(failover));
    } else if (waits) {
      publish(PENDING, fields(failover));
    }
  }

  void ended(Failover failover) {
    Result result = failover.result();
    LOG.warn(
        "failover {}: {}, {} moved, {} stayed, after {} ms, switched in {} ms",
        failovers.idOf(failover.id()),
        result.text(),
        failover.migrated().size(),
        failover.unmigrated().size(),
        millis(failover.durationNanos()),
        millis(failover.switchNanos()));
    switch (result) {
      case EXECUTED, PARTIAL -> publish(EXECUTED, fields(failover));
      case FAILED -> publish(FAILED, fields(failover));
      case PENDING, CANCELLED, SHADOW -> {
        // told when it began, if at all
      }
    }
    if (!failover.unmigrated().isEmpty() && result == Result.PARTIAL) {
      LOG.error(
          "failover {}: not moved: {}",
          failovers.idOf(failover.id()),
          failovers.symbols(failover.unmigrated().keySet()));
    }
  }

  private JsonText fields(Failover failover) {
    return failovers.view(failover).fields(begin());
  }

  private static void list(JsonText json, String name, Collection<String> values) {
    json.key(name).openList();
    values.forEach(json::value);
    json.closeList();
  }

  private static long millis(long nanos) {
    return nanos < 0 ? -1 : nanos / 1_000_000;
  }

  void sourceChanged(ControlDecision.SourceChanged changed) {
    StreamPlan.Line from = plan.gateways().get(changed.from());
    StreamPlan.Line to = plan.gateways().get(changed.to());
    publish(
        SOURCE_CHANGED,
        begin()
            .field("symbol", plan.contracts().get(changed.contract()).text())
            .field("failover_id", failovers.idOf(changed.failoverId()))
            .field("previous_gateway", from.gateway().id())
            .field("previous_source", from.gateway().source().name())
            .field("previous_exchange", from.gateway().exchange())
            .field("gateway", to.gateway().id())
            .field("source", to.gateway().source().name())
            .field("exchange", to.gateway().exchange()));
  }

  void priceJudged(ControlDecision.PriceJudged judged) {
    String symbol = plan.contracts().get(judged.contract()).text();
    String gateway = idOrNull(judged.gateway());
    String verdict = switch (judged.verdict()) {
      case QUARANTINED -> "quarantined";
      case UNDECIDED -> "undecided";
      case AGREES -> "agrees";
    };
    String who = gateway == null ? "several gateways" : gateway;
    if (judged.verdict() == ControlDecision.PriceVerdict.AGREES) {
      LOG.info("{} of {}: {}, {}", symbol, who, verdict, judged.how());
    } else {
      LOG.warn("{} of {}: {}, {}", symbol, who, verdict, judged.how());
    }
    publish(
        PRICE_JUDGED,
        begin()
            .field("symbol", symbol)
            .field("gateway_id", gateway)
            .field("verdict", verdict)
            .field("evidence", judged.how()));
  }

  void noBackup(ControlDecision.NoBackup none) {
    List<String> symbols = failovers.symbols(none.contracts());
    LOG.error(
        "{}: {}; no healthy backup for {}, which stay where they are",
        idOf(none.gateway()),
        none.reason(),
        symbols);
    JsonText json = begin().field("gateway_id", idOf(none.gateway())).field("severity", "critical");
    list(json, "symbols", symbols);
    publish(NO_BACKUP, json.field("reason", none.reason()));
  }

  /// For a check of what may be published.
  static Set<String> types() {
    return new TreeSet<>(ALL);
  }
}
