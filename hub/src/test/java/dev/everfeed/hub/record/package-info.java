/// Recordings on a real disk: written, cut, changed and read.
@NullMarked
package dev.everfeed.hub.record;

import org.jspecify.annotations.NullMarked;
