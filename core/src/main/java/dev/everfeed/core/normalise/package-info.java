/// What a source's notation means in the domain's words, and whether a value can be believed.
@NullMarked
package dev.everfeed.core.normalise;

import org.jspecify.annotations.NullMarked;
