/// What is in a package, and whether it may be.
@NullMarked
package dev.everfeed.distribution;

import org.jspecify.annotations.NullMarked;
