package dev.everfeed.core.model;

/// How far a served value can be trusted (DESIGN section 5). Every value that leaves the hub
/// carries one.
public enum ValueStatus {
  /// Fresh, from a healthy gateway.
  LIVE("live"),
  /// Its stream is suspect, or it is older than the source's usual interval.
  MAYBE_STALE("maybe_stale"),
  /// Its gateway is convicted, or it is older than the limit.
  STALE("stale"),
  /// The source itself delivers late: contract, not fault.
  DELAYED("delayed"),
  /// Refilled after the fact.
  BACKFILLED("backfilled"),
  /// Answered from store or cache.
  CACHED("cached");

  private final String text;

  ValueStatus(String text) {
    this.text = text;
  }

  public String text() {
    return text;
  }
}
