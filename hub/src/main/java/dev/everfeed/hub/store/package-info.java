/// PostgreSQL, embedded or external: rows written from the journal, and read as history.
@NullMarked
package dev.everfeed.hub.store;

import org.jspecify.annotations.NullMarked;
