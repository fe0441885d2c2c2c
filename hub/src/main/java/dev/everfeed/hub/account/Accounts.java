package dev.everfeed.hub.account;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.everfeed.hub.account.AccountRefused.Reason;
import dev.everfeed.hub.config.GatewaySettings;
import dev.everfeed.hub.config.Mistake;
import dev.everfeed.hub.config.Settings;
import dev.everfeed.hub.store.DatabaseCheck;
import dev.everfeed.hub.telemetry.AccountMetrics;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The accounts of a hub (REQUIREMENTS C7): those of the configuration, which never change, and
/// those of the database, which operators change while the hub runs.
///
/// The database is the truth. This reads it once a second and after each order, brings the
/// gateways to what it says ([Effect]), and keeps a copy on the hub's own disk ([LastKnown]),
/// which is what there is while the database is away. So a change that another hub makes, or
/// somebody by hand, takes effect within a second or two, and a hub that starts without a
/// database starts with the accounts that it knew.
///
/// What is stored with another key than the first is encrypted anew when the database comes up,
/// and then not again until it has been away: two hubs whose keys stand in different order would
/// otherwise do so for each other without end.
///
/// Any thread may look ([#view]) and order; nothing blocks. Everything else runs on the thread
/// `accounts`, which waits for the database.
public final class Accounts implements Runnable, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("everfeed.accounts");
  private static final Duration LOOK_EVERY = Duration.ofSeconds(1);
  private static final int ORDERS_MAX = 100;

  /// Who reads before the thread has begun is not told that an account is not there.
  private static final Effect.Outcome STARTING =
      new Effect.Outcome(AccountView.State.WAITING, "the hub is starting");

  /// The hub around it.
  public interface Host {
    Instant now();

    /// Monotonic.
    long nanos();

    /// Why the database is not there, or null when it is.
    @Nullable
    String missing();

    /// Writes an event down.
    void happened(String type, String detail);
  }

  /// Which versions of an account an order is for.
  ///
  /// @param any whatever it is
  public record Match(boolean any, Set<Long> versions) {
    public static final Match ANY = new Match(true, Set.of());

    public Match {
      versions = Set.copyOf(versions);
    }

    public boolean fits(long version) {
      return any || versions.contains(version);
    }
  }

  /// An order with the one who waits for it.
  private record Order(Work work, CompletableFuture<Void> done) {}

  private interface Work {
    void on(AccountTable table) throws SQLException, AccountRefused;
  }

  private final String configuration;
  private final List<AccountView> ofFile;
  private final Map<String, String> taken = new LinkedHashMap<>();
  private final KeyRing keys;
  private final SecretBox box;
  private final Effect effect;
  private final @Nullable LastKnown lastKnown;
  private final Host host;
  private final AccountMetrics metrics;
  private final BlockingQueue<Order> orders = new ArrayBlockingQueue<>(ORDERS_MAX);
  private volatile @Nullable DataSource database;
  private volatile boolean rekeyWanted;
  private volatile boolean closed;
  private volatile AccountsView shown;

  /// Accounts that are not there any more and whose gateways are, with the reason.
  private volatile Map<String, String> stays = Map.of();

  // On the thread.
  private List<Account> known = List.of();
  private Map<String, Effect.Outcome> outcomes = new LinkedHashMap<>();
  private List<Account> written = List.of();
  private @Nullable Instant asOf;
  private @Nullable String fileFault;
  private @Nullable String readFault;

  /// @param configuration what people know the configuration by: its file
  /// @param folder        for the last known accounts, which only the hub's user can enter; null
  ///     in a hub that keeps nothing
  /// @param gateways      null in a hub that listens to nothing
  /// @param unusedBecause why it does not, then
  public Accounts(
      Settings settings,
      String configuration,
      @Nullable Path folder,
      @Nullable Gateways gateways,
      String unusedBecause,
      Host host,
      AccountMetrics metrics) {
    this.configuration = configuration;
    List<FileGateway> file = FileGateway.of(settings);
    file.forEach(gateway -> taken.put(gateway.id(), gateway.path()));
    @Nullable String unused = gateways == null ? unusedBecause : null;
    this.ofFile =
        file.stream().map(gateway -> AccountView.of(gateway, settings, unused)).toList();
    this.keys = new KeyRing(settings.accounts().keyList());
    this.box = new SecretBox(keys);
    this.effect = new Effect(settings, box, gateways, unusedBecause, host::nanos);
    this.lastKnown = folder == null ? null : new LastKnown(folder);
    this.host = host;
    this.metrics = metrics;
    this.shown = new AccountsView(AccountsView.From.CACHE, null, null, ofFile, List.of());
    recall();
    known.forEach(account -> outcomes.put(account.id(), STARTING));
    show(false);
  }

  /// For any thread.
  public AccountsView view() {
    return shown;
  }

  /// @throws AccountRefused for what only the configuration can change
  public void refuseOfFile(String id) throws AccountRefused {
    String path = taken.get(id);
    if (path != null) {
      throw new AccountRefused(
          Reason.MANAGED_BY_FILE,
          "gateway \"%s\" is in %s, at %s: change it there, and restart the hub"
              .formatted(id, configuration, path));
    }
  }

  /// The database can be asked.
  public void up(DataSource database) {
    rekeyWanted = true;
    this.database = database;
  }

  public void down() {
    database = null;
  }

  // ---- orders

  /// Makes an account; completes when its gateway is there, or it is known why not.
  public CompletionStage<AccountView> create(ObjectNode body) {
    try {
      AccountOrder order = AccountOrder.read(null, body);
      String path = taken.get(order.id());
      if (path != null) {
        throw new AccountRefused(
            Reason.EXISTS,
            "%s has a gateway of this name, \"%s\" (%s); choose another one"
                .formatted(configuration, order.id(), path));
      }
      refuseWithoutKey(order);
      return ordered(table -> insert(table, order)).thenApply(_ -> found(order.id()));
    } catch (AccountRefused e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private void insert(AccountTable table, AccountOrder order) throws SQLException, AccountRefused {
    int most = GatewaySettings.MAX - ofFile.size();
    switch (table.insert(order.id(), order.row(box, Map.of(), false), most)) {
      case DONE -> happened("account_created", order.id());
      case EXISTS ->
        throw new AccountRefused(
            Reason.EXISTS,
            "there is an account \"%s\"; change it, or choose another name".formatted(order.id()));
      case FULL ->
        throw new AccountRefused(
            Reason.FULL,
            "a hub has at most %d gateways, %s has %d and the database the rest; delete one first"
                .formatted(GatewaySettings.MAX, configuration, ofFile.size()));
    }
  }

  /// Makes an account what is said; its secrets stay when nothing is said of them.
  ///
  /// @param force see [#delete]
  public CompletionStage<AccountView> replace(
      String id, ObjectNode body, Match match, boolean force) {
    return change(id, match, force, false, _ -> AccountOrder.read(id, body));
  }

  /// Changes what is said, and leaves the rest as it is (RFC 7396).
  ///
  /// @param force see [#delete]
  public CompletionStage<AccountView> merge(
      String id, ObjectNode patch, Match match, boolean force) {
    return change(id, match, force, true, now -> AccountOrder.merged(now, patch));
  }

  private interface Reading {
    AccountOrder of(Account now) throws AccountRefused;
  }

  private CompletionStage<AccountView> change(
      String id, Match match, boolean force, boolean merges, Reading reading) {
    return ordered(id, table -> {
          boolean there = table.change(id, now -> {
            refuseUnlessFits(now, match);
            AccountOrder order = reading.of(now);
            String type = order.gateway().source(id);
            if (!type.equals(now.gatewayType())) {
              throw AccountRefused.mistaken(List.of(new Mistake(
                  "gateway_type",
                  "",
                  "stays what it is, \"%s\"; make another account, and delete this one"
                      .formatted(now.gatewayType()))));
            }
            refuseWithoutKey(order);
            return Optional.of(order.row(box, now.secrets(), merges));
          });
          refuseUnlessThere(id, there);
          if (force) {
            effect.force(id);
          }
          happened("account_changed", id);
        })
        .thenApply(_ -> found(id));
  }

  /// Deletes an account; completes when its gateway is gone, or with why it is not yet.
  ///
  /// @param force whether its gateway goes though something is published from it that could go
  ///     nowhere
  public CompletionStage<Optional<String>> delete(String id, Match match, boolean force) {
    return ordered(id, table -> {
          boolean there = table.change(id, now -> {
            refuseUnlessFits(now, match);
            return Optional.empty();
          });
          refuseUnlessThere(id, there);
          if (force) {
            effect.force(id);
          }
          happened("account_deleted", id);
        })
        .thenApply(_ -> Optional.ofNullable(stays.get(id)));
  }

  private void refuseWithoutKey(AccountOrder order) throws AccountRefused {
    if (order.hasSecrets() && keys.isEmpty()) {
      throw new AccountRefused(
          Reason.NO_KEY,
          "account \"%s\" has secrets, and there is no key to encrypt them with; make one with `openssl rand -base64 32`, set accounts.keys to NAME:KEY in %s, and restart the hub"
              .formatted(order.id(), configuration));
    }
  }

  private static void refuseUnlessFits(Account now, Match match) throws AccountRefused {
    if (!match.fits(now.version())) {
      throw new AccountRefused(
          Reason.CHANGED,
          "account \"%s\" is at version %d, and the order is for another one: somebody has changed it since; read it again"
              .formatted(now.id(), now.version()));
    }
  }

  private static void refuseUnlessThere(String id, boolean there) throws AccountRefused {
    if (!there) {
      throw new AccountRefused(
          Reason.UNKNOWN, "there is no account \"%s\"; it may have been deleted".formatted(id));
    }
  }

  private AccountView found(String id) {
    return shown
        .find(id)
        .orElseThrow(() -> new CompletionException(new EffectUnseenException(
            "account \"%s\" was written, and somebody else has deleted it since".formatted(id))));
  }

  private void happened(String type, String id) {
    LOG.info("account {}: {}", id, type);
    host.happened(type, Json.object().put("id", id).toString());
  }

  /// @param id of what is to be changed
  private CompletionStage<Void> ordered(String id, Work work) {
    try {
      refuseOfFile(id);
    } catch (AccountRefused e) {
      return CompletableFuture.failedFuture(e);
    }
    return ordered(work);
  }

  private CompletionStage<Void> ordered(Work work) {
    if (lastKnown == null) {
      return refused(
          Reason.NOTHING_KEPT,
          "accounts are kept in the database, and this hub keeps nothing: store.enabled is false");
    }
    Order order = new Order(work, new CompletableFuture<>());
    if (!orders.offer(order)) {
      return refused(Reason.BUSY, "%d orders wait already".formatted(ORDERS_MAX));
    }
    if (closed && orders.remove(order)) {
      return refused(Reason.STOPPING, "the hub stops; nothing was changed");
    }
    return order.done();
  }

  private static CompletionStage<Void> refused(Reason reason, String message) {
    return CompletableFuture.failedFuture(new AccountRefused(reason, message));
  }

  // ---- the thread

  @Override
  public void run() {
    look();
    try {
      while (!closed) {
        Order order = orders.poll(LOOK_EVERY.toMillis(), TimeUnit.MILLISECONDS);
        if (order == null) {
          look();
        } else if (closed) {
          stopping(order);
        } else {
          carryOut(order);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      closed = true;
      for (Order order = orders.poll(); order != null; order = orders.poll()) {
        stopping(order);
      }
    }
  }

  private static void stopping(Order order) {
    order
        .done()
        .completeExceptionally(
            new AccountRefused(Reason.STOPPING, "the hub stops; nothing was changed"));
  }

  private void carryOut(Order order) {
    try {
      DataSource there = database;
      if (there == null) {
        throw new AccountRefused(
            Reason.AWAY,
            "accounts are kept in the database, which is away: %s; nothing was changed. Order it again when it is back, which /health tells"
                .formatted(Objects.requireNonNullElse(host.missing(), "it is on its way up")));
      }
      order.work().on(new AccountTable(there));
    } catch (AccountRefused e) {
      order.done().completeExceptionally(e);
      return;
    } catch (SQLException e) {
      LOG.warn("accounts: an order failed", e);
      order
          .done()
          .completeExceptionally(new AccountRefused(
              Reason.UNSURE,
              "the database failed meanwhile: %s; look at the account before it is ordered again, since it may have been carried out"
                  .formatted(DatabaseCheck.explain(e).sentence())));
      return;
    } catch (RuntimeException e) {
      order.done().completeExceptionally(e);
      return;
    }
    if (look()) {
      order.done().complete(null);
    } else {
      String why = readFault != null ? readFault : host.missing();
      order
          .done()
          .completeExceptionally(new EffectUnseenException(
              "the order was carried out, and what it has done cannot be seen yet (%s): look at the account before it is ordered again"
                  .formatted(Objects.requireNonNullElse(why, "the log has the cause"))));
    }
  }

  /// What was known last, before the database is there.
  private void recall() {
    LastKnown file = lastKnown;
    if (file == null) {
      return;
    }
    try {
      Optional<LastKnown.Copy> copy = file.read();
      if (copy.isPresent()) {
        known = copy.get().accounts();
        written = known;
        asOf = copy.get().asOf();
        LOG.info("accounts: {} known from {}", known.size(), asOf);
      }
    } catch (IOException e) {
      fileFault = "the last known accounts cannot be read: " + e.getMessage();
      LOG.warn("accounts: {}; there are none until the database is there", fileFault);
    }
  }

  /// Reads, puts to use, shows. Never throws: what is wrong is told, and it is tried again.
  ///
  /// @return whether what is shown now is what the database has
  private boolean look() {
    try {
      boolean fresh = read();
      outcomes = effect.apply(known, taken);
      stays = effect.stays();
      show(fresh);
      return fresh;
    } catch (RuntimeException e) {
      LOG.error("accounts: failed in an unexpected way, tried again", e);
      return false;
    }
  }

  /// @return whether what is known now is what the database has
  private boolean read() {
    DataSource there = database;
    if (there == null) {
      readFault = null;
      return false;
    }
    try {
      AccountTable table = new AccountTable(there);
      List<Account> read = table.all();
      if (rekeyWanted) {
        boolean anew = rekey(table, read);
        rekeyWanted = false;
        if (anew) {
          read = table.all();
        }
      }
      known = read;
      asOf = host.now();
      readFault = null;
      remember();
      return true;
    } catch (SQLException e) {
      String sentence = DatabaseCheck.explain(e).sentence();
      if (!sentence.equals(readFault)) {
        readFault = sentence;
        LOG.warn("accounts: cannot be read, the last known ones are used: {}", sentence);
      }
      return false;
    }
  }

  /// @return whether anything was encrypted anew
  private boolean rekey(AccountTable table, List<Account> accounts) throws SQLException {
    int count = keys.isEmpty() ? 0 : new Rekeying(keys, box).run(table, accounts);
    if (count == 0) {
      return false;
    }
    LOG.info("accounts: {} secrets are encrypted with the key \"{}\" now", count, keys.first());
    metrics.rekeyed(count);
    host.happened(
        "account_secrets_rekeyed",
        Json.object().put("key", keys.first()).put("secrets", count).toString());
    return true;
  }

  private void remember() {
    LastKnown file = lastKnown;
    Instant now = asOf;
    if (file == null || now == null || (fileFault == null && known.equals(written))) {
      return;
    }
    try {
      file.write(new LastKnown.Copy(now, known));
      written = known;
      fileFault = null;
    } catch (IOException e) {
      String fault = "the last known accounts cannot be written: " + e.getMessage();
      if (!fault.equals(fileFault)) {
        LOG.warn("accounts: {}; a start without a database would not have them", fault);
      }
      fileFault = fault;
    }
  }

  // ---- what is shown

  private void show(boolean fresh) {
    List<AccountView> all = new ArrayList<>(ofFile);
    List<String> faults = new ArrayList<>();
    for (Account account : known) {
      Effect.Outcome outcome = Objects.requireNonNull(outcomes.get(account.id()));
      boolean isStarting = outcome.equals(STARTING);
      if (outcome.state() == AccountView.State.UNUSABLE
          || (outcome.state() == AccountView.State.WAITING && !isStarting)) {
        faults.add("account %s is %s: %s"
            .formatted(account.id(), outcome.state().text(), outcome.reason()));
      }
      if (!taken.containsKey(account.id())) {
        all.add(AccountView.of(account, outcome));
      }
    }
    stays.forEach((id, why) ->
        faults.add("account %s is deleted, and its gateway is there still: %s".formatted(id, why)));
    all.sort(Comparator.comparing(AccountView::id));
    if (fileFault != null) {
      faults.add("accounts: " + fileFault);
    }
    String reason = fresh ? null : readFault != null ? readFault : host.missing();
    shown = new AccountsView(
        fresh ? AccountsView.From.DATABASE : AccountsView.From.CACHE, asOf, reason, all, faults);
    Map<AccountView.State, Integer> counts = new EnumMap<>(AccountView.State.class);
    all.forEach(each -> counts.merge(each.state(), 1, Integer::sum));
    for (AccountView.State state : AccountView.State.values()) {
      metrics.counted(state.text(), counts.getOrDefault(state, 0));
    }
  }

  /// Ends the thread, which finishes the order that it is at. Orders that wait are refused.
  @Override
  public void close() {
    closed = true;
    orders.offer(new Order(_ -> {}, new CompletableFuture<>())); // wakes it
  }
}
