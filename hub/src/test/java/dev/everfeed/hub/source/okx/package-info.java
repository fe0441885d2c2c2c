@NullMarked
package dev.everfeed.hub.source.okx;

import org.jspecify.annotations.NullMarked;
