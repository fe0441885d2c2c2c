/// Arrays that hold the state of tens of thousands of streams in few bytes. Imports nothing of
/// ours.
@NullMarked
package dev.everfeed.core.compact;

import org.jspecify.annotations.NullMarked;
