@NullMarked
package dev.everfeed.hub.source.binance;

import org.jspecify.annotations.NullMarked;
