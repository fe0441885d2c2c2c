/// Bybit spot, version 5 of its interface: api.bybit.com (wire/SPEC.md section 6).
@NullMarked
package dev.everfeed.hub.source.bybit;

import org.jspecify.annotations.NullMarked;
