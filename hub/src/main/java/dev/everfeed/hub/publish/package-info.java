/// How values leave the hub.
@NullMarked
package dev.everfeed.hub.publish;

import org.jspecify.annotations.NullMarked;
