/// The provider chain as a pure machine: who is asked, when the next one is, what is served from
/// memory.
@NullMarked
package dev.everfeed.core.request;

import org.jspecify.annotations.NullMarked;
