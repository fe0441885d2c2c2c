/// What has been accepted: written to local disk and synced before anybody relies on it, and
/// read again in order by the one who writes it into the database.
@NullMarked
package dev.everfeed.hub.journal;

import org.jspecify.annotations.NullMarked;
