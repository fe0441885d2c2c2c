package dev.everfeed.benchmarks.stall;

/// One way to notice that line 0 is silent. Time is passed in.
interface Detector {
  void event(int line, long nowNanos);

  /// This process stood still until now; most do not care.
  default void stoodStill(long slipNanos, long nowNanos) {}

  /// When it would convict, or look again, if nothing came until then; `Long.MAX_VALUE` for
  /// never.
  long nextDeadlineNanos();

  void timePassed(long nowNanos);

  /// Line 0 is convicted and has had no event since.
  boolean convicts();
}
