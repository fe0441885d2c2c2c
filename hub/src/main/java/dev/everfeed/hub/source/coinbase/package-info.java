/// Coinbase's two public interfaces to one order book: Coinbase Exchange
/// (api.exchange.coinbase.com and ws-feed.exchange.coinbase.com, wire/SPEC.md section 2) and
/// Coinbase Advanced Trade (api.coinbase.com, section 3).
@NullMarked
package dev.everfeed.hub.source.coinbase;

import org.jspecify.annotations.NullMarked;
