@NullMarked
package dev.everfeed.core.compact;

import org.jspecify.annotations.NullMarked;
