package dev.everfeed.hub.store;

import dev.everfeed.hub.journal.Positioned;

/// What one entry becomes in one table.
interface Row {
  /// What it was made from, and what goes to the quarantine when the database refuses it.
  Positioned entry();
}
