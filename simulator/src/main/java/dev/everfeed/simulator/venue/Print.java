package dev.everfeed.simulator.venue;

/// One trade. Ids are consecutive per symbol; prices and sizes count units of 1e-8.
///
/// @param buyerIsMaker true when the taker sold (Binance's `m`)
public record Print(long id, long price, long size, long timeMillis, boolean buyerIsMaker) {}
