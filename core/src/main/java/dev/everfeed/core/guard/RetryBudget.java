package dev.everfeed.core.guard;

/// Keeps retries and hedges a small share of the traffic, so that a source in trouble is not
/// asked more than one in health. A token bucket: every first call earns a part of a token,
/// every retry or hedge costs a whole one. Owned by one thread.
///
/// `retries <= calls * ratioPerMille / 1000 + burst`, at every moment (RESILIENCE section 4:
/// gRPC A6, 10 % and 10 tokens).
public final class RetryBudget {
  private static final int TOKEN = 1_000;

  private final int ratioPerMille;
  private final int capacity;
  private int milliTokens;
  private long calls;
  private long retries;
  private long refused;

  /// Full.
  ///
  /// @param ratioPerMille of a token earned by a first call, 0 to 1,000
  /// @param burst         tokens that the bucket holds, 0 to 1,000,000
  public RetryBudget(int ratioPerMille, int burst) {
    new Mistakes()
        .within("ratioPerMille", ratioPerMille, 0, 1_000)
        .within("burst", burst, 0, 1_000_000)
        .refuse();
    this.ratioPerMille = ratioPerMille;
    this.capacity = burst * TOKEN;
    this.milliTokens = capacity;
  }

  /// 10 % of the calls and a burst of 10.
  public static RetryBudget defaults() {
    return new RetryBudget(100, 10);
  }

  /// A call was made that is neither retry nor hedge.
  public void onCall() {
    calls++;
    milliTokens = Math.min(capacity, milliTokens + ratioPerMille);
  }

  /// Takes a token for a retry or a hedge; false when there is none, and the call must not be
  /// made.
  public boolean tryRetry() {
    if (milliTokens < TOKEN) {
      refused++;
      return false;
    }
    milliTokens -= TOKEN;
    retries++;
    return true;
  }

  /// Retries that could be made now.
  public int tokens() {
    return milliTokens / TOKEN;
  }

  public long calls() {
    return calls;
  }

  public long retries() {
    return retries;
  }

  /// Retries and hedges that were not made for want of a token.
  public long refused() {
    return refused;
  }
}
