package dev.everfeed.hub.account;

import dev.everfeed.core.model.SourceId;
import dev.everfeed.hub.config.GatewaySettings;
import dev.everfeed.hub.config.Mistake;
import dev.everfeed.hub.config.Settings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Brings the hub's gateways to what the accounts say: whatever the difference is, and whoever
/// made it, here, at another hub, or by hand. What cannot be done now is tried again. One
/// thread, which it may block for a few seconds.
///
/// | account                              | its gateway                                        |
/// |--------------------------------------|----------------------------------------------------|
/// | right                                | is put there, enabled or not                       |
/// | wrong, or its secrets cannot be read | stays as it is: not there, or as it was before     |
/// | deleted, or of another source        | is removed                                         |
/// | of a name that the configuration has | is not touched: the configuration's is there       |
final class Effect {
  private static final Logger LOG = LoggerFactory.getLogger("everfeed.accounts");
  /// What is published from a gateway leaves it before it goes.
  private static final Duration WITHIN = Duration.ofSeconds(10);

  private static final Duration AGAIN_AFTER = Duration.ofSeconds(5);

  /// What became of an account.
  ///
  /// @param reason null when there is nothing to say
  record Outcome(AccountView.State state, @Nullable String reason) {}

  private final Settings settings;
  private final SecretBox box;
  private final @Nullable Gateways gateways;
  private final String unusedBecause;
  private final LongSupplier nanos;

  /// What was put there, and taken.
  private final Map<String, GatewaySettings> applied = new LinkedHashMap<>();

  /// Whose gateways go with everything that is published from them, as somebody has said at this
  /// hub. At others the same account waits until that can go elsewhere, or is forced there too.
  private final Set<String> forced = new TreeSet<>();

  /// Gateways whose last order failed, and may take effect all the same: it was perhaps only late.
  private final Set<String> unsure = new HashSet<>();

  /// What was refused, when, so that it is not tried in every round.
  private final Map<String, Refusal> refusals = new HashMap<>();

  /// Accounts of the last round: what is ordered of one that was never used goes with it, too.
  private Set<String> known = Set.of();

  private final Map<String, Outcome> told = new HashMap<>();
  private Map<String, String> stays = Map.of();

  private record Refusal(@Nullable GatewaySettings wanted, String reason, long atNanos) {}

  /// @param gateways      null in a hub that listens to nothing
  /// @param unusedBecause why it does not, then
  Effect(
      Settings settings,
      SecretBox box,
      @Nullable Gateways gateways,
      String unusedBecause,
      LongSupplier nanos) {
    this.settings = settings;
    this.box = box;
    this.gateways = gateways;
    this.unusedBecause = unusedBecause;
    this.nanos = nanos;
  }

  /// @param taken names that the configuration has, by where
  /// @return by account
  Map<String, Outcome> apply(List<Account> accounts, Map<String, String> taken) {
    Map<String, Outcome> outcomes = new LinkedHashMap<>();
    Set<String> gone = new TreeSet<>(applied.keySet());
    for (Account account : accounts) {
      String path = taken.get(account.id());
      if (path != null) {
        outcomes.put(
            account.id(),
            new Outcome(
                AccountView.State.UNUSABLE,
                "the configuration has a gateway of this name (%s), which is used; rename one of the two"
                    .formatted(path)));
        continue;
      }
      gone.remove(account.id());
      outcomes.put(account.id(), one(account));
    }
    Gateways to = gateways;
    for (String id : known) {
      boolean unused = !applied.containsKey(id) && !taken.containsKey(id);
      if (to != null && unused && !outcomes.containsKey(id)) {
        tried(id, null, () -> to.remove(id, false));
      }
    }
    Map<String, String> left = new TreeMap<>();
    for (String id : gone) {
      String refused = remove(id);
      if (refused != null) {
        left.put(id, refused);
      }
    }
    stays = Map.copyOf(left);
    known = Set.copyOf(outcomes.keySet());
    unsure.removeIf(id -> !outcomes.containsKey(id) && !applied.containsKey(id));
    forced.removeIf(id -> !outcomes.containsKey(id) && !applied.containsKey(id));
    refusals.keySet().removeIf(id -> !outcomes.containsKey(id) && !applied.containsKey(id));
    tell(outcomes);
    return outcomes;
  }

  /// What becomes of this account may leave contracts that nobody publishes.
  void force(String id) {
    forced.add(id);
    refusals.remove(id);
  }

  /// Gateways that should be gone, by why they are not.
  Map<String, String> stays() {
    return stays;
  }

  private Outcome one(Account account) {
    List<Mistake> mistakes = new ArrayList<>();
    GatewaySettings wanted = account.gateway(mistakes);
    String wrong = mistakes.isEmpty() ? unreadable(account) : wrong(mistakes);
    if (wrong != null) {
      return new Outcome(
          AccountView.State.UNUSABLE,
          applied.containsKey(account.id())
              ? wrong + "; its gateway goes on as it was before"
              : wrong);
    }
    Gateways to = gateways;
    if (to == null) {
      return new Outcome(AccountView.State.OFF, unusedBecause);
    }
    SourceId source = Objects.requireNonNull(wanted.source());
    if (!settings.source(source).enabled()) {
      remove(account.id());
      return new Outcome(
          AccountView.State.OFF,
          "sources.%s.enabled is false in the configuration".formatted(source));
    }
    GatewaySettings before = applied.get(account.id());
    if (before != null && !source.equals(before.source())) {
      String refused = remove(account.id());
      if (refused != null) {
        return new Outcome(AccountView.State.WAITING, refused);
      }
    }
    if (wanted.enabled()) {
      forced.remove(account.id());
    } else if (forced.contains(account.id())) {
      remove(account.id()); // it comes again, switched off
    }
    if (!wanted.equals(applied.get(account.id())) || unsure.contains(account.id())) {
      String refused = tried(account.id(), wanted, () -> to.put(account.id(), wanted));
      if (refused != null) {
        return new Outcome(AccountView.State.WAITING, refused);
      }
      applied.put(account.id(), wanted);
    }
    return wanted.enabled()
        ? new Outcome(AccountView.State.USED, null)
        : new Outcome(AccountView.State.OFF, "it is not enabled");
  }

  private @Nullable String unreadable(Account account) {
    for (Map.Entry<String, String> secret : account.secrets().entrySet()) {
      try {
        box.open(account.id(), secret.getKey(), secret.getValue());
      } catch (SecretLostException e) {
        return e.getMessage();
      }
    }
    return null;
  }

  private static String wrong(List<Mistake> mistakes) {
    return "its row in the database is wrong: "
        + String.join("; ", mistakes.stream().map(Mistake::toString).toList());
  }

  /// @return why not, or null when it is not there any more
  private @Nullable String remove(String id) {
    Gateways from = gateways;
    if (from == null || !applied.containsKey(id)) {
      return null;
    }
    boolean force = forced.contains(id);
    String refused = tried(id, null, () -> from.remove(id, force));
    if (refused == null) {
      forced.remove(id);
      applied.remove(id);
      LOG.info("account {}: its gateway is gone", id);
    }
    return refused;
  }

  /// @return why not, or null when it is done
  private @Nullable String tried(
      String id, @Nullable GatewaySettings wanted, Supplier<CompletionStage<Void>> order) {
    Refusal last = refusals.get(id);
    Refusal before = last != null && Objects.equals(last.wanted(), wanted) ? last : null;
    if (before != null && nanos.getAsLong() - before.atNanos() < AGAIN_AFTER.toNanos()) {
      return before.reason();
    }
    String reason = reason(order);
    if (reason == null) {
      refusals.remove(id);
      unsure.remove(id);
      return null;
    }
    unsure.add(id);
    if (wanted == null && (before == null || !before.reason().equals(reason))) {
      LOG.warn(
          "account {}: its gateway cannot be taken away: {}; tried again every {} s",
          id,
          reason,
          AGAIN_AFTER.toSeconds());
    }
    refusals.put(id, new Refusal(wanted, reason, nanos.getAsLong()));
    return reason;
  }

  private static @Nullable String reason(Supplier<CompletionStage<Void>> order) {
    try {
      order.get().toCompletableFuture().get(WITHIN.toMillis(), TimeUnit.MILLISECONDS);
      return null;
    } catch (ExecutionException e) {
      return String.valueOf(e.getCause() == null ? e.getMessage() : e.getCause().getMessage());
    } catch (TimeoutException e) {
      return "the gateways did not take it within %d s".formatted(WITHIN.toSeconds());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "the hub stops";
    }
  }

  /// A change of state is told once.
  private void tell(Map<String, Outcome> outcomes) {
    outcomes.forEach((id, now) -> {
      Outcome before = told.put(id, now);
      if (now.equals(before)) {
        return;
      }
      switch (now.state()) {
        case USED -> LOG.info("account {}: used", id);
        case OFF -> LOG.info("account {}: off: {}", id, now.reason());
        case UNUSABLE, WAITING ->
          LOG.warn("account {}: {}: {}", id, now.state().text(), now.reason());
      }
    });
    told.keySet().retainAll(outcomes.keySet());
  }
}
