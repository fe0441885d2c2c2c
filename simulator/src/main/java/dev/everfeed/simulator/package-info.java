/// Venues with faults on real loopback HTTP, and the deterministic world. Depends on `core`
/// only.
@NullMarked
package dev.everfeed.simulator;

import org.jspecify.annotations.NullMarked;
