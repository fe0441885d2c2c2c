package dev.everfeed.app;

import dev.everfeed.simulator.check.Violation;
import dev.everfeed.simulator.world.Outcome;
import dev.everfeed.simulator.world.World;
import dev.everfeed.simulator.world.stream.StreamOutcome;
import dev.everfeed.simulator.world.stream.StreamWorld;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `everfeed simulate --seed N`: lives through one seed of the simulated world again, or
/// through a range of them, and says which invariants were broken. Touches no network and no
/// clock; the same seed does the same everywhere.
///
/// Exit status 0 when no invariant was broken, 1 when one was, 2 for wrong usage.
@Command(
    name = "simulate",
    description = "Replay a seed of the deterministic world: providers with faults, virtual time.",
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {"0:no invariant was broken", "1:one was", "2:wrong usage"})
final class SimulateCommand implements Callable<Integer> {
  private static final long MOST_SEEDS = 10_000_000;

  /// Set by picocli before the call.
  @Spec
  private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--seed",
      required = true,
      paramLabel = "N",
      description = "The seed, or the first of the range.")
  private long seed;

  @Option(
      names = "--seeds",
      paramLabel = "COUNT",
      defaultValue = "1",
      description = "How many seeds from there (default: ${DEFAULT-VALUE}).")
  private long count = 1;

  @Option(
      names = "--streams",
      description = "The push side's world: venues that stream, and failover between gateways.")
  private boolean streams;

  @Option(names = "--trace", description = "Print every input and every decision, with its time.")
  private boolean trace;

  @Override
  public Integer call() {
    if (count < 1 || count > MOST_SEEDS) {
      throw new ParameterException(
          spec.commandLine(), "--seeds must be 1 to %,d, was %,d".formatted(MOST_SEEDS, count));
    }
    PrintWriter out = spec.commandLine().getOut();
    int status = streams
        ? count == 1 ? oneOfStreams(out) : rangeOfStreams(out)
        : count == 1 ? one(out) : range(out);
    out.flush();
    return status;
  }

  private int one(PrintWriter out) {
    World world = World.seeded(seed);
    Outcome outcome = (trace ? world.tracedTo(out::println) : world).run();
    out.println("seed " + seed);
    outcome.phases().forEach(phase -> out.println("  " + phase));
    out.printf(
        "  trace hash %s over %,d inputs and decisions%n", outcome.hashText(), outcome.steps());
    outcome.violations().forEach(violation -> out.println("  BROKEN " + violation));
    out.println(outcome.violations().isEmpty() ? "  no invariant broken" : outcome.replay());
    return outcome.violations().isEmpty() ? 0 : 1;
  }

  private int range(PrintWriter out) {
    long requests = 0;
    long faults = 0;
    long steps = 0;
    long virtualNanos = 0;
    long broken = 0;
    for (long current = seed; current < seed + count; current++) {
      World world = World.seeded(current);
      Outcome outcome = (trace ? world.tracedTo(out::println) : world).run();
      requests += outcome.requests();
      faults += outcome.faults();
      steps += outcome.steps();
      virtualNanos += outcome.endNanos();
      if (!outcome.violations().isEmpty()) {
        broken++;
        Violation first = outcome.violations().getFirst();
        out.println(outcome.replay() + "  " + first);
        out.flush();
      }
    }
    out.printf(
        "%,d seeds, %,d virtual hours, %,d requests, %,d faults, %,d inputs and decisions:"
            + " %,d seeds broke an invariant%n",
        count, virtualNanos / 3_600_000_000_000L, requests, faults, steps, broken);
    return broken == 0 ? 0 : 1;
  }

  private StreamOutcome run(long current, PrintWriter out) {
    StreamWorld world = StreamWorld.seeded(current);
    return (trace ? world.tracedTo(out::println) : world).run();
  }

  private int oneOfStreams(PrintWriter out) {
    StreamOutcome outcome = run(seed, out);
    out.println("seed " + seed);
    outcome.phases().forEach(phase -> out.println("  " + phase));
    out.printf("  trace hash %s over %,d events%n", outcome.hashText(), outcome.steps());
    outcome.violations().forEach(violation -> out.println("  BROKEN " + violation));
    out.println(outcome.violations().isEmpty() ? "  no invariant broken" : outcome.replay());
    return outcome.violations().isEmpty() ? 0 : 1;
  }

  private int rangeOfStreams(PrintWriter out) {
    long faults = 0;
    long failovers = 0;
    long steps = 0;
    long virtualNanos = 0;
    long broken = 0;
    for (long current = seed; current < seed + count; current++) {
      StreamOutcome outcome = run(current, out);
      faults += outcome.faults();
      failovers += outcome.failovers();
      steps += outcome.steps();
      virtualNanos += outcome.endNanos();
      if (!outcome.violations().isEmpty()) {
        broken++;
        out.println(outcome.replay() + "  " + outcome.violations().getFirst());
        out.flush();
      }
    }
    out.printf(
        "%,d seeds, %,d virtual hours, %,d events, %,d faults, %,d failovers:"
            + " %,d seeds broke an invariant%n",
        count, virtualNanos / 3_600_000_000_000L, steps, faults, failovers, broken);
    return broken == 0 ? 0 : 1;
  }
}
