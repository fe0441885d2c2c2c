/// The real processes, started as their user starts them; and the documents, held true.
@NullMarked
package dev.everfeed.system;

import org.jspecify.annotations.NullMarked;
