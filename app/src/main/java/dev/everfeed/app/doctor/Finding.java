package dev.everfeed.app.doctor;

import org.jspecify.annotations.Nullable;

/// One thing that the doctor found.
///
/// @param check  what was looked at: `ports`
/// @param what   what was seen, with numbers and units
/// @param remedy what to do; null where nothing is to be done
public record Finding(
    String check, Outcome outcome, String what, @Nullable String remedy) {

  /// From well to bad, what was not looked at first.
  public enum Outcome {
    /// Not looked at; `what` says why.
    SKIPPED,
    OK,
    /// The hub runs, and something will be worse than it could be.
    WARN,
    /// The hub does not start, or does not do what it is there for.
    FAIL
  }

  public static Finding ok(String check, String what) {
    return new Finding(check, Outcome.OK, what, null);
  }

  public static Finding skipped(String check, String why) {
    return new Finding(check, Outcome.SKIPPED, why, null);
  }

  static Finding warn(String check, String what, String remedy) {
    return new Finding(check, Outcome.WARN, what, remedy);
  }

  public static Finding fail(String check, String what, String remedy) {
    return new Finding(check, Outcome.FAIL, what, remedy);
  }
}
