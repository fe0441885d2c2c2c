@NullMarked
package dev.everfeed.core.arbitrate;

import org.jspecify.annotations.NullMarked;
