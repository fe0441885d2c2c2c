/// Decides what of several lines of one content is published: each event once, in its order.
/// Pure: time is an argument.
@NullMarked
package dev.everfeed.core.arbitrate;

import org.jspecify.annotations.NullMarked;
