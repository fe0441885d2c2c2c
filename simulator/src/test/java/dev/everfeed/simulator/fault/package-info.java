@NullMarked
package dev.everfeed.simulator.fault;

import org.jspecify.annotations.NullMarked;
