package dev.everfeed.hub.api;

import dev.everfeed.core.engine.GatewayPlan;
import dev.everfeed.core.model.GatewayState;
import dev.everfeed.core.model.SourceId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A gateway that is listened to, at the moment of a [HubView]; moments are on the view's
/// monotonic clock. Immutable; made by the runtime.
///
/// @param plan             how it is configured; its id is as in the published messages
/// @param enabled          whether it may be used now
/// @param state            how it is
/// @param reason           of the state
/// @param sinceNanos       when the state began
/// @param active           contracts that are published from it
/// @param streams          that it is subscribed to, or is to be; 0 when nothing is wanted of it
/// @param channels         of these streams
/// @param symbols          of these streams
/// @param suspected        symbols of which a stream is likely to be silent
/// @param convicted        symbols for which it is held to be silent or wrong
/// @param messages         of the venue, data or not
/// @param lastMessageNanos when the newest of them came, -1 before the first
/// @param reconnects       connections begun after one that ended, or to replace one in time
/// @param unreadable       messages that could not be read
/// @param lastError        what ended a connection last, or was refused; null when nothing was
/// @param lastErrorNanos   -1 without one
public record StreamView(
    GatewayPlan plan,
    SourceId source,
    boolean enabled,
    GatewayState state,
    String reason,
    long sinceNanos,
    int active,
    int streams,
    List<String> channels,
    List<String> symbols,
    List<String> suspected,
    List<String> convicted,
    long messages,
    long lastMessageNanos,
    long reconnects,
    long unreadable,
    @Nullable String lastError,
    long lastErrorNanos) {

  public StreamView {
    channels = List.copyOf(channels);
    symbols = List.copyOf(symbols);
    suspected = List.copyOf(suspected);
    convicted = List.copyOf(convicted);
  }

  public String id() {
    return plan.id();
  }

  /// Whether there is anything that it is to give.
  boolean isWanted() {
    return streams > 0;
  }
}
