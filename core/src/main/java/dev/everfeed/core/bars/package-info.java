/// Bars from trades, as they are published. Pure: time is an argument.
@NullMarked
package dev.everfeed.core.bars;

import org.jspecify.annotations.NullMarked;
