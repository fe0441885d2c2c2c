@NullMarked
package dev.everfeed.hub.store;

import org.jspecify.annotations.NullMarked;
