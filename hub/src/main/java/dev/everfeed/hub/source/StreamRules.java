package dev.everfeed.hub.source;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// What a venue asks of who listens to it (wire/SPEC.md).
///
/// @param streamsMax        subscriptions of one connection
/// @param streamsPerRequest subscriptions asked for in one message
/// @param requestsMax       requests to the venue in any [#requestsWindow] of a connection, with
///     some room: what is sent late may come together with what is sent in time. Where messages
///     are counted and a request takes several, as many fewer
/// @param requestsWindow    and how long that is
/// @param connectsMax       connections begun in a [#connectsWindow]
/// @param connectsWindow    and how long that is
/// @param subscribeWithin   after that the venue closes a connection without a subscription;
///     null for never
/// @param lifetime          after that the venue closes any connection; null for never
/// @param quietMax          the longest time without any frame, pings included, of a connection
///     that is alive
/// @param connectionsPerAccount that the venue keeps up at a time for one key; a further one is
///     refused, or ends an older one. `Integer.MAX_VALUE` where it does not count them
public record StreamRules(
    int streamsMax,
    int streamsPerRequest,
    int requestsMax,
    Duration requestsWindow,
    int connectsMax,
    Duration connectsWindow,
    @Nullable Duration subscribeWithin,
    @Nullable Duration lifetime,
    Duration quietMax,
    int connectionsPerAccount) {}
