@NullMarked
package dev.everfeed.hub.access;

import org.jspecify.annotations.NullMarked;
