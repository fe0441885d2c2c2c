package dev.everfeed.hub.account;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.everfeed.hub.config.GatewaySettings;
import dev.everfeed.hub.config.Settings;
import dev.everfeed.hub.store.TestDatabase;
import dev.everfeed.hub.telemetry.AccountMetrics;
import dev.everfeed.hub.telemetry.Metrics;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// Accounts on their own thread, with gateways that the test looks at.
public final class AccountsFixture implements AutoCloseable {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  /// What the accounts have put there.
  public static final class Recorded implements Gateways {
    public final Map<String, GatewaySettings> there = new ConcurrentSkipListMap<>();
    final List<String> orders = new CopyOnWriteArrayList<>();
    public volatile @Nullable String refusal;

    @Override
    public CompletionStage<Void> put(String id, GatewaySettings gateway) {
      orders.add("put " + id);
      return done(false, () -> there.put(id, gateway));
    }

    @Override
    public CompletionStage<Void> remove(String id, boolean force) {
      orders.add((force ? "force " : "remove ") + id);
      return done(force, () -> there.remove(id));
    }

    private CompletionStage<Void> done(boolean force, Runnable order) {
      String refused = force ? null : refusal;
      if (refused != null) {
        return CompletableFuture.failedFuture(new IllegalStateException(refused));
      }
      order.run();
      return CompletableFuture.completedFuture(null);
    }
  }

  public final Recorded gateways = new Recorded();
  final AtomicLong nanos = new AtomicLong();
  final List<String> happened = new CopyOnWriteArrayList<>();

  /// What comes between an order that was carried out and what it looks at afterwards.
  public volatile Runnable carriedOut = () -> {};
  public final Accounts accounts;
  public final Metrics metrics = new Metrics();
  private final Thread thread;
  private volatile @Nullable String missing = "it is being looked for";

  /// @param folder   of the last known accounts; null for a hub that keeps nothing
  /// @param database null for one that is away
  public AccountsFixture(@Nullable Path folder, @Nullable TestDatabase database, String yaml) {
    Settings settings = Settings.parse(yaml, Map.of());
    accounts = new Accounts(
        settings,
        "everfeed.yaml",
        folder,
        gateways,
        "",
        new Accounts.Host() {
          @Override
          public Instant now() {
            return Instant.now();
          }

          @Override
          public long nanos() {
            return nanos.get();
          }

          @Override
          public @Nullable String missing() {
            return missing;
          }

          @Override
          public void happened(String type, String detail) {
            happened.add(type + " " + detail);
            carriedOut.run();
          }
        },
        new AccountMetrics(metrics));
    if (database != null) {
      up(database);
    }
    thread = Thread.ofPlatform().name("accounts").start(accounts);
  }

  public void up(TestDatabase database) {
    missing = null;
    accounts.up(database.dataSource());
  }

  public void down(String why) {
    missing = why;
    accounts.down();
  }

  static ObjectNode json(String text) {
    try {
      return (ObjectNode) MAPPER.readTree(text.replace('\'', '"'));
    } catch (java.io.IOException e) {
      throw new AssertionError(e);
    }
  }

  AccountView create(String body) {
    return got(accounts.create(json(body)));
  }

  AccountView merge(String id, String patch) {
    return got(accounts.merge(id, json(patch), Accounts.Match.ANY, false));
  }

  void delete(String id) {
    got(accounts.delete(id, Accounts.Match.ANY, false));
  }

  GatewaySettings gateway(String id) {
    return Objects.requireNonNull(gateways.there.get(id));
  }

  AccountView one(String id) {
    return accounts.view().find(id).orElseThrow();
  }

  static <T> T got(CompletionStage<T> stage) {
    try {
      return stage.toCompletableFuture().get(30, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  static AccountRefused refused(CompletionStage<?> stage) {
    try {
      Object got = stage.toCompletableFuture().get(30, TimeUnit.SECONDS);
      throw new AssertionError("was carried out: " + got);
    } catch (ExecutionException e) {
      assertThat(e.getCause()).isInstanceOf(AccountRefused.class);
      return (AccountRefused) e.getCause();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  static EffectUnseenException unseen(CompletionStage<?> stage) {
    try {
      Object got = stage.toCompletableFuture().get(30, TimeUnit.SECONDS);
      throw new AssertionError("its effect was seen: " + got);
    } catch (ExecutionException e) {
      assertThat(e.getCause()).isInstanceOf(EffectUnseenException.class);
      return (EffectUnseenException) e.getCause();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  public static void eventually(Callable<Boolean> condition) throws Exception {
    long until = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (!condition.call()) {
      assertThat(System.nanoTime()).as("not so after 30 s").isLessThan(until);
      LockSupport.parkNanos(10_000_000);
    }
  }

  @Override
  public void close() {
    accounts.close();
    try {
      assertThat(thread.join(Duration.ofSeconds(30))).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
    metrics.close();
  }
}
