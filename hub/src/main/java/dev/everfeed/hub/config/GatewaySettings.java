package dev.everfeed.hub.config;

import dev.everfeed.core.engine.GatewayPlan.Standby;
import dev.everfeed.core.model.SourceId;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/// One connection to a source. Those of one source are lines of each other: their content is
/// identical.
///
/// @param source    null for the one of the gateway's name
/// @param streamUrl null for the source's
/// @param priority  null for its place in the list
/// @param standby   null for `hot` where a better line of the same source is there, else `warm`
/// @param account   null for one of its own
/// @param policy    null for that of the failover
public record GatewaySettings(
    @Knob(
        means = "The source that it connects to; the one of the gateway's name when not set.",
        touch = "for every line but the first of a source")
    @Nullable
    SourceId source,

    @Knob(
        means = "Address of the WebSocket server, ws or wss; the source's when not set.",
        touch = "for a line over another address or network")
    @Nullable
    URI streamUrl,

    @Knob(
        min = "0",
        max = "1000",
        means = "The lower the better; its place in the list when not set.",
        touch = "when the order of the list is not the order of preference")
    @Nullable
    Integer priority,

    @Knob(
        value = "true",
        means = "Whether it is used at all.",
        touch = "to take a gateway out of service")
    boolean enabled,

    @Knob(
        means =
            "What it does while others are active: `hot` is subscribed to everything, `warm` is connected and subscribed to the canaries, `cold` is not connected. When not set, `hot` for a further line of a source, else `warm`.",
        touch =
            "`hot` for the fastest switch and the surest detection, at the price of its traffic")
    @Nullable
    Standby standby,

    @Knob(
        means =
            "Gateways with one account share the connections that the source allows for it; an account of its own when not set.",
        touch = "when two gateways use one key")
    @Nullable
    String account,

    @Knob(
        means =
            "As `stream.failover.policy`, for what leaves this gateway; what is set for a symbol goes first.",
        touch = "to try automatic failover on some gateways first")
    FailoverSettings.@Nullable Policy policy)
    implements Checked {

  /// More than anybody has lines; the engine keeps a bit for each.
  public static final int MAX = 64;

  /// What is wrong with a gateway's name, or null.
  public static @Nullable String wrongName(String id) {
    return id.matches("[a-z][a-z0-9_]{0,39}")
        ? null
        : "names have 1 to 40 of a-z, 0-9 and _, found \"" + Binder.shortened(id) + "\"";
  }

  @Override
  public void check(Complaints complaints) {
    if (streamUrl != null && !streamUrl.getScheme().startsWith("ws")) {
      complaints.add("stream_url", "must begin with ws:// or wss://, found " + streamUrl);
    }
  }

  /// The same, not used.
  public GatewaySettings switchedOff() {
    return new GatewaySettings(source, streamUrl, priority, false, standby, account, policy);
  }

  /// The name of the source.
  ///
  /// @param id of the gateway
  public String source(String id) {
    return source == null ? id : source.name();
  }
}
