/// What became of every event that the hub knows of: delivered, filled in later, or declared
/// lost; kept over restarts.
@NullMarked
package dev.everfeed.hub.ledger;

import org.jspecify.annotations.NullMarked;
