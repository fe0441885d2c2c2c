/// Whether a program may trade on what is known of a symbol. Pure: time is an argument.
@NullMarked
package dev.everfeed.core.verdict;

import org.jspecify.annotations.NullMarked;
