/// The HTTP face of the hub: what may be asked, how it is answered, and how a mistake is
/// answered.
@NullMarked
package dev.everfeed.hub.api;

import org.jspecify.annotations.NullMarked;
