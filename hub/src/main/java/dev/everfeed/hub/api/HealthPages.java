package dev.everfeed.hub.api;

import dev.everfeed.core.guard.GuardSnapshot;
import dev.everfeed.core.model.GatewayState;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.request.RunReport;
import io.vertx.core.buffer.Buffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// The health pages of one [HubView], written once and sent as often as they are asked for:
/// under load an answer costs a field read. Immutable.
final class HealthPages {
  /// A page as it goes out.
  record Page(int status, Buffer body) {}

  private final HubView view;
  private final Page overall;
  private final Page ready;
  private final Page scheduler;
  private final Page gateways;

  HealthPages(HubView view) {
    this.view = view;
    this.overall = overall(view);
    this.ready = ready(view);
    this.scheduler = page(200, scheduler(view));
    this.gateways = page(200, gateways(view));
  }

  HubView view() {
    return view;
  }

  Page overall() {
    return overall;
  }

  Page ready() {
    return ready;
  }

  Page scheduler() {
    return scheduler;
  }

  Page gateways() {
    return gateways;
  }

  private static Page page(int status, JsonText json) {
    return new Page(status, Buffer.buffer(json.toString()));
  }

  /// `ok` when every enabled source is; `down` when nobody can be asked for prices; `degraded`
  /// between. Only `down` is an error status.
  private static Page overall(HubView view) {
    List<String> reasons = new ArrayList<>();
    int asked = 0;
    int usable = 0;
    for (SourceView source : view.sources()) {
      if (!source.enabled()) {
        continue;
      }
      GatewayHealth health = GatewayHealth.of(source, view);
      if (source.offers().getOrDefault(Query.Kind.PRICE, 0) > 0) {
        asked++;
        usable += health.state() == GatewayState.HEALTHY ? 1 : 0;
      }
      if (health.status() != GatewayHealth.Status.OK) {
        reasons.add("%s: %s".formatted(source.id(), health.reason()));
      }
    }
    for (StreamView gateway : view.streaming()) {
      GatewayHealth health = GatewayHealth.of(gateway);
      if (health.status() != GatewayHealth.Status.OK) {
        reasons.add("%s (stream): %s".formatted(gateway.id(), health.reason()));
      }
    }
    failovers(view, reasons);
    if (view.phase() != HubView.Phase.SERVING) {
      reasons.add("the hub is " + text(view.phase()));
    }
    String store = view.store().complaint();
    if (store != null) {
      reasons.add(store);
    }
    reasons.addAll(view.faults());
    String playback = view.playback();
    if (playback != null) {
      reasons.add(playback);
    }
    RunReport run = view.lastRun();
    if (run != null && run.refreshed() < run.asked()) {
      reasons.add("the last refresh reached %d of %d".formatted(run.refreshed(), run.asked()));
    }
    String status = "ok";
    if (asked > 0 && usable == 0) {
      status = "down";
      reasons.addFirst("no source of prices is usable; remembered values are served, labelled");
    } else if (!reasons.isEmpty()) {
      status = "degraded";
    }
    return page(status.equals("down") ? 503 : 200, overall(view, status, reasons));
  }

  /// What a person has to look after.
  private static void failovers(HubView view, List<String> reasons) {
    reasons.addAll(view.standing().reasons());
    for (FailoverHistory.Stranded each : view.failovers().stranded()) {
      reasons.add("%s has no healthy backup for %s: %s"
          .formatted(each.gateway(), some(each.symbols()), each.reason()));
    }
    for (FailoverView each : view.failovers().newest()) {
      if (each.waitsForOperator()) {
        reasons.add("failover %s of %s from %s to %s waits for an operator: %s"
            .formatted(
                each.id(),
                some(each.symbols()),
                each.from(),
                each.to() == null ? "nobody" : each.to(),
                each.trigger()));
      }
    }
  }

  private static String some(List<String> symbols) {
    int shown = Math.min(3, symbols.size());
    return String.join(", ", symbols.subList(0, shown))
        + (symbols.size() > shown ? " and %,d more".formatted(symbols.size() - shown) : "");
  }

  static JsonText overall(HubView view, String status, List<String> reasons) {
    JsonText json = new JsonText().open().field("status", status).key("reasons").openList();
    reasons.forEach(json::value);
    json.closeList()
        .field("phase", text(view.phase()))
        .field("started_at", view.startedAt())
        .field("remembered", view.remembered())
        .key("store");
    view.store().write(json);
    return json.field("at", view.at()).close();
  }

  private static String text(HubView.Phase phase) {
    return phase.name().toLowerCase(Locale.ROOT);
  }

  /// Ready means that it can serve, even stale values; freshness is told elsewhere.
  private static Page ready(HubView view) {
    boolean ready = view.phase() == HubView.Phase.SERVING;
    return page(
        ready ? 200 : 503,
        new JsonText()
            .open()
            .field("ready", ready)
            .field("phase", text(view.phase()))
            .field("at", view.at())
            .close());
  }

  /// Requirements A5 and A6.
  private static JsonText scheduler(HubView view) {
    JsonText json = new JsonText().open().key("providers").open();
    for (SourceView source : view.sources()) {
      provider(json.key(source.id().name()), source, view);
    }
    json.close();
    run(json.key("last_run"), view.lastRun(), view);
    run(json.key("current_run"), view.currentRun(), view);
    return json.field("next_run_at", view.nextRunAt()).field("at", view.at()).close();
  }

  private static void provider(JsonText json, SourceView source, HubView view) {
    GuardSnapshot guard = source.guard();
    GatewayHealth health = GatewayHealth.of(source, view);
    json.open()
        .field("status", health.status().text())
        .field("success_count", guard.successCount())
        .field("failure_count", guard.failureCount())
        .field("circuit_open", guard.circuitOpen())
        .field("circuit_state", guard.state().name().toLowerCase(Locale.ROOT))
        .field("opened_at", guard.circuitOpen() ? wall(guard.openedAtNanos(), view) : null);
    seconds(json, "cooldown_seconds", guard.cooldownNanos());
    json.field("skipped_count", guard.skippedCount())
        .field("state", health.state().name())
        .field("reason", health.reason())
        .field("last_error", guard.lastFailure())
        .field(
            "last_error_at",
            guard.lastFailure() == null ? null : wall(guard.lastFailureAtNanos(), view))
        .field("paused_until", wall(guard.pausedUntilNanos(), view))
        .close();
  }

  private static void seconds(JsonText json, String name, long nanos) {
    json.field(name, dev.everfeed.core.model.Decimal.of(nanos / 1_000_000, 3));
  }

  private static @Nullable Instant wall(long nanos, HubView view) {
    return nanos < 0 ? null : view.clock().at(nanos);
  }

  private static void run(JsonText json, @Nullable RunReport run, HubView view) {
    if (run == null) {
      json.nothing();
      return;
    }
    json.open()
        .field("number", run.number())
        .field("started_at", wall(run.startedAtNanos(), view))
        .field("ended_at", wall(run.endedAtNanos(), view))
        .field("asked", run.asked())
        .field("refreshed", run.refreshed())
        .key("errors")
        .openList();
    for (RunReport.Error error : run.errors()) {
      json.open()
          .field("provider", error.source() == null ? null : error.source().name())
          .field("symbol", error.subject())
          .field("kind", error.kind().text())
          .field("message", error.message())
          .field("time", wall(error.atNanos(), view))
          .close();
    }
    json.closeList().field("errors_dropped", run.errorsDropped()).close();
  }

  private static JsonText gateways(HubView view) {
    JsonText json = new JsonText().open().key("gateways").openList();
    int healthy = 0;
    int enabled = 0;
    for (SourceView source : view.sources()) {
      GatewayHealth health = GatewayHealth.of(source, view);
      enabled += source.enabled() ? 1 : 0;
      healthy += health.state() == GatewayState.HEALTHY ? 1 : 0;
      gateway(json, source, health);
    }
    for (StreamView gateway : view.streaming()) {
      GatewayHealth health = GatewayHealth.of(gateway);
      enabled += gateway.isWanted() ? 1 : 0;
      healthy += health.state() == GatewayState.HEALTHY ? 1 : 0;
      gateway(json, gateway, health, view);
    }
    json.closeList().field("enabled", enabled).field("healthy", healthy);
    json.key("failovers").openList();
    view.failovers().open().forEach(failover -> failover.write(json, false));
    json.closeList().key("stranded").openList();
    for (FailoverHistory.Stranded each : view.failovers().stranded()) {
      json.open().field("gateway", each.gateway()).field("reason", each.reason());
      list(json, "symbols", each.symbols());
      json.close();
    }
    return json.closeList().field("at", view.at()).close();
  }

  /// A polled source is a gateway like any other. One that is listened to as well is two.
  static void gateway(JsonText json, SourceView source, GatewayHealth health) {
    json.open()
        .field("id", source.id().name())
        .field("source", source.id().name())
        .field("type", source.content().text())
        .field("transport", "poll")
        .field("priority", source.priority())
        .field("enabled", source.enabled())
        .field("state", health.state().name())
        .field("status", health.status().text())
        .field("reason", health.reason())
        .close();
  }

  private static void list(JsonText json, String name, List<String> values) {
    json.key(name).openList();
    values.forEach(json::value);
    json.closeList();
  }

  static void gateway(JsonText json, StreamView gateway, GatewayHealth health, HubView view) {
    json.open()
        .field("id", gateway.id())
        .field("source", gateway.source().name())
        .field("type", gateway.plan().type())
        .field("transport", "stream")
        .field("priority", gateway.plan().priority())
        .field("enabled", gateway.enabled())
        .field("state", health.state().name())
        .field("status", health.status().text())
        .field("reason", health.reason())
        .key("stream")
        .open()
        .field("since", wall(gateway.sinceNanos(), view))
        .field("standby", gateway.plan().standby().name().toLowerCase(Locale.ROOT))
        .field("active_contracts", gateway.active())
        .field("streams", gateway.streams());
    list(json, "channels", gateway.channels());
    list(json, "symbols", gateway.symbols());
    list(json, "suspected", gateway.suspected());
    list(json, "convicted", gateway.convicted());
    list(
        json,
        "failovers",
        view.failovers().open().stream()
            .filter(each -> gateway.id().equals(each.from()) || gateway.id().equals(each.to()))
            .map(FailoverView::id)
            .toList());
    json.field("messages", gateway.messages());
    if (gateway.lastMessageNanos() < 0) {
      json.fieldNull("last_message_age_ms");
    } else {
      // the picture is a little older than what it shows of another thread
      json.field(
          "last_message_age_ms",
          Math.max(0, view.nowNanos() - gateway.lastMessageNanos()) / 1_000_000);
    }
    json.field("reconnects", gateway.reconnects())
        .field("unreadable", gateway.unreadable())
        .field("last_error", gateway.lastError())
        .field("last_error_at", wall(gateway.lastErrorNanos(), view))
        .close()
        .close();
  }
}
