package dev.everfeed.hub.api;

import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// How the keeping of data is, at one moment. Immutable.
///
/// @param kind      whose database it is
/// @param reason    why it is not `UP`, or null
/// @param since     of the state
/// @param journal   null when nothing is kept
/// @param onDuty    whether this hub runs the schedule
public record StoreView(
    Kind kind,
    State state,
    @Nullable String reason,
    Instant since,
    @Nullable JournalView journal,
    boolean onDuty) {

  /// Whose database.
  public enum Kind {
    /// Nothing is kept.
    NONE,
    EMBEDDED,
    EXTERNAL;

    String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /// Of the database.
  public enum State {
    OFF,
    /// Not tried yet, or on its way up for the first time.
    STARTING,
    UP,
    /// Everything goes on without it; the journal holds what is to be written.
    DOWN;

    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /// What is on this machine's disk and not yet in the database.
  ///
  /// @param refusing    why nothing more is written down, or null
  /// @param waitingBytes accepted, not yet in the database
  /// @param oldestAgeMillis of the oldest of these, -1 when nothing waits
  /// @param accepted    entries since the start
  /// @param refused     entries since the start
  public record JournalView(
      @Nullable String refusing,
      long waitingBytes,
      long oldestAgeMillis,
      long accepted,
      long refused) {}

  /// A hub that keeps nothing.
  public static StoreView none(Instant since) {
    return new StoreView(Kind.NONE, State.OFF, null, since, null, true);
  }

  /// Why the hub is not all right because of this, or null.
  @Nullable
  String complaint() {
    JournalView written = journal;
    if (written != null && written.refusing() != null) {
      return "journal: " + written.refusing();
    }
    return state == State.DOWN ? "store: " + reason : null;
  }

  void write(JsonText json) {
    json.open()
        .field("kind", kind.text())
        .field("state", state.text())
        .field("reason", reason)
        .field("since", since)
        .field("on_duty", onDuty)
        .key("journal");
    JournalView written = journal;
    if (written == null) {
      json.nothing();
    } else {
      json.open()
          .field("refusing", written.refusing())
          .field("waiting_bytes", written.waitingBytes());
      if (written.oldestAgeMillis() < 0) {
        json.fieldNull("oldest_age_ms");
      } else {
        json.field("oldest_age_ms", written.oldestAgeMillis());
      }
      json.field("accepted", written.accepted())
          .field("refused", written.refused())
          .close();
    }
    json.close();
  }
}
