package dev.everfeed.hub.account;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// All accounts at one moment. Immutable.
///
/// @param from   where those come from that are not of the configuration
/// @param asOf   when the database was read; null when it never was
/// @param reason why they are not those of the database, or null
/// @param all    by name
/// @param faults what a person has to look after
public record AccountsView(
    From from,
    @Nullable Instant asOf,
    @Nullable String reason,
    List<AccountView> all,
    List<String> faults) {

  /// Where accounts come from.
  public enum From {
    DATABASE,
    /// The last known ones: the database cannot be asked.
    CACHE;

    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public AccountsView {
    all = List.copyOf(all);
    faults = List.copyOf(faults);
  }

  /// Of a hub that has none.
  public static AccountsView none() {
    return new AccountsView(From.CACHE, null, null, List.of(), List.of());
  }

  public Optional<AccountView> find(String id) {
    return all.stream().filter(each -> each.id().equals(id)).findFirst();
  }
}
