/// Gateways that operators make while the hub runs: kept in the database, their secrets
/// encrypted, the last known ones on the hub's own disk.
@NullMarked
package dev.everfeed.hub.account;

import org.jspecify.annotations.NullMarked;
