@NullMarked
package dev.everfeed.core.guard;

import org.jspecify.annotations.NullMarked;
