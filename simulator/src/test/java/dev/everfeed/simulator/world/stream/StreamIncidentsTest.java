package dev.everfeed.simulator.world.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.everfeed.simulator.world.Seeds;
import dev.everfeed.simulator.world.stream.StreamFault.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/// What happened to others, in many worlds: each of a seed's venues, gateways and policies, and
/// the incident's faults in place of the drawn ones. Every invariant is looked at after every
/// event, and everything must be well in time when it is over.
class StreamIncidentsTest {
  private static final long SEEDS = 60;
  private static final long SECOND = 1_000_000_000L;

  /// CME, 28 November 2025: nothing is traded for long, everywhere. Nobody is convicted for it.
  /// Of three venues one may be, as the halt ends and the others are first to go on: the known
  /// exception of E9.
  @Test
  void aHaltOfAllMarketsConvictsNobody() {
    List<StreamOutcome> outcomes = lives(world -> {
      List<StreamFault> faults = new ArrayList<>();
      for (int venue = 0; venue < world.venues().size(); venue++) {
        faults.add(fault(world, Kind.HALT, venue, 0.3, 0.9, venue));
      }
      return faults;
    });
    List<StreamOutcome> ofTwo = outcomes.stream()
        .filter(
            outcome -> StreamScenarioDraw.of(new Seeds(outcome.seed())).venues().size() < 3)
        .toList();
    assertThat(ofTwo).hasSizeGreaterThan(20);
    assertThat(sum(ofTwo, StreamOutcome::convictions)).isZero();
  }

  /// BitMEX, 24 July 2019: eleven topics fall silent, the others go on.
  @Test
  void someStreamsOfALineFallSilentAndTheOthersGoOn() {
    List<StreamOutcome> outcomes = lives(world -> {
      List<StreamFault> faults = new ArrayList<>();
      for (int salt = 0; salt < 11; salt++) {
        faults.add(fault(world, Kind.STREAM_SILENT, 0, 0.3, 0.8, salt));
      }
      return faults;
    });
    assertThat(sum(outcomes, StreamOutcome::convictions)).isPositive();
    assertThat(sum(outcomes, StreamOutcome::failovers)).isPositive();
  }

  /// BitMEX, 24 June 2019: alive and wrong. It is left, and not chosen while it is.
  @Test
  void aGatewayThatIsAliveAndWrongIsLeft() {
    List<StreamOutcome> outcomes =
        lives(world -> List.of(fault(world, Kind.WRONG_PRICE, 0, 0.3, 0.7, 1)));
    assertThat(sum(outcomes, StreamOutcome::convictions)).isPositive();
    assertThat(sum(outcomes, StreamOutcome::failovers)).isPositive();
  }

  /// IEX Cloud, 31 August 2024: a provider ends, with all of its lines, and stays away.
  @Test
  void aWholeProviderEnds() {
    List<StreamOutcome> outcomes = lives(world -> {
      List<StreamFault> faults = new ArrayList<>();
      for (int gateway = 0; gateway < world.gateways().size(); gateway++) {
        if (world.venueOf()[gateway] == 0) {
          faults.add(fault(world, Kind.REFUSE, gateway, 0.3, 1, gateway));
          faults.add(fault(world, Kind.CLOSE, gateway, 0.31, 1, gateway));
        }
      }
      return faults;
    });
    assertThat(sum(outcomes, StreamOutcome::failovers)).isPositive();
  }

  /// Nasdaq SIP, 22 August 2013: all connections end at once, again and again, and everybody
  /// comes back at the same moment. The budget of connects holds (E19).
  @Test
  void everybodyReconnectsAtTheSameTimeAgainAndAgain() {
    List<StreamOutcome> outcomes = lives(world -> {
      List<StreamFault> faults = new ArrayList<>();
      for (int venue = 0; venue < world.venues().size(); venue++) {
        for (int i = 0; i < 8; i++) {
          double from = 0.3 + 0.05 * i;
          faults.add(fault(world, Kind.MASS_DISCONNECT, venue, from, from + 0.04, i));
        }
      }
      return faults;
    });
    assertThat(sum(outcomes, StreamOutcome::faults)).isGreaterThan(8 * SEEDS);
  }

  /// 10 October 2025: answers over HTTP fail at the peak, and one venue's prices are wrong, on
  /// all of its lines.
  @Test
  void answersFailAtThePeakAndOneVenueIsWrong() {
    List<StreamOutcome> outcomes = lives(world -> {
      List<StreamFault> faults = new ArrayList<>();
      for (int venue = 0; venue < world.venues().size(); venue++) {
        faults.add(fault(world, Kind.REST, venue, 0.2, 0.9, venue));
        faults.add(fault(world, Kind.LOST_BY_VENUE, venue, 0.3, 0.7, venue));
      }
      for (int gateway = 0; gateway < world.gateways().size(); gateway++) {
        if (world.venueOf()[gateway] == 0) {
          faults.add(fault(world, Kind.WRONG_PRICE, gateway, 0.4, 0.6, gateway));
        }
      }
      return faults;
    });
    assertThat(sum(outcomes, StreamOutcome::convictions)).isPositive();
  }

  private static StreamFault fault(
      StreamScenario world, Kind kind, int where, double from, double to, long salt) {
    long safety = world.safetyNanos();
    return new StreamFault(
        kind, where, Math.round(from * safety), Math.round(to * safety), salt * 7_919 + SECOND);
  }

  private static List<StreamOutcome> lives(Function<StreamScenario, List<StreamFault>> faults) {
    List<StreamOutcome> outcomes = LongStream.rangeClosed(1, SEEDS)
        .parallel()
        .mapToObj(seed -> StreamWorld.scripted(seed, world -> world.withOnly(faults.apply(world)))
            .run())
        .toList();
    for (StreamOutcome outcome : outcomes) {
      assertThat(outcome.violations()).as("seed %d", outcome.seed()).isEmpty();
    }
    return outcomes;
  }

  private static long sum(List<StreamOutcome> outcomes, ToLongFunction<StreamOutcome> of) {
    return outcomes.stream().mapToLong(of).sum();
  }
}
