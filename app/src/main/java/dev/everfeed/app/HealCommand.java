package dev.everfeed.app;

import dev.everfeed.simulator.fault.ConsoleClient;
import dev.everfeed.simulator.fault.ConsoleRefused;
import dev.everfeed.simulator.fault.VenueStatus;
import java.net.URI;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `everfeed heal [SOURCE]`: ends the fault of one simulated venue or line, or of all.
///
/// Exit status 0 when nothing is at fault any more, 1 when the console says no or does not
/// answer, 2 for wrong usage.
@Command(
    name = "heal",
    description = "Heal a simulated venue or line, or all of them.",
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:no fault is in force there",
      "1:the console refused, or no demo is running",
      "2:wrong usage"
    })
final class HealCommand implements Callable<Integer> {
  /// Set by picocli before the call.
  @Spec
  private CommandSpec spec = CommandSpec.create();

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "SOURCE",
      description = "A simulated venue or line: binance, binance_2, …; all of them without it.")
  private @Nullable String source;

  @Option(
      names = "--console",
      paramLabel = "URL",
      defaultValue = FaultCommand.CONSOLE,
      description = "Console of the simulated venues (default: ${DEFAULT-VALUE}).")
  private URI console = URI.create(FaultCommand.CONSOLE);

  @Override
  public Integer call() {
    String one = source;
    try (var client = new ConsoleClient(console)) {
      List<VenueStatus> healed = one == null ? client.healAll() : List.of(client.heal(one));
      healed.forEach(venue -> spec.commandLine().getOut().println(venue.line()));
      return 0;
    } catch (ConsoleRefused e) {
      spec.commandLine().getErr().println("heal: " + e.getMessage());
      return 1;
    }
  }
}
