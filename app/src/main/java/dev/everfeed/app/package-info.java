/// The `everfeed` command.
@NullMarked
package dev.everfeed.app;

import org.jspecify.annotations.NullMarked;
