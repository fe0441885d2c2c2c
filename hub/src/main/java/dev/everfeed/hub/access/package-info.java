/// Who may ask the hub for what: API keys with roles, the certificate, and what is refused before
/// anything listens.
@NullMarked
package dev.everfeed.hub.access;

import org.jspecify.annotations.NullMarked;
