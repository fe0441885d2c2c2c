/// How fast the health pages answer under load.
@NullMarked
package dev.everfeed.benchmarks.health;

import org.jspecify.annotations.NullMarked;
