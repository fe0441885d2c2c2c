package dev.everfeed.hub.api;

import dev.everfeed.core.engine.FailoverPolicy;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What operators have ordered and not taken back (REQUIREMENTS C5). It outlives a restart where
/// there is a disk for it. Immutable; made by the runtime.
///
/// @param frozen  null while contracts move by themselves
/// @param stopped gateways that were switched off
/// @param awaiting gateways that were not there when the hub began, by the symbols that belong
/// there
/// @param durable whether it outlives a restart
/// @param remark  what could not be read or kept of it; null when all is well
public record StandingOrders(
    @Nullable Frozen frozen,
    List<OwnPolicy> policies,
    List<Pinned> pinned,
    List<Stopped> stopped,
    SortedMap<String, String> awaiting,
    boolean durable,
    @Nullable String remark) {

  /// None, in a hub that listens to no source.
  public static final StandingOrders NONE =
      new StandingOrders(null, List.of(), List.of(), List.of(), new TreeMap<>(), false, null);

  /// Nothing moves by itself.
  ///
  /// @param reason   that was given
  /// @param gateways where symbols are, by symbol: a hub that starts again begins there, since it
  ///     could not move them there
  public record Frozen(Instant since, @Nullable String reason, SortedMap<String, String> gateways) {
    public Frozen {
      gateways = Collections.unmodifiableSortedMap(new TreeMap<>(gateways));
    }
  }

  /// A symbol has another policy than is configured.
  public record OwnPolicy(String symbol, FailoverPolicy policy, Instant since) {}

  /// A symbol is held at a gateway.
  public record Pinned(String symbol, String gateway, Instant since) {}

  /// A gateway is switched off.
  public record Stopped(String gateway, Instant since) {}

  public StandingOrders {
    policies = List.copyOf(policies);
    pinned = List.copyOf(pinned);
    stopped = List.copyOf(stopped);
    awaiting = Collections.unmodifiableSortedMap(new TreeMap<>(awaiting));
  }

  /// As the API shows it, and as it is kept.
  public String json() {
    JsonText json = new JsonText().open().key("frozen");
    if (frozen == null) {
      json.nothing();
    } else {
      json.open()
          .field("since", frozen.since())
          .field("reason", frozen.reason())
          .key("gateways")
          .open();
      frozen.gateways().forEach(json::field);
      json.close().close();
    }
    json.key("policies").openList();
    for (OwnPolicy each : policies) {
      json.open().field("symbol", each.symbol());
      policy(json, each.policy());
      json.field("since", each.since()).close();
    }
    json.closeList().key("pinned").openList();
    for (Pinned each : pinned) {
      json.open()
          .field("symbol", each.symbol())
          .field("gateway", each.gateway())
          .field("since", each.since())
          .close();
    }
    json.closeList().key("stopped").openList();
    for (Stopped each : stopped) {
      json.open().field("gateway", each.gateway()).field("since", each.since()).close();
    }
    return json.closeList()
        .field("durable", durable)
        .field("remark", remark)
        .close()
        .toString();
  }

  /// A policy, and its delay where it has one.
  static void policy(JsonText json, FailoverPolicy policy) {
    json.field("policy", policy.kind().name().toLowerCase(Locale.ROOT));
    if (policy.kind() == FailoverPolicy.Kind.DELAYED) {
      json.field("delay_ms", policy.delayNanos() / 1_000_000);
    } else {
      json.fieldNull("delay_ms");
    }
  }

  /// What the health page says of it; empty when nothing stands.
  List<String> reasons() {
    List<String> reasons = new ArrayList<>();
    if (frozen != null) {
      reasons.add("all automatic failover is frozen since %s%s"
          .formatted(frozen.since(), frozen.reason() == null ? "" : ": " + frozen.reason()));
    }
    if (!awaiting.isEmpty()) {
      reasons.add(
          "%,d of what operators have pinned or frozen is not where it belongs, since that gateway is not there, not well, or was tried in vain: %s to %s%s"
              .formatted(
                  awaiting.size(),
                  awaiting.firstKey(),
                  awaiting.get(awaiting.firstKey()),
                  awaiting.size() == 1 ? "" : ", and others"));
    }
    if (remark != null) {
      reasons.add(remark);
    }
    return reasons;
  }
}
