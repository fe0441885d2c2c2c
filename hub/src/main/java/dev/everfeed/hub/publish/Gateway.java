package dev.everfeed.hub.publish;

import dev.everfeed.core.model.SourceId;

/// Who a published event came through.
///
/// @param id       of the gateway, `binance`
/// @param source   that it is a connection to
/// @param exchange where it trades
public record Gateway(String id, SourceId source, String exchange) {}
