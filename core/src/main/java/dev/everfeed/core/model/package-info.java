/// The words of the domain as values that cannot be wrong. Imports nothing of ours.
@NullMarked
package dev.everfeed.core.model;

import org.jspecify.annotations.NullMarked;
