/// alternative.me: the crypto Fear and Greed index (wire/SPEC.md section 12).
@NullMarked
package dev.everfeed.hub.source.alternativeme;

import org.jspecify.annotations.NullMarked;
