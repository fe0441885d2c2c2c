package dev.everfeed.app.doctor;

import dev.everfeed.hub.config.Secret;
import dev.everfeed.hub.config.Settings;
import dev.everfeed.hub.config.StoreSettings;
import dev.everfeed.hub.store.DataDirectory;
import dev.everfeed.hub.store.DatabaseAddress;
import dev.everfeed.hub.store.DatabaseInspection;
import dev.everfeed.hub.store.EmbeddedProspect;
import dev.everfeed.hub.store.EmbeddedServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The database: an external one is asked, the hub's own is asked while it runs, and looked at
/// from outside while it does not.
final class StoreCheck implements Check {
  private static final Duration CONNECT = Duration.ofSeconds(2);
  private static final Duration ANSWER = Duration.ofSeconds(2);

  private final Settings settings;
  private final boolean offline;

  StoreCheck(Settings settings, boolean offline) {
    this.settings = settings;
    this.offline = offline;
  }

  @Override
  public String name() {
    return "store";
  }

  @Override
  public List<Finding> look() throws IOException {
    StoreSettings store = settings.store();
    if (!store.enabled()) {
      return List.of(Finding.skipped(name(), "nothing is kept (store.enabled is false)"));
    }
    Secret url = store.url();
    if (url == null) {
      return embedded(Path.of(settings.dataDir()).toAbsolutePath().normalize());
    }
    DatabaseAddress address;
    try {
      address = DatabaseAddress.parse(url.reveal(), store.user(), store.password())
          .withTimeouts(CONNECT, ANSWER);
    } catch (IllegalArgumentException e) {
      return List.of(Finding.fail(
          name(), "store.url: " + e.getMessage(), "docs/configuration.md shows the form"));
    }
    return offline
        ? List.of(
            Finding.skipped(name(), "%s is not asked (--offline)".formatted(address.describe())))
        : external(address);
  }

  private List<Finding> external(DatabaseAddress address) {
    DatabaseInspection seen;
    try {
      seen = DatabaseInspection.of(address);
    } catch (DatabaseInspection.Unusable e) {
      return List.of(unusable(address, e));
    }
    List<Finding> findings = new ArrayList<>(usable(address, seen));
    findings.add(
        seen.encryption().isPresent()
            ? Finding.ok(
                name(),
                "the connection is encrypted (%s)".formatted(seen.encryption().get()))
            : address.isLocal()
                ? Finding.ok(name(), "the connection is not encrypted, and stays on this machine")
                : Finding.warn(
                    name(),
                    "the connection to %s is not encrypted".formatted(address.describe()),
                    "`?sslmode=verify-full` in store.url, and a certificate at the server"));
    return findings;
  }

  private Finding unusable(DatabaseAddress address, DatabaseInspection.Unusable e) {
    String remedy = switch (e.why().reason()) {
      case REFUSED -> "start the server, or correct host and port in store.url";
      case TIMEOUT -> "look whether a firewall is in between, and the server is up";
      case UNKNOWN_HOST -> "correct the host in store.url, or the name service";
      case WRONG_PASSWORD -> "correct user and password, or the server's pg_hba.conf";
      case UNKNOWN_DATABASE ->
        "`createdb %s`, or correct the name in store.url".formatted(address.database());
      case TOO_OLD -> "upgrade it, or leave store.url out: the hub carries one of its own";
      case READ_ONLY -> "name the primary in store.url";
      case TOO_MANY_CONNECTIONS -> "raise max_connections, or lower store.pool_size";
      case STARTING -> "wait for it";
      case OTHER -> "the server's log says more";
    };
    return Finding.fail(
        name(),
        "%s: %s; until it is there the hub serves without history and keeps what it accepts in the journal"
            .formatted(address.describe(), e.why().sentence()),
        remedy);
  }

  private List<Finding> usable(DatabaseAddress address, DatabaseInspection seen) {
    List<Finding> findings = new ArrayList<>();
    findings.add(Finding.ok(
        name(), "%s: PostgreSQL %s answers".formatted(address.describe(), seen.version())));
    if (seen.applied() > seen.known()) {
      findings.add(Finding.fail(
          name(),
          "its tables have version %d, this program knows them up to %d: a newer one wrote them"
              .formatted(seen.applied(), seen.known()),
          "run that version or a newer one"));
    } else if (!seen.mayMakeTables() && seen.applied() < seen.known()) {
      findings.add(Finding.fail(
          name(),
          "user %s may not make tables there, and %d scripts are to be run"
              .formatted(address.user(), seen.known() - seen.applied()),
          "as its owner: GRANT CREATE ON SCHEMA public TO %s".formatted(address.user())));
    } else if (!seen.mayChangeTables()) {
      findings.add(Finding.fail(
          name(),
          "its tables belong to another user than %s, who can neither change nor fill them"
              .formatted(address.user()),
          "the user who made them in store.url, or GRANT that role to this one"));
    } else {
      findings.add(Finding.ok(
          name(),
          seen.applied() == seen.known()
              ? "its tables are of this version (%d)".formatted(seen.known())
              : "its tables are of version %d, the next start brings them to %d"
                  .formatted(seen.applied(), seen.known())));
    }
    int wanted = settings.store().poolSize() + 2; // and the lease's, and an operator's
    if (seen.connectionsFree() < wanted) {
      findings.add(Finding.warn(
          name(),
          "it has %d connections left, a hub wants %d".formatted(seen.connectionsFree(), wanted),
          "raise max_connections at the server, or lower store.pool_size"));
    }
    return findings;
  }

  private List<Finding> embedded(Path data) throws IOException {
    Path folder = data.resolve("postgres");
    Optional<DatabaseAddress> running = Files.isDirectory(folder.resolve("data"))
            && Files.isReadable(folder)
            && DataDirectory.heldBy(data).isPresent()
        ? EmbeddedServer.find(folder)
        : Optional.empty();
    if (running.isPresent()) {
      DatabaseAddress address = running.get().withTimeouts(CONNECT, ANSWER);
      try {
        return usable(address, DatabaseInspection.of(address));
      } catch (DatabaseInspection.Unusable e) {
        return List.of(unusable(address, e));
      }
    }
    List<Finding> findings = new ArrayList<>();
    boolean fatal = false;
    for (EmbeddedProspect.Obstacle obstacle : EmbeddedProspect.obstacles(folder)) {
      fatal |= obstacle.fatal();
      findings.add(new Finding(
          name(),
          obstacle.fatal() ? Finding.Outcome.FAIL : Finding.Outcome.WARN,
          "the hub's own PostgreSQL: " + obstacle.what(),
          obstacle.remedy()));
    }
    if (!fatal) {
      findings.addFirst(Finding.ok(
          name(), "the hub's own PostgreSQL can be started, as far as can be seen without it"));
    }
    return findings;
  }
}
