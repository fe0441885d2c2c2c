@NullMarked
package dev.everfeed.hub.source.coinbase;

import org.jspecify.annotations.NullMarked;
