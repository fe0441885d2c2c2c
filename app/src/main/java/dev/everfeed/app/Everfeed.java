package dev.everfeed.app;

import dev.everfeed.hub.api.ListenException;
import dev.everfeed.hub.config.ConfigurationException;
import dev.everfeed.hub.config.Settings;
import dev.everfeed.hub.runtime.StorageException;
import dev.everfeed.hub.telemetry.Logging;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/// The `everfeed` command: names its parts and says what went wrong.
///
/// Exit status: 0 well, 1 it did not work, 2 wrong usage, 65 undecodable input (`decode`), 69 an
/// address is taken, 73 the data directory cannot
/// be used, 75 it was told to stop and did not stop in order, 78 the configuration has mistakes.
@Command(
    name = "everfeed",
    description = "A market-data hub: one address in front of many sources.",
    mixinStandardHelpOptions = true,
    version = "everfeed 0.1.0",
    subcommands = {
      DemoCommand.class,
      RunCommand.class,
      DoctorCommand.class,
      StatusCommand.class,
      DecodeCommand.class,
      FaultCommand.class,
      HealCommand.class,
      SimulateCommand.class,
      SqlCommand.class,
      BackfillCommand.class,
      KeysCommand.class,
      RecordCommand.class,
      ReplayCommand.class
    })
public final class Everfeed {
  static final int TAKEN = 69;
  static final int NO_STORAGE = 73;
  static final int NOT_IN_ORDER = 75;
  static final int MISCONFIGURED = 78;

  private Everfeed() {}

  public static void main(String[] arguments) {
    // Before the first connection: a client of TLS 1.2 could have the hub shake hands on and on.
    System.setProperty("jdk.tls.rejectClientInitiatedRenegotiation", "true");
    // A command's output is its own: what libraries have to say goes to standard error, from WARN
    // on.
    Logging.configure(Settings.Log.Format.TEXT, Settings.Log.Level.WARN);
    int status = commandLine().execute(arguments);
    if (status != 0) {
      System.exit(status);
    }
  }

  static CommandLine commandLine() {
    CommandLine line = new CommandLine(new Everfeed());
    line.setExecutionExceptionHandler((failure, command, _) -> {
      command.getErr().println("everfeed: " + failure.getMessage());
      return switch (failure) {
        case ConfigurationException _ -> MISCONFIGURED;
        case ListenException _ -> TAKEN;
        case StorageException _ -> NO_STORAGE;
        default -> {
          failure.printStackTrace(command.getErr());
          yield 1;
        }
      };
    });
    line.setCaseInsensitiveEnumValuesAllowed(true);
    return line;
  }
}
