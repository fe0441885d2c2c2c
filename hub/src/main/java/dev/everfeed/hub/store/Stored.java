package dev.everfeed.hub.store;

import dev.everfeed.core.model.Event;
import java.time.Instant;

/// An event as it was stored.
///
/// @param receivedAt by the clock of the hub that received it
public record Stored(Event event, Instant receivedAt) {}
