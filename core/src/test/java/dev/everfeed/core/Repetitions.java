package dev.everfeed.core;

/// How often the long tests repeat what they do: as often as they are written, or a part of that
/// where all tests are run thousands of times over, once for each line that is changed (mutation
/// analysis, see CONTRIBUTING): `-Deverfeed.repetitions=50` for 50 per mille.
public final class Repetitions {
  private static final int PER_MILLE = Integer.getInteger("everfeed.repetitions", 1_000);

  private Repetitions() {}

  /// At least one.
  public static int of(int usual) {
    return (int) Math.max(1, (long) usual * PER_MILLE / 1_000);
  }
}
