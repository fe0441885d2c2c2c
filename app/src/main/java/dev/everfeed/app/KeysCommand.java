package dev.everfeed.app;

import dev.everfeed.hub.access.Access;
import dev.everfeed.hub.access.AccessException;
import dev.everfeed.hub.access.ApiKey;
import dev.everfeed.hub.access.CurveKeys;
import dev.everfeed.hub.access.IssuedKey;
import dev.everfeed.hub.access.KeyFile;
import dev.everfeed.hub.access.Role;
import dev.everfeed.hub.config.Durations;
import dev.everfeed.hub.config.Settings;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `keys`: makes, shows, replaces and revokes API keys. A running hub knows of it within a second.
@Command(
    name = "keys",
    description = "Makes, shows, replaces and revokes the API keys of a hub; it may run meanwhile.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      KeysCommand.Create.class,
      KeysCommand.All.class,
      KeysCommand.Revoke.class,
      KeysCommand.Rotate.class,
      KeysCommand.Curve.class
    })
final class KeysCommand implements Callable<Integer> {
  private static final String ROW = "%-9s %-9s %-8s %-20s %-20s %s%n";

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it before call()
  private CommandSpec spec;

  @Override
  public Integer call() {
    throw new ParameterException(
        spec.commandLine(), "keys needs one of create, list, revoke, rotate, curve");
  }

  /// Which hub.
  static final class Of {
    @Option(
        names = "--config",
        paramLabel = "FILE",
        description = "The hub's configuration, which says where its keys are.")
    private @Nullable Path config;

    @Option(
        names = "--data",
        paramLabel = "DIR",
        description = "The hub's data folder (default: that of the configuration, or "
            + DataFolders.RUN + ").")
    private @Nullable Path data;

    KeyFile file() {
      if (data != null) {
        return new KeyFile(KeyFile.under(data));
      }
      Settings settings = config == null
          ? Settings.parse("", System.getenv())
          : Settings.load(config, System.getenv());
      return new KeyFile(Access.keysPath(settings));
    }
  }

  private interface Work {
    void on(KeyFile file) throws IOException, AccessException;
  }

  private static int done(CommandSpec spec, Of of, Work work) {
    KeyFile file = of.file();
    try {
      work.on(file);
      return 0;
    } catch (AccessException e) {
      spec.commandLine().getErr().println("everfeed: " + e.getMessage());
    } catch (IOException e) {
      spec.commandLine().getErr().println("everfeed: %s: %s".formatted(file.path(), e));
    }
    return 1;
  }

  private static Duration lengthOfTime(CommandSpec spec, String name, String text) {
    return Durations.parse(text)
        .orElseThrow(() -> new ParameterException(
            spec.commandLine(),
            "%s must be a length of time such as 12h or 90d, was \"%s\"".formatted(name, text)));
  }

  /// The key alone on the standard output, so that it can go into a file; the rest to people.
  private static void tell(CommandSpec spec, KeyFile file, IssuedKey made) {
    spec.commandLine().getOut().println(made.text().reveal());
    spec.commandLine().getOut().flush();
    spec.commandLine()
        .getErr()
        .println("%s, %s, is kept in %s as a hash: this is the only time it is shown"
            .formatted(
                made.kept(),
                made.kept().expiresAt() == null
                    ? "good until it is revoked"
                    : "good to " + made.kept().expiresAt(),
                file.path()));
  }

  /// `keys create`.
  @Command(
      name = "create",
      description = "Makes a key and prints it, once.",
      mixinStandardHelpOptions = true)
  static final class Create implements Callable<Integer> {
    @Mixin
    private final Of of = new Of();

    @Option(
        names = "--name",
        required = true,
        description = "Who or what has it, for lists and the audit log.")
    private String name = "";

    @Option(
        names = "--role",
        required = true,
        description =
            "reader (data, health, metrics), operator (orders too) or admin (accounts too).")
    private String role = "";

    @Option(
        names = "--good-for",
        paramLabel = "TIME",
        description = "As 90d; without it until it is revoked.")
    private @Nullable String goodFor;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Override
    public Integer call() {
      Role wanted = Role.of(role.toLowerCase(Locale.ROOT))
          .orElseThrow(() -> new ParameterException(
              spec.commandLine(),
              "--role must be reader, operator or admin, was \"%s\"".formatted(role)));
      Duration good = goodFor == null ? null : lengthOfTime(spec, "--good-for", goodFor);
      return done(spec, of, file -> tell(spec, file, file.create(name, wanted, now(), good)));
    }
  }

  /// `keys list`.
  @Command(
      name = "list",
      description = "Shows the keys, without what their holders have.",
      mixinStandardHelpOptions = true)
  static final class All implements Callable<Integer> {
    @Mixin
    private final Of of = new Of();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Override
    public Integer call() {
      return done(spec, of, file -> {
        PrintWriter out = spec.commandLine().getOut();
        List<ApiKey> keys = file.read().all();
        Instant now = Instant.now();
        out.printf(ROW, "ID", "ROLE", "STATE", "MADE", "ENDS", "NAME");
        for (ApiKey key : keys) {
          out.printf(
              ROW,
              key.id(),
              key.role().text(),
              key.at(now).name().toLowerCase(Locale.ROOT),
              key.createdAt(),
              ends(key),
              key.name());
        }
        out.printf("(%d %s in %s)%n", keys.size(), keys.size() == 1 ? "key" : "keys", file.path());
        out.flush();
      });
    }

    private static String ends(ApiKey key) {
      Instant ends = key.revokedAt() == null ? key.expiresAt() : key.revokedAt();
      return ends == null ? "-" : ends.toString();
    }
  }

  /// `keys revoke`.
  @Command(
      name = "revoke",
      description = "Ends a key at once; readers that have shown it are disconnected.",
      mixinStandardHelpOptions = true)
  static final class Revoke implements Callable<Integer> {
    @Mixin
    private final Of of = new Of();

    @Parameters(paramLabel = "ID", description = "As `keys list` shows it.")
    private String id = "";

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Override
    public Integer call() {
      return done(
          spec,
          of,
          file -> spec.commandLine()
              .getErr()
              .println("%s is revoked; a running hub knows within a second"
                  .formatted(file.revoke(id, now()))));
    }
  }

  /// `keys rotate`.
  @Command(
      name = "rotate",
      description =
          "Makes a new key with the name and role of another one, and ends the old one later.",
      mixinStandardHelpOptions = true)
  static final class Rotate implements Callable<Integer> {
    @Mixin
    private final Of of = new Of();

    @Parameters(paramLabel = "ID", description = "Of the old one, as `keys list` shows it.")
    private String id = "";

    @Option(
        names = "--overlap",
        defaultValue = "1d",
        paramLabel = "TIME",
        description = "How long the old one stays good (default: ${DEFAULT-VALUE}).")
    private String overlap = "1d";

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Override
    public Integer call() {
      Duration stays = lengthOfTime(spec, "--overlap", overlap);
      return done(spec, of, file -> tell(spec, file, file.rotate(id, now(), stays)));
    }
  }

  /// `keys curve`.
  @Command(
      name = "curve",
      description = "Makes a key pair for ZeroMQ (CURVE) in a new file, and prints its public key.",
      mixinStandardHelpOptions = true)
  static final class Curve implements Callable<Integer> {
    @Parameters(paramLabel = "FILE", description = "New; for the hub or for a reader.")
    private Path file = Path.of("curve.key");

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Override
    public Integer call() {
      CurveKeys made = CurveKeys.make();
      try {
        made.write(file);
      } catch (AccessException e) {
        spec.commandLine().getErr().println("everfeed: " + e.getMessage());
        return 1;
      } catch (IOException e) {
        spec.commandLine().getErr().println("everfeed: %s: %s".formatted(file, e));
        return 1;
      }
      spec.commandLine().getOut().println(made.publicKey());
      spec.commandLine().getOut().flush();
      return 0;
    }
  }

  private static Instant now() {
    return Instant.now().truncatedTo(ChronoUnit.SECONDS);
  }
}
