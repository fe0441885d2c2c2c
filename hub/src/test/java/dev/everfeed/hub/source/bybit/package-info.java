@NullMarked
package dev.everfeed.hub.source.bybit;

import org.jspecify.annotations.NullMarked;
