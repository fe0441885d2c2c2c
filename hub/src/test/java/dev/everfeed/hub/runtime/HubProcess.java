package dev.everfeed.hub.runtime;

import dev.everfeed.hub.config.Settings;
import dev.everfeed.hub.telemetry.Logging;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/// A hub in a process of its own, to be killed: `HubProcess SETTINGS_FILE` prints the port that
/// it listens on.
public final class HubProcess {
  private HubProcess() {}

  public static void main(String[] arguments) throws Exception {
    Logging.configure(Settings.Log.Format.TEXT, Settings.Log.Level.INFO);
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    Hub hub = Hub.start(Settings.parse(Files.readString(Path.of(arguments[0])), Map.of()));
    out.println("port " + hub.port());
    while (System.in.read() >= 0) {
      LockSupport.parkNanos(1);
    }
    hub.close(); // whoever began it is gone
  }
}
