/// Kraken spot: api.kraken.com (wire/SPEC.md section 4).
@NullMarked
package dev.everfeed.hub.source.kraken;

import org.jspecify.annotations.NullMarked;
