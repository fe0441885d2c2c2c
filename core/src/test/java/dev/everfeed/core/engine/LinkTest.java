package dev.everfeed.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.everfeed.core.Repetitions;
import dev.everfeed.core.engine.Link.Command;
import dev.everfeed.core.engine.Link.Input;
import dev.everfeed.core.engine.Link.State;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class LinkTest {
  private static final long SECOND = 1_000_000_000L;
  private static final LinkPolicy POLICY = new LinkPolicy(
      2,
      1,
      SECOND / 4,
      true,
      5 * SECOND,
      10 * SECOND,
      60 * SECOND,
      1_000 * SECOND,
      SECOND,
      SECOND,
      30 * SECOND,
      60 * SECOND);

  private final ConnectBudget budget = new ConnectBudget(5, 300 * SECOND);
  private final Link link = new Link(POLICY, budget, new Random(1));
  private final List<Command> out = new ArrayList<>();
  private long now;

  @Test
  void itConnectsSubscribesInPacesAndIsHealthyWhenAllIsAcknowledged() {
    want(0, 1, 2);
    assertThat(taken())
        .containsExactly(
            new Command.Connect(1), new Command.Deliver(1), became(State.CONNECTING, "connects"));
    on(new Input.Opened(1));
    assertThat(taken()).containsExactly(new Command.Subscribe(1, List.of(0, 1), 1));
    on(new Input.Answered(1, 1, null));
    assertThat(taken()).as("the venue's pace is kept").isEmpty();
    passUntilDeadline();
    assertThat(taken()).containsExactly(new Command.Subscribe(1, List.of(2), 2));
    on(new Input.Answered(1, 2, null));
    assertThat(taken()).containsExactly(became(State.HEALTHY, "subscribed"));
  }

  @Test
  void requestsGoOutAtOnceUntilTheWindowIsFullAndThenWhenTheOldestHasLeftIt() {
    Link burst = new Link(withWindow(3, SECOND), budget, new Random(1));
    TreeSet<Integer> streams = new TreeSet<>(List.of(0, 1, 2, 3, 4, 5, 6, 7));
    burst.on(new Input.Want(streams), now, out::add);
    burst.on(new Input.Opened(1), now, out::add);
    for (int request = 1; request <= 3; request++) {
      now += SECOND / 10;
      burst.on(new Input.Answered(1, request, null), now, out::add);
    }
    assertThat(out.stream().filter(Command.Subscribe.class::isInstance)).hasSize(3);

    out.clear();
    assertThat(burst.nextDeadlineNanos(now)).isEqualTo(now - 3 * SECOND / 10 + SECOND);
    now = burst.nextDeadlineNanos(now) - 1;
    burst.on(new Input.TimePassed(), now, out::add);
    assertThat(out).isEmpty();
    now++;
    burst.on(new Input.TimePassed(), now, out::add);
    assertThat(out).containsExactly(new Command.Subscribe(1, List.of(6, 7), 4));
  }

  private static LinkPolicy withWindow(int requestsMax, long windowNanos) {
    return new LinkPolicy(
        POLICY.streamsPerRequest(),
        requestsMax,
        windowNanos,
        POLICY.answersByRequest(),
        POLICY.connectWithinNanos(),
        POLICY.answerWithinNanos(),
        POLICY.quietNanos(),
        POLICY.lifetimeNanos(),
        POLICY.overlapNanos(),
        POLICY.backoffBaseNanos(),
        POLICY.backoffCapNanos(),
        POLICY.settledNanos());
  }

  @Test
  void aLateHandshakeALateAnswerAndSilenceEndAConnection() {
    want(0);
    now += 5 * SECOND;
    on(new Input.TimePassed());
    assertThat(taken())
        .contains(
            new Command.Close(1, "not connected within 5,000 ms"),
            became(State.DISCONNECTED, "not connected within 5,000 ms"));
    passUntilDeadline();
    assertThat(taken()).contains(new Command.Connect(2));
    on(new Input.Opened(2));
    now += 10 * SECOND;
    link.heard(2, now);
    on(new Input.TimePassed());
    assertThat(taken())
        .contains(
            new Command.Close(2, "no answer to a subscription of 1 streams within 10,000 ms"));
    passUntilDeadline();
    on(new Input.Opened(3));
    on(new Input.Answered(3, 2, null));
    taken();
    now += 59 * SECOND;
    link.heard(3, now);
    now += 59 * SECOND;
    on(new Input.TimePassed());
    assertThat(taken()).isEmpty();
    now += SECOND;
    on(new Input.TimePassed());
    assertThat(taken())
        .contains(new Command.Close(3, "nothing was heard for 60,000 ms, not even a ping"));
  }

  @Test
  void aRefusedRequestIsAskedOneByOneAndOneBadStreamCostsTheOthersNothing() {
    want(0, 1);
    on(new Input.Opened(1));
    taken();
    on(new Input.Answered(1, 1, "no such product"));
    passUntilDeadline();
    assertThat(taken()).containsExactly(new Command.Subscribe(1, List.of(0), 2));
    on(new Input.Refused(1, "no such product"));
    assertThat(taken()).containsExactly(new Command.StreamRefused(0, "no such product"));
    passUntilDeadline();
    assertThat(taken()).containsExactly(new Command.Subscribe(1, List.of(1), 3));
    on(new Input.Answered(1, 3, null));
    assertThat(taken()).containsExactly(became(State.HEALTHY, "subscribed"));
  }

  @Test
  void whatIsWantedAgainBeforeItWasEndedIsAcknowledgedAgain() {
    want(0, 1);
    on(new Input.Opened(1));
    on(new Input.Answered(1, 1, null));
    want(1); // the pace leaves no room to end the other one yet
    out.clear();
    want(0, 1);
    assertThat(out).containsExactly(new Command.Subscribed(0));
    passUntilDeadlineWithLife(1, now + SECOND);
    assertThat(out).containsExactly(new Command.Subscribed(0));
  }

  /// No other one is asked for again, and an error about it that comes late changes nothing.
  @Test
  void aVenueThatNamesWhatItRefusesRefusesThatAlone() {
    want(0, 1);
    on(new Input.Opened(1));
    taken();
    on(new Input.StreamRefused(1, 0, "no such product"));
    assertThat(taken()).containsExactly(new Command.StreamRefused(0, "no such product"));
    on(new Input.StreamRefused(1, 0, "no such product"));
    on(new Input.StreamRefused(7, 1, "of a connection that is gone"));
    assertThat(taken()).isEmpty();
    on(new Input.Subscribed(1, 1));
    assertThat(taken()).containsExactly(became(State.HEALTHY, "subscribed"));
    on(new Input.StreamRefused(1, 1, "which it has acknowledged"));
    assertThat(taken()).isEmpty();
    passUntilDeadlineWithLife(1, now + 500 * SECOND);
    assertThat(now).isEqualTo(60 * SECOND);
    assertThat(taken()).containsExactly(new Command.Subscribe(1, List.of(0), 2));
  }

  /// It may have been a limit: a stream that stays silent for ever is the worst answer to that.
  @Test
  void whatWasRefusedIsAskedForAgainAfterAMinuteThenTwo() {
    want(0, 1);
    on(new Input.Opened(1));
    on(new Input.Subscribed(1, 1));
    on(new Input.Refused(1, "too many requests"));
    taken();
    long[] waits = {60, 120};
    for (int i = 0; i < waits.length; i++) {
      long since = now;
      passUntilDeadlineWithLife(1, now + 500 * SECOND);
      assertThat((now - since) / SECOND).isEqualTo(waits[i]);
      assertThat(taken()).containsExactly(new Command.Subscribe(1, List.of(0), 2 + i));
      on(new Input.Refused(1, "too many requests"));
      assertThat(taken()).containsExactly(new Command.StreamRefused(0, "too many requests"));
    }
    passUntilDeadlineWithLife(1, now + 500 * SECOND);
    on(new Input.Subscribed(1, 0));
    assertThat(link.state()).isEqualTo(State.HEALTHY);
  }

  @Test
  void anEndThatIsAnnouncedOnEachNewConnectionDoesNotSpendTheBudget() {
    up();
    on(new Input.EndAnnounced(1));
    on(new Input.Opened(2));
    on(new Input.Answered(2, 2, null));
    taken();
    passUntilDeadlineWithLife(1, 2_000 * SECOND);
    taken();
    on(new Input.EndAnnounced(2));
    assertThat(taken()).isEmpty();
    passUntilDeadlineWithLife(2, now + 500 * SECOND);
    assertThat(taken()).containsExactly(new Command.Connect(3));
    assertThat(now).isEqualTo(60 * SECOND);
  }

  @Test
  void answersThatNameStreamsCountAsWell() {
    want(0, 1);
    on(new Input.Opened(1));
    taken();
    on(new Input.Subscribed(1, 0));
    assertThat(taken()).isEmpty();
    on(new Input.Subscribed(1, 1));
    assertThat(taken()).containsExactly(became(State.HEALTHY, "subscribed"));
  }

  @Test
  void beforeItsLifeIsOverASuccessorDeliversAndOnlyThenItIsClosed() {
    up();
    passUntilDeadlineWithLife(1, 2_000 * SECOND);
    assertThat(now).isBetween(850 * SECOND, 950 * SECOND);
    assertThat(taken()).containsExactly(new Command.Connect(2));
    on(new Input.Opened(2));
    assertThat(taken()).containsExactly(new Command.Subscribe(2, List.of(0), 2));
    on(new Input.Answered(2, 2, null));
    assertThat(taken()).isEmpty();
    long subscribed = now;
    passUntilDeadlineWithLife(1, 2_000 * SECOND);
    assertThat(now - subscribed).isEqualTo(SECOND);
    assertThat(taken())
        .containsExactly(
            new Command.Close(1, "replaced before its planned end"), new Command.Deliver(2));
    assertThat(link.state()).isEqualTo(State.HEALTHY);
    on(new Input.Closed(1, "late echo"));
    assertThat(link.state()).isEqualTo(State.HEALTHY);
  }

  @Test
  void anAnnouncedEndBringsASuccessorAtOnce() {
    up();
    on(new Input.EndAnnounced(1));
    assertThat(taken()).containsExactly(new Command.Connect(2));
    on(new Input.Closed(1, "as announced"));
    assertThat(taken())
        .containsExactly(
            became(State.DISCONNECTED, "as announced"),
            new Command.Deliver(2),
            became(State.CONNECTING, "connects"));
    on(new Input.Opened(2));
    on(new Input.Answered(2, 2, null));
    assertThat(link.state()).isEqualTo(State.HEALTHY);
  }

  @Test
  void aSuccessorDeliversAtOnceWhenItsPredecessorEndsInTheOverlap() {
    up();
    on(new Input.EndAnnounced(1));
    on(new Input.Opened(2));
    on(new Input.Answered(2, 2, null));
    taken();
    on(new Input.Closed(1, "as announced"));
    assertThat(taken()).containsExactly(new Command.Deliver(2));
    assertThat(link.state()).isEqualTo(State.HEALTHY);
  }

  @Test
  void aSuccessorThatFailsCostsTheOneThatDeliversNothing() {
    up();
    on(new Input.EndAnnounced(1));
    on(new Input.Closed(2, "refused"));
    assertThat(link.state()).isEqualTo(State.HEALTHY);
    taken();
    passUntilDeadlineWithLife(1, now + 40 * SECOND);
    assertThat(taken()).containsExactly(new Command.Connect(3));
  }

  @Test
  void streamsAreToldAsTheyAreAcknowledgedOnTheConnectionThatDelivers() {
    want(0, 1, 2);
    on(new Input.Opened(1));
    out.clear();
    on(new Input.Answered(1, 1, null));
    assertThat(out).containsExactly(new Command.Subscribed(0), new Command.Subscribed(1));
    assertThat(link.subscribed()).containsExactly(0, 1);
  }

  @Test
  void streamsAreToldAgainWhenASuccessorDelivers() {
    up();
    on(new Input.EndAnnounced(1));
    on(new Input.Opened(2));
    on(new Input.Answered(2, 2, null));
    assertThat(out).doesNotContain(new Command.Subscribed(0));
    out.clear();
    on(new Input.Closed(1, "as announced"));
    assertThat(out).containsExactly(new Command.Deliver(2), new Command.Subscribed(0));
  }

  @Test
  void aConnectionThatIsAbandonedIsClosedAndAnotherOneBegunAfterAWait() {
    up();
    on(new Input.Abandon("its peers have had 40 events"));
    assertThat(taken())
        .startsWith(
            new Command.Close(1, "its peers have had 40 events"),
            became(State.DISCONNECTED, "its peers have had 40 events"));
    passUntilDeadline();
    assertThat(taken()).contains(new Command.Connect(2));
  }

  @Test
  void waitsGrowUpToTheCapAndTheBudgetIsKept() {
    want(0);
    List<Long> begun = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      for (Command command : taken()) {
        if (command instanceof Command.Connect connect) {
          begun.add(now);
          on(new Input.Closed(connect.connection(), "refused"));
        }
      }
      passUntilDeadline();
    }
    for (int i = 5; i < begun.size(); i++) {
      assertThat(begun.get(i) - begun.get(i - 5)).isGreaterThanOrEqualTo(300 * SECOND);
    }
    assertThat(begun).hasSizeGreaterThan(6);
  }

  @Test
  void whatIsNotWantedAnyMoreIsUnsubscribedAndAnEmptyLinkClosed() {
    want(0, 1);
    on(new Input.Opened(1));
    on(new Input.Answered(1, 1, null));
    taken();
    now += SECOND;
    want(1);
    assertThat(taken()).containsExactly(new Command.Unsubscribe(1, List.of(0), 2));
    want();
    assertThat(taken())
        .containsExactly(
            new Command.Close(1, "nothing is wanted from it any more"),
            became(State.DISCONNECTED, "nothing is wanted"));
  }

  @Test
  void afterTheStopNothingHappensAnyMore() {
    up();
    on(new Input.Stop());
    assertThat(taken())
        .containsExactly(
            new Command.Close(1, "the hub stops"), became(State.DISCONNECTED, "the hub stops"));
    now += 1_000 * SECOND;
    on(new Input.TimePassed());
    assertThat(taken()).isEmpty();
    assertThat(link.nextDeadlineNanos(now)).isEqualTo(Long.MAX_VALUE);
  }

  /// A venue that closes, refuses, forgets and delays as it likes; then it behaves, and every
  /// stream that it does not refuse is subscribed on exactly one connection.
  @Test
  void whateverTheVenueDoesAllIsSubscribedOnceItBehaves() {
    for (long seed = 0; seed < Repetitions.of(500); seed++) {
      walk(seed);
    }
  }

  private void walk(long seed) {
    Random random = new Random(seed);
    Link walked = new Link(POLICY, new ConnectBudget(50, 60 * SECOND), new Random(seed));
    TreeMap<Integer, TreeSet<Integer>> open = new TreeMap<>();
    TreeSet<Integer> connecting = new TreeSet<>();
    TreeSet<Integer> delivering = new TreeSet<>();
    List<Input> pending = new ArrayList<>();
    long time = 0;
    TreeSet<Integer> wanted = new TreeSet<>(Set.of(0, 1, 2, 3, 4));
    List<Command> commands = new ArrayList<>();
    walked.on(new Input.Want(wanted), time, commands::add);
    for (int i = 0; i < 600; i++) {
      boolean behaves = i >= 300;
      for (Command command : List.copyOf(commands)) {
        switch (command) {
          case Command.Connect connect -> {
            connecting.add(connect.connection());
            pending.add(
                behaves || random.nextInt(3) > 0
                    ? new Input.Opened(connect.connection())
                    : new Input.Closed(connect.connection(), "refused"));
          }
          case Command.Subscribe subscribe -> {
            assertThat(open).as("seed " + seed).containsKey(subscribe.connection());
            boolean bad = subscribe.streams().contains(4);
            if (bad) {
              pending.add(new Input.Answered(subscribe.connection(), subscribe.requestId(), "bad"));
            } else if (behaves || random.nextInt(4) > 0) {
              pending.add(new Input.Answered(subscribe.connection(), subscribe.requestId(), null));
            }
          }
          case Command.Close close -> {
            open.remove(close.connection());
            connecting.remove(close.connection());
            delivering.remove(close.connection());
          }
          case Command.Deliver deliver -> {
            assertThat(delivering).as("seed " + seed).isEmpty();
            delivering.add(deliver.connection());
          }
          case Command.Unsubscribe _,
              Command.Subscribed _,
              Command.Became _,
              Command.StreamRefused _ -> {}
        }
      }
      commands.clear();
      assertThat(open.size() + connecting.size()).as("seed " + seed).isLessThanOrEqualTo(2);
      assertThat(delivering.size())
          .as("seed " + seed)
          .isEqualTo(Math.min(1, open.size() + connecting.size()));
      if (!pending.isEmpty() && random.nextInt(3) > 0) {
        Input next = pending.remove(0);
        if (next instanceof Input.Opened opened && connecting.remove(opened.connection())) {
          open.put(opened.connection(), new TreeSet<>());
        }
        if (next instanceof Input.Closed closed) {
          connecting.remove(closed.connection());
          delivering.remove(closed.connection());
        }
        walked.on(next, time, commands::add);
      } else if (!behaves && !open.isEmpty() && random.nextInt(20) == 0) {
        int victim = open.firstKey();
        open.remove(victim);
        delivering.remove(victim);
        walked.on(new Input.Closed(victim, "reset"), time, commands::add);
      } else {
        long due = walked.nextDeadlineNanos(time);
        long quiet = pending.isEmpty() ? 20 * SECOND : SECOND;
        time = Math.max(time, Math.min(due, time + quiet));
        for (int connection : open.keySet()) {
          if (behaves || random.nextInt(50) > 0) {
            walked.heard(connection, time);
          }
        }
        walked.on(new Input.TimePassed(), time, commands::add);
      }
    }
    assertThat(walked.state()).as("seed " + seed).isEqualTo(State.HEALTHY);
  }

  private void up() {
    want(0);
    on(new Input.Opened(1));
    on(new Input.Answered(1, 1, null));
    taken();
  }

  private void want(Integer... streams) {
    on(new Input.Want(new TreeSet<>(List.of(streams))));
  }

  private void on(Input input) {
    link.on(input, now, out::add);
  }

  private void passUntilDeadline() {
    long next = link.nextDeadlineNanos(now);
    assertThat(next).isNotEqualTo(Long.MAX_VALUE);
    now = Math.max(now, next);
    on(new Input.TimePassed());
  }

  /// Time passes while the connection sends something every second, until a command comes.
  private void passUntilDeadlineWithLife(int connection, long atMost) {
    while (out.isEmpty() && now < atMost) {
      link.heard(connection, now);
      now = Math.min(link.nextDeadlineNanos(now), now + SECOND);
      on(new Input.TimePassed());
    }
  }

  private static Command became(State state, String reason) {
    return new Command.Became(state, reason);
  }

  /// But what it tells of acknowledged streams, which has a test of its own.
  private List<Command> taken() {
    List<Command> commands =
        out.stream().filter(command -> !(command instanceof Command.Subscribed)).toList();
    out.clear();
    return commands;
  }
}
