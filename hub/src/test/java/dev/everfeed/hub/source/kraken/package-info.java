@NullMarked
package dev.everfeed.hub.source.kraken;

import org.jspecify.annotations.NullMarked;
