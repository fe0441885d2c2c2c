@NullMarked
package dev.everfeed.hub.ledger;

import org.jspecify.annotations.NullMarked;
