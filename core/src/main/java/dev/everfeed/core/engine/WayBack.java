package dev.everfeed.core.engine;

/// The gateway that a contract has left, which stays attached for a while.
///
/// @param untilNanos when its time is over
record WayBack(int to, long untilNanos) {}
