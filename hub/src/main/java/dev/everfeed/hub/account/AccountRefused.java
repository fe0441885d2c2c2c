package dev.everfeed.hub.account;

import dev.everfeed.hub.config.Mistake;
import java.util.List;

/// An order that cannot be carried out. The message says why, and what would be possible.
public final class AccountRefused extends Exception {
  private static final long serialVersionUID = 1;

  /// What a caller can do about it.
  public enum Reason {
    /// It is wrong in itself.
    MISTAKEN,
    /// There is no such account.
    UNKNOWN,
    /// There is one by that name.
    EXISTS,
    /// The configuration has it, and only there it can be changed.
    MANAGED_BY_FILE,
    /// Somebody else has changed it since.
    CHANGED,
    /// It has secrets, and there is no key to encrypt them with.
    NO_KEY,
    /// There are as many as there may be.
    FULL,
    /// This hub keeps nothing.
    NOTHING_KEPT,
    /// The database cannot be written to now.
    AWAY,
    /// The database failed in the middle: it may have been carried out.
    UNSURE,
    /// Too many orders wait.
    BUSY,
    /// The hub stops.
    STOPPING
  }

  private final Reason reason;
  private final transient List<Mistake> mistakes;

  AccountRefused(Reason reason, String message) {
    this(reason, message, List.of());
  }

  private AccountRefused(Reason reason, String message, List<Mistake> mistakes) {
    super(message);
    this.reason = reason;
    this.mistakes = List.copyOf(mistakes);
  }

  static AccountRefused mistaken(List<Mistake> mistakes) {
    return new AccountRefused(
        Reason.MISTAKEN,
        mistakes.size() == 1
            ? mistakes.getFirst().toString()
            : "%,d things are wrong".formatted(mistakes.size()),
        mistakes);
  }

  public Reason reason() {
    return reason;
  }

  /// Everything that is wrong with it, where that is the reason.
  public List<Mistake> mistakes() {
    return mistakes;
  }
}
