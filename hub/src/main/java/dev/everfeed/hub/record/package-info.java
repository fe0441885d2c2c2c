/// Recordings: what came over a venue's sockets, byte for byte and with both clocks, in files
/// that are read again after any end.
@NullMarked
package dev.everfeed.hub.record;

import org.jspecify.annotations.NullMarked;
