package dev.everfeed.app;

import dev.everfeed.hub.config.Mistake;
import dev.everfeed.hub.config.Settings;
import dev.everfeed.hub.runtime.Hub;
import dev.everfeed.hub.runtime.Supervision;
import dev.everfeed.hub.telemetry.Logging;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `run`: the hub with a configuration file, in the foreground.
@Command(
    name = "run",
    description = "Runs the hub with a configuration file until it is stopped.",
    mixinStandardHelpOptions = true)
final class RunCommand implements Callable<Integer> {
  private static final Logger LOG = LoggerFactory.getLogger(RunCommand.class);

  @Option(
      names = "--config",
      paramLabel = "FILE",
      required = true,
      description = "YAML; docs/configuration.md lists every setting.")
  private Path config = Path.of("everfeed.yaml");

  @Option(names = "--log", paramLabel = "FORMAT", description = "text or json (ECS).")
  private @Nullable String log;

  @Override
  public Integer call() throws InterruptedException {
    Map<String, String> environment = new HashMap<>(System.getenv());
    if (log != null) {
      environment.put("EVERFEED_LOG_FORMAT", log);
    }
    List<Mistake> ignored = new ArrayList<>();
    Settings settings = Settings.load(config, environment, ignored::add);
    Logging.configure(settings.log().format(), settings.log().level());
    ignored.forEach(mistake -> LOG.warn("{}: left out: {}", config, mistake));
    try (RunningUntilStopped running = new RunningUntilStopped(settings.shutdownDeadline())) {
      Hub hub = running.closing(Hub.start(settings, config.toString()));
      running.closing(Supervision.of(hub, System.getenv()));
      running.await(() -> {
        if (!hub.unfinished().isEmpty()) {
          running.notInOrder("stopped without " + String.join(", ", hub.unfinished()));
        }
      });
    }
    return 0;
  }
}
