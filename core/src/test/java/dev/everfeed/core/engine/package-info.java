@NullMarked
package dev.everfeed.core.engine;

import org.jspecify.annotations.NullMarked;
