package dev.everfeed.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.everfeed.core.engine.Link.Command;
import dev.everfeed.core.engine.Link.Input;
import dev.everfeed.core.engine.Link.State;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/// When a link gives up, asks, waits and renews: to the nanosecond. Chance is as long as it can
/// be.
class LinkTimesTest {
  private static final long SECOND = 1_000_000_000L;

  private static final RandomGenerator LONGEST = new RandomGenerator() {
    @Override
    public long nextLong() {
      throw new IllegalStateException("a link draws below a bound only");
    }

    @Override
    public long nextLong(long bound) {
      return bound - 1;
    }
  };

  /// 2 streams a request, 2 requests in a second; 5 s to connect, 10 s to answer, quiet after a
  /// minute, 1,000 s of life, 1 s of overlap, waits of 1 to 30 s, settled after a minute.
  private static LinkPolicy policy(long lifetimeNanos) {
    return new LinkPolicy(
        2,
        2,
        SECOND,
        true,
        5 * SECOND,
        10 * SECOND,
        60 * SECOND,
        lifetimeNanos,
        SECOND,
        SECOND,
        30 * SECOND,
        60 * SECOND);
  }

  private Link link = made(1_000 * SECOND);
  private final List<Command> out = new ArrayList<>();
  private long now = 7 * SECOND;

  private static Link made(long lifetimeNanos) {
    return new Link(policy(lifetimeNanos), new ConnectBudget(100, 1), LONGEST);
  }

  private void on(Input input) {
    out.clear();
    link.on(input, now, out::add);
  }

  private void pass(long nanos) {
    now += nanos;
    on(new Input.TimePassed());
  }

  private void want(Integer... streams) {
    on(new Input.Want(new TreeSet<>(List.of(streams))));
  }

  private void up(int connection, int request) {
    on(new Input.Opened(connection));
    on(new Input.Answered(connection, request, null));
  }

  private List<Integer> connected() {
    return out.stream()
        .filter(Command.Connect.class::isInstance)
        .map(command -> ((Command.Connect) command).connection())
        .toList();
  }

  private List<String> closed() {
    return out.stream()
        .filter(Command.Close.class::isInstance)
        .map(command -> ((Command.Close) command).reason())
        .toList();
  }

  // ---- giving up

  @Test
  void aHandshakeHasExactlyFiveSeconds() {
    want(0);
    assertThat(link.nextDeadlineNanos(now)).isEqualTo(now + 5 * SECOND);
    pass(5 * SECOND - 1);
    assertThat(closed()).isEmpty();
    pass(1);
    assertThat(closed()).containsExactly("not connected within 5,000 ms");
  }

  @Test
  void anAnswerHasExactlyTenSecondsAndOneToAnotherRequestIsNone() {
    want(0, 1, 2);
    on(new Input.Opened(1));
    assertThat(link.nextDeadlineNanos(now)).isEqualTo(now + 10 * SECOND);
    on(new Input.Answered(1, 99, null));
    pass(10 * SECOND - 1);
    assertThat(closed()).isEmpty();
    pass(1);
    assertThat(closed())
        .containsExactly("no answer to a subscription of 2 streams within 10,000 ms");
  }

  @Test
  void aConnectionMayBeQuietForLessThanAMinute() {
    want(0);
    up(1, 1);
    assertThat(link.nextDeadlineNanos(now)).isEqualTo(now + 60 * SECOND);
    pass(60 * SECOND - 1);
    assertThat(closed()).isEmpty();
    link.heard(1, now);
    pass(60 * SECOND - 1);
    assertThat(closed()).isEmpty();
    link.heard(2, now); // another one's frame
    pass(1);
    assertThat(closed()).containsExactly("nothing was heard for 60,000 ms, not even a ping");
  }

  @Test
  void aConnectionThatGivesNothingOfWhatIsWantedIsGivenUp() {
    want(0);
    on(new Input.Opened(1));
    on(new Input.Answered(1, 1, "no such product"));
    assertThat(out).contains(new Command.StreamRefused(0, "no such product"));
    assertThat(closed()).containsExactly("every stream was refused");
    assertThat(link.state()).isEqualTo(State.DISCONNECTED);
  }

  // ---- waiting

  @Test
  void theWaitDoublesWithEachFailureUpToItsCap() {
    want(0);
    int connection = 1;
    for (int seconds : new int[] {1, 2, 4, 8, 16, 30, 30}) {
      on(new Input.Closed(connection, "refused"));
      assertThat(link.nextDeadlineNanos(now)).isEqualTo(now + seconds * SECOND);
      pass(seconds * SECOND - 1);
      assertThat(connected()).isEmpty();
      pass(1);
      assertThat(connected()).containsExactly(++connection);
    }
  }

  @Test
  void onlyAConnectionThatLastedAMinuteMakesTheNextWaitTheFirstAgain() {
    want(0);
    on(new Input.Closed(1, "refused"));
    pass(SECOND);
    up(2, 1);
    pass(60 * SECOND - 1);
    on(new Input.Closed(2, "reset"));
    assertThat(link.nextDeadlineNanos(now)).as("not settled").isEqualTo(now + 2 * SECOND);
    pass(2 * SECOND);
    up(3, 2);
    link.heard(3, now + 59 * SECOND);
    pass(60 * SECOND);
    on(new Input.Closed(3, "reset"));
    assertThat(link.nextDeadlineNanos(now)).isEqualTo(now + SECOND);
  }

  @Test
  void aHandshakeThatTakesForeverIsAFailureHoweverLongItTook() {
    want(0);
    now += 90 * SECOND;
    on(new Input.Closed(1, "refused at last"));
    pass(SECOND);
    on(new Input.Closed(2, "refused"));
    assertThat(link.nextDeadlineNanos(now)).isEqualTo(now + 2 * SECOND);
  }

  @Test
  void theBudgetIsWaitedForToo() {
    link = new Link(policy(1_000 * SECOND), new ConnectBudget(1, 100 * SECOND), LONGEST);
    want(0);
    on(new Input.Closed(1, "refused"));
    assertThat(link.nextDeadlineNanos(now)).isEqualTo(now + 100 * SECOND);
    pass(100 * SECOND - 1);
    assertThat(connected()).isEmpty();
    pass(1);
    assertThat(connected()).containsExactly(2);
  }

  // ---- asking

  @Test
  void noMoreRequestsGoOutInASecondThanMay() {
    want(0, 1, 2, 3, 4, 5);
    on(new Input.Opened(1));
    on(new Input.Answered(1, 1, null));
    on(new Input.Answered(1, 2, null));
    assertThat(out).doesNotContain(new Command.Subscribe(1, List.of(4, 5), 3));
    assertThat(link.nextDeadlineNanos(now)).isEqualTo(now + SECOND);
    pass(SECOND - 1);
    assertThat(out).isEmpty();
    pass(1);
    assertThat(out).containsExactly(new Command.Subscribe(1, List.of(4, 5), 3));
  }

  @Test
  void whatIsNotWantedAnyMoreIsEndedAfterWhatIsWantedAndAsFewAtATime() {
    want(0, 1, 2);
    on(new Input.Opened(1));
    on(new Input.Answered(1, 1, null));
    on(new Input.Answered(1, 2, null));
    pass(SECOND);
    want(3);
    assertThat(out).contains(new Command.Subscribe(1, List.of(3), 3));
    on(new Input.Answered(1, 3, null));
    assertThat(out).contains(new Command.Unsubscribe(1, List.of(0, 1), 4));
    assertThat(link.subscribed()).containsExactly(2, 3);
    assertThat(link.nextDeadlineNanos(now)).isEqualTo(now + SECOND);
    pass(SECOND);
    assertThat(out).containsExactly(new Command.Unsubscribe(1, List.of(2), 5));
    assertThat(link.state()).isEqualTo(State.HEALTHY);
  }

  /// At most 64 minutes, however often.
  @Test
  void whatIsRefusedAgainAndAgainIsAskedForTwiceAsLateEachTime() {
    link = made(Long.MAX_VALUE);
    want(0, 1);
    on(new Input.Opened(1));
    on(new Input.Subscribed(1, 1));
    on(new Input.Refused(1, "too many"));
    for (int minutes : new int[] {1, 2, 4, 8, 16, 32, 64, 64}) {
      long asked = now + minutes * Link.REFUSED_NANOS;
      while (now < asked - 1) {
        link.heard(1, now);
        pass(Math.min(SECOND, asked - 1 - now));
        assertThat(out).noneMatch(Command.Subscribe.class::isInstance);
      }
      assertThat(link.nextDeadlineNanos(now)).isEqualTo(asked);
      pass(1);
      assertThat(out).anyMatch(Command.Subscribe.class::isInstance);
      on(new Input.Refused(1, "too many"));
    }
  }

  // ---- renewing

  @Test
  void aSuccessorIsBegunBetween85And95PercentOfTheLife() {
    want(0);
    up(1, 1);
    long opened = now;
    liveUntil(1, opened + 850 * SECOND);
    assertThat(connected()).isEmpty();
    assertThat(link.nextDeadlineNanos(now)).isEqualTo(now + 1);
    pass(1);
    assertThat(connected()).containsExactly(2);
  }

  @Test
  void aConnectionWithoutAnEndIsNotRenewed() {
    link = made(Long.MAX_VALUE);
    want(0);
    up(1, 1);
    liveUntil(1, now + 3_000 * SECOND);
    assertThat(connected()).isEmpty();
    assertThat(link.state()).isEqualTo(State.HEALTHY);
  }

  @Test
  void aSuccessorTakesOverAfterExactlyTheOverlap() {
    want(0);
    up(1, 1);
    on(new Input.EndAnnounced(1));
    up(2, 2);
    assertThat(link.nextDeadlineNanos(now)).isEqualTo(now + SECOND);
    pass(SECOND - 1);
    assertThat(closed()).isEmpty();
    pass(1);
    assertThat(closed()).containsExactly("replaced before its planned end");
    assertThat(out).contains(new Command.Deliver(2), new Command.Subscribed(0));
  }

  @Test
  void anEndThatASuccessorAnnouncesIsBelievedOnceItHasSettled() {
    want(0);
    up(1, 1);
    on(new Input.EndAnnounced(1));
    up(2, 2);
    long begun = now;
    pass(SECOND);
    on(new Input.EndAnnounced(2));
    assertThat(connected()).isEmpty();
    liveUntil(2, begun + 60 * SECOND - 1);
    assertThat(connected()).isEmpty();
    pass(1);
    assertThat(connected()).containsExactly(3);
  }

  private void liveUntil(int connection, long moment) {
    while (now < moment) {
      link.heard(connection, now);
      pass(Math.min(SECOND, moment - now));
      assertThat(connected()).isEmpty();
    }
  }

  // ---- what comes too late

  @Test
  void whatComesOfAConnectionThatIsGoneChangesNothing() {
    want(0);
    on(new Input.Closed(1, "refused"));
    on(new Input.Opened(1));
    on(new Input.Answered(1, 1, null));
    on(new Input.Subscribed(1, 0));
    on(new Input.Refused(1, "no"));
    on(new Input.EndAnnounced(1));
    on(new Input.Closed(1, "again"));
    assertThat(out).isEmpty();
    assertThat(link.state()).isEqualTo(State.DISCONNECTED);
    assertThat(link.subscribed()).isEmpty();
    assertThat(link.nextDeadlineNanos(now)).isEqualTo(now + SECOND);
  }

  @Test
  void anErrorAboutSomethingElseRefusesNothing() {
    want(0);
    up(1, 1);
    on(new Input.Refused(1, "unknown command"));
    assertThat(out).isEmpty();
    assertThat(link.subscribed()).containsExactly(0);
  }
}
