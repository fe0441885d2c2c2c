/// CoinGecko: prices averaged over exchanges, and votes (wire/SPEC.md section 7).
@NullMarked
package dev.everfeed.hub.source.coingecko;

import org.jspecify.annotations.NullMarked;
