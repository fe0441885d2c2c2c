@NullMarked
package dev.everfeed.simulator;

import org.jspecify.annotations.NullMarked;
