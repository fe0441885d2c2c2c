package dev.everfeed.simulator.world;

import dev.everfeed.core.model.Query;
import java.util.List;

/// What a seed decides about the store: what it holds at the beginning, when it is slow or away,
/// when our process starts anew, and when the schedule is another's duty.
///
/// @param pastMinutes    bars of so many minutes before the beginning are stored
/// @param spells         when something is wrong with it
/// @param restarts       of our process, in order, none while another one goes on
/// @param dutyChanges    in order
/// @param wordAfterNanos after each start, when it is said what was remembered and asked before
/// @param questions      for bars of the past, drawn from evenly
/// @param askedPerSecond by those who ask them
record StorePlan(
    int pastMinutes,
    List<Spell> spells,
    List<Restart> restarts,
    List<DutyChange> dutyChanges,
    long wordAfterNanos,
    List<Query> questions,
    double askedPerSecond) {

  enum Trouble {
    /// Answers take up to 6 s.
    SLOW,
    /// Every question fails.
    FAILING,
    /// Nothing ever comes back.
    MUTE,
    /// It is known to be away.
    AWAY
  }

  record Spell(Trouble trouble, long fromNanos, long toNanos) {
    boolean overlaps(long from, long to) {
      return fromNanos <= to && toNanos >= from;
    }
  }

  /// Our process ends at `atNanos` and begins again after `downNanos`.
  record Restart(long atNanos, long downNanos) {}

  record DutyChange(long atNanos, boolean mine) {}
}
