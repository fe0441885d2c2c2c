/// Binance spot: api.binance.com and stream.binance.com (wire/SPEC.md section 1).
@NullMarked
package dev.everfeed.hub.source.binance;

import org.jspecify.annotations.NullMarked;
