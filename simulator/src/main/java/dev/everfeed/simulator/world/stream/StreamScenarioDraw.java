package dev.everfeed.simulator.world.stream;

import dev.everfeed.core.arbitrate.ArbiterPolicy;
import dev.everfeed.core.arbitrate.Identity;
import dev.everfeed.core.engine.ControlPolicy;
import dev.everfeed.core.engine.FailoverPolicy;
import dev.everfeed.core.engine.GatewayPlan;
import dev.everfeed.core.engine.GatewayPlan.Standby;
import dev.everfeed.core.engine.LinkPolicy;
import dev.everfeed.simulator.world.Seeds;
import dev.everfeed.simulator.world.stream.StreamScenario.LinePlan;
import dev.everfeed.simulator.world.stream.StreamScenario.Operation;
import dev.everfeed.simulator.world.stream.StreamScenario.Pause;
import dev.everfeed.simulator.world.stream.StreamScenario.Restart;
import dev.everfeed.simulator.world.stream.StreamScenario.VenuePlan;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;

/// Draws a [StreamScenario] from a seed: how many venues and gateways, what they can prove, how
/// far apart they are, who wants what moved when, and a swarm of faults, of which each seed has
/// some kinds only.
final class StreamScenarioDraw {
  private static final long MILLI = 1_000_000L;
  private static final long SECOND = 1_000_000_000L;
  private static final String[] TYPES = {"binance", "okx", "kraken"};

  /// Events that come over lines in the safety phase, on the average.
  private static final double ARRIVALS = 38_000;

  private final SplittableRandom random;
  private final Seeds seeds;
  private final List<int[]> contracts = new ArrayList<>();
  private final List<Identity> natures = new ArrayList<>();
  private final List<GatewayPlan> gateways = new ArrayList<>();
  private final int venueCount;
  private final int gatewayCount;
  private final int[] venueOf;

  /// By venue: whether its gateways share one account, which has one connection.
  private final boolean[] sharing;

  private final long safety;

  private StreamScenarioDraw(Seeds seeds) {
    this.seeds = seeds;
    this.random = seeds.of("scenario");
    this.gatewayCount = random.nextInt(2, 5);
    this.venueCount = random.nextInt(1, Math.min(3, gatewayCount) + 1);
    this.venueOf = new int[gatewayCount];
    this.sharing = new boolean[venueCount];
    this.safety = Seeds.logUniform(random, 60 * SECOND, 600 * SECOND);
  }

  static StreamScenario of(Seeds seeds) {
    return new StreamScenarioDraw(seeds).draw();
  }

  private StreamScenario draw() {
    drawContracts();
    int streams = natures.size();
    for (int i = 0; i < gatewayCount; i++) {
      venueOf[i] = i < venueCount ? i : random.nextInt(venueCount);
    }
    List<VenuePlan> venues = new ArrayList<>();
    for (int i = 0; i < venueCount; i++) {
      venues.add(venue(i, streams));
    }
    for (int i = 0; i < streams; i++) {
      int stream = i;
      if (venues.stream().noneMatch(venue -> venue.offered().get(stream))) {
        venues.getFirst().offered().set(stream);
      }
    }
    drawGateways(streams);
    List<FailoverPolicy> policies = new ArrayList<>();
    for (int i = 0; i < contracts.size(); i++) {
      policies.add(policy());
    }
    double[] rates = new double[streams];
    double sum = 0;
    for (int i = 0; i < streams; i++) {
      rates[i] = Seeds.logUniform(random, 0.05, 40.0);
      sum += rates[i] * gatewayCount;
    }
    double scale = Math.min(1, ARRIVALS / (sum * safety / SECOND));
    for (int i = 0; i < streams; i++) {
      rates[i] *= scale;
    }
    BitSet canaries = new BitSet();
    int busiest = 0;
    for (int i = 1; i < streams; i++) {
      busiest = rates[i] > rates[busiest] ? i : busiest;
    }
    if (rates[busiest] > 0.5 && Seeds.chance(random, 70)) {
      canaries.set(busiest); // what trades all the time
    }
    LinePlan[] lines = new LinePlan[gatewayCount];
    for (int i = 0; i < gatewayCount; i++) {
      lines[i] = new LinePlan(
          Seeds.logUniform(random, 3 * MILLI, 60 * MILLI),
          0.4 * random.nextDouble(),
          Seeds.chance(random, 30) ? 0.01 * random.nextDouble() : 0);
    }
    boolean calm = Seeds.chance(random, 15);
    return new StreamScenario(
        venues,
        gateways,
        venueOf,
        contracts,
        policies,
        canaries,
        rates,
        lines,
        control(),
        arbiter(),
        safety,
        random.nextBoolean(),
        faults(calm),
        pauses(calm),
        calm ? List.of() : restarts(),
        calm ? List.of() : operations());
  }

  // ---- what there is

  private void drawContracts() {
    int count = random.nextInt(1, 13);
    for (int i = 0; i < count; i++) {
      int own = random.nextInt(1, 4);
      int[] streams = new int[own];
      for (int j = 0; j < own; j++) {
        streams[j] = natures.size();
        natures.add(
            switch (random.nextInt(6)) {
              case 0, 1, 2 -> Identity.DENSE;
              case 3 -> Identity.ORDERED;
              case 4 -> Identity.UNIQUE;
              default -> Identity.NONE;
            });
      }
      contracts.add(streams);
    }
  }

  private VenuePlan venue(int number, int streams) {
    BitSet offered = new BitSet();
    Identity[] identities = new Identity[streams];
    boolean[] refills = new boolean[streams];
    boolean refillsAny = Seeds.chance(random, 60);
    for (int i = 0; i < streams; i++) {
      offered.set(i, number == 0 ? Seeds.chance(random, 97) : Seeds.chance(random, 85));
      identities[i] =
          Seeds.chance(random, 75) ? natures.get(i) : Identity.values()[random.nextInt(4)];
      refills[i] = refillsAny && identities[i] == Identity.DENSE;
    }
    sharing[number] = Seeds.chance(random, 20);
    LinkPolicy link = new LinkPolicy(
        random.nextInt(1, 21),
        1 + number % 3,
        random.nextLong(20, 251) * MILLI * (1 + number % 3),
        random.nextBoolean(),
        5 * SECOND,
        random.nextLong(3, 11) * SECOND,
        random.nextLong(25, 41) * SECOND,
        !sharing[number] && Seeds.chance(random, 20)
            ? random.nextLong(40, 200) * SECOND
            : Long.MAX_VALUE,
        SECOND,
        250 * MILLI,
        random.nextLong(5, 31) * SECOND,
        30 * SECOND);
    return new VenuePlan(
        offered,
        identities,
        refills,
        random.nextBoolean(),
        Seeds.chance(random, 40) ? random.nextInt(1, 6) : 0,
        Seeds.chance(random, 30) ? random.nextInt(3, 10) : 300,
        Seeds.chance(random, 30) ? 30 * SECOND : 300 * SECOND,
        link);
  }

  private void drawGateways(int streams) {
    int[] names = {1, 2, 3, 4};
    for (int i = names.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int name = names[i];
      names[i] = names[j];
      names[j] = name;
    }
    for (int i = 0; i < gatewayCount; i++) {
      String type = TYPES[venueOf[i]];
      boolean shares = sharing[venueOf[i]];
      int kind = random.nextInt(100);
      gateways.add(new GatewayPlan(
          type + "_" + names[i],
          type,
          random.nextInt(1, 4),
          Seeds.chance(random, 96),
          kind < 55 ? Standby.HOT : kind < 80 ? Standby.WARM : Standby.COLD,
          Seeds.chance(random, 10) ? random.nextInt(Math.max(1, streams / 2), streams + 1) : 1_000,
          shares ? type : type + names[i],
          shares ? 1 : Integer.MAX_VALUE));
    }
  }

  private FailoverPolicy policy() {
    int kind = random.nextInt(100);
    if (kind < 60) {
      return FailoverPolicy.IMMEDIATE;
    }
    if (kind < 80) {
      return FailoverPolicy.delayed(random.nextLong(1, 15) * SECOND);
    }
    return kind < 90 ? FailoverPolicy.MANUAL : FailoverPolicy.SHADOW;
  }

  private ControlPolicy control() {
    return new ControlPolicy(
        random.nextLong(6, 11) * SECOND,
        random.nextLong(3, 7) * SECOND,
        random.nextLong(500, 1_500) * MILLI,
        random.nextLong(2, 9) * SECOND,
        random.nextLong(10, 31) * SECOND,
        random.nextLong(2, 7) * SECOND,
        random.nextLong(10, 31) * SECOND,
        random.nextLong(60, 301) * SECOND,
        random.nextLong(20, 61) * SECOND,
        random.nextLong(2, 6) * SECOND,
        Seeds.chance(random, 20) ? random.nextInt(1, 4) : 1_000,
        random.nextLong(5, 11) * SECOND);
  }

  private ArbiterPolicy arbiter() {
    int held = Seeds.chance(random, 15) ? random.nextInt(2, 20) : 2_048;
    return new ArbiterPolicy(
        random.nextLong(20, 101) * MILLI,
        random.nextLong(300, 1_500) * MILLI,
        Seeds.chance(random, 20) ? random.nextInt(1, 20) : 1_000,
        held,
        2 * held,
        10 * SECOND);
  }

  // ---- what goes wrong

  private List<StreamFault> faults(boolean calm) {
    SplittableRandom own = seeds.of("faults");
    List<StreamFault> faults = new ArrayList<>();
    List<StreamFault.Kind> kinds = new ArrayList<>();
    for (StreamFault.Kind kind : StreamFault.Kind.values()) {
      if (calm ? kind == StreamFault.Kind.HALT : Seeds.chance(own, 30)) {
        kinds.add(kind);
      }
    }
    if (kinds.isEmpty()) {
      return faults;
    }
    int count = calm ? own.nextInt(3) : own.nextInt(5, 31);
    for (int i = 0; i < count; i++) {
      StreamFault.Kind kind = kinds.get(own.nextInt(kinds.size()));
      long from = Math.round(safety * (0.05 + 0.85 * own.nextDouble()));
      long length = kind == StreamFault.Kind.HALT
          ? Seeds.logUniform(own, 5 * SECOND, safety)
          : Seeds.logUniform(own, SECOND, 60 * SECOND);
      faults.add(new StreamFault(
          kind,
          own.nextInt(kind.isOfVenue() ? venueCount : gatewayCount),
          from,
          Math.min(safety, from + length),
          own.nextLong()));
    }
    if (!calm && Seeds.chance(own, 15)) {
      swizzle(own, faults);
    }
    return faults;
  }

  /// All gateways fall silent one after the other, and come back in another order.
  private void swizzle(SplittableRandom own, List<StreamFault> faults) {
    long from = Math.round(safety * 0.5 * own.nextDouble());
    StreamFault.Kind kind =
        Seeds.chance(own, 50) ? StreamFault.Kind.SILENT : StreamFault.Kind.REFUSE;
    for (int i = 0; i < gatewayCount; i++) {
      long begin = from + own.nextLong(10 * SECOND);
      long end = begin + Seeds.logUniform(own, 5 * SECOND, 60 * SECOND);
      faults.add(new StreamFault(kind, i, begin, Math.min(safety, end), own.nextLong()));
      if (kind == StreamFault.Kind.REFUSE) {
        faults.add(new StreamFault(
            StreamFault.Kind.CLOSE, i, begin + 1, Math.min(safety, end), own.nextLong()));
      }
    }
  }

  private List<Pause> pauses(boolean calm) {
    SplittableRandom own = seeds.of("pauses");
    List<Pause> pauses = new ArrayList<>();
    if (calm || Seeds.chance(own, 40)) {
      for (int i = own.nextInt(1, 5); i > 0; i--) {
        pauses.add(new Pause(
            Math.round(safety * 0.95 * own.nextDouble()),
            Seeds.logUniform(own, 10 * MILLI, 10 * SECOND)));
      }
    }
    return pauses;
  }

  private List<Restart> restarts() {
    SplittableRandom own = seeds.of("restarts");
    return Seeds.chance(own, 20)
        ? List.of(new Restart(
            Math.round(safety * (0.2 + 0.7 * own.nextDouble())),
            Seeds.logUniform(own, 100 * MILLI, 20 * SECOND)))
        : List.of();
  }

  private List<Operation> operations() {
    SplittableRandom own = seeds.of("operators");
    List<Operation> operations = new ArrayList<>();
    if (!Seeds.chance(own, 40)) {
      return orders();
    }
    for (int i = own.nextInt(1, 6); i > 0; i--) {
      long at = Math.round(safety * 0.9 * own.nextDouble());
      int gateway = own.nextInt(gatewayCount);
      if (Seeds.chance(own, 60)) {
        operations.add(new Operation(
            at,
            Operation.Kind.MOVE,
            Seeds.chance(own, 50) ? gateway : -1,
            Seeds.chance(own, 70) ? own.nextInt(contracts.size()) : -1,
            Seeds.chance(own, 50) ? own.nextInt(gatewayCount) : -1));
      } else {
        operations.add(new Operation(at, Operation.Kind.DISABLE, gateway, -1, -1));
        operations.add(new Operation(
            Math.min(safety, at + Seeds.logUniform(own, SECOND, 60 * SECOND)),
            Operation.Kind.ENABLE,
            gateway,
            -1,
            -1));
      }
    }
    operations.addAll(orders());
    return operations;
  }

  /// Drawn by itself, so that what was drawn before there were such orders stays as it was.
  private List<Operation> orders() {
    SplittableRandom own = seeds.of("orders");
    List<Operation> orders = new ArrayList<>();
    if (!Seeds.chance(own, 30)) {
      return orders;
    }
    for (int i = own.nextInt(1, 4); i > 0; i--) {
      long at = Math.round(safety * 0.9 * own.nextDouble());
      long until = Math.min(safety, at + Seeds.logUniform(own, SECOND, 60 * SECOND));
      int contract = Seeds.chance(own, 50) ? own.nextInt(contracts.size()) : -1;
      switch (own.nextInt(3)) {
        case 0 -> orders.add(new Operation(at, Operation.Kind.RETURN, -1, contract, -1));
        case 1 -> {
          orders.add(new Operation(at, Operation.Kind.PIN, -1, contract, -1));
          orders.add(new Operation(until, Operation.Kind.UNPIN, -1, contract, -1));
        }
        default -> {
          orders.add(new Operation(at, Operation.Kind.FREEZE, -1, -1, -1));
          orders.add(new Operation(until, Operation.Kind.UNFREEZE, -1, -1, -1));
        }
      }
    }
    return orders;
  }
}
