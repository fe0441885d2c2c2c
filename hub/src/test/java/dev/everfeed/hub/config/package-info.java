/// The configuration: what it means, and what it says when it is wrong.
@NullMarked
package dev.everfeed.hub.config;

import org.jspecify.annotations.NullMarked;
