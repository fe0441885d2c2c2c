/// Runs the machines of `core` on real clocks, sockets and threads: the only place where the hub
/// makes any of them.
@NullMarked
package dev.everfeed.hub.runtime;

import org.jspecify.annotations.NullMarked;
