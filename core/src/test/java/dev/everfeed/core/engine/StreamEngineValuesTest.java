package dev.everfeed.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.everfeed.core.arbitrate.ArbiterPolicy;
import dev.everfeed.core.arbitrate.Identity;
import dev.everfeed.core.engine.ControlDecision.Became;
import dev.everfeed.core.engine.ControlDecision.Ended;
import dev.everfeed.core.engine.ControlDecision.PriceJudged;
import dev.everfeed.core.engine.ControlDecision.PriceVerdict;
import dev.everfeed.core.engine.ControlDecision.Want;
import dev.everfeed.core.engine.GatewayPlan.Standby;
import dev.everfeed.core.health.PeerClockPolicy;
import dev.everfeed.core.model.Channel;
import dev.everfeed.core.model.GatewayState;
import dev.everfeed.core.model.Tick;
import dev.everfeed.core.model.ValueStatus;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/// What events say: one contract with dense trades and quotes without an identity, ten of each a
/// second, from gateways whose names begin with their venue. They come in the order of the
/// gateways, 10 ms after they happened.
class StreamEngineValuesTest {
  private static final long MILLI = 1_000_000;
  private static final long SECOND = 1_000 * MILLI;
  private static final long EPOCH = 1_763_769_600L * SECOND;
  private static final int TRADES = 0;
  private static final int QUOTES = 1;
  private static final ControlPolicy POLICY = ControlPolicy.USUAL;
  private static final long HOUR_MILLIS = 3_600_000;
  private static final double RIGHT = 67_123.45;

  private final List<GatewayPlan> plans = new ArrayList<>();
  private final List<ControlDecision> decided = new ArrayList<>();
  private final List<Long> ids = new ArrayList<>();
  private final List<Integer> from = new ArrayList<>();
  private final List<TreeSet<Integer>> wanted = new ArrayList<>();
  private FailoverPolicy policy = FailoverPolicy.IMMEDIATE;
  private long now;
  private long id;
  private double market = RIGHT;
  private boolean gapsMayBe;
  private int gaps;
  private long wrongTrades;
  private long wrongQuotes;

  // by gateway
  private double[] lie = {};
  private double[] frozen = {};
  private boolean[] silent = {};
  private long[] lateMillis = {};

  @SuppressWarnings("NullAway.Init") // begin() makes it
  private StreamEngine engine;

  // ---- wrong prices

  @Test
  void ofThreeLinesTheOneThatLiesIsPublishedOnceAndNotAgain() {
    begin("a1", "a2", "a3");
    run(30);
    lie[0] = 10;
    run(5);
    assertThat(wrongTrades).as("before the second of the others contradicts").isEqualTo(1);
    assertThat(wrongQuotes).isLessThanOrEqualTo(1);
    assertThat(engine.control().active(0)).isEqualTo(1);
    PriceJudged told = all(PriceJudged.class).getFirst();
    assertThat(told.verdict()).isEqualTo(PriceVerdict.QUARANTINED);
    assertThat(told.gateway()).isZero();
    assertThat(told.how()).contains("its price 671234.").contains("not 67123.4");
    Failover failover = ended().getFirst();
    assertThat(failover.trigger()).isEqualTo(told.how());
    assertThat(failover.from()).isZero();
    assertThat(failover.lost()).isZero();
    assertThat(engine.control().status(TRADES)).isEqualTo(ValueStatus.LIVE);
    run(120);
    assertThat(wrongTrades).isEqualTo(1);
    everyIdWasPublishedOnce();
  }

  @Test
  void aLieOfALineThatIsNeverFirstIsNeverPublished() {
    begin("a1", "a2", "a3");
    run(30);
    lie[2] = 1.0001;
    run(30);
    assertThat(wrongTrades).isZero();
    assertThat(engine.control().active(0)).isZero();
    assertThat(engine.control().isConvicted(2, 0)).isTrue();
    assertThat(all(PriceJudged.class)).hasSize(1);
    assertThat(engine.arbiter().lines(TRADES)).isEqualTo(0b11);
  }

  @Test
  void whoLiedIsNotUsedBeforeItHasAgreedForTheTimeOfItsQuarantine() {
    begin("a1", "a2", "a3");
    run(30);
    lie[0] = 2;
    run(20);
    lie[0] = 1;
    from.clear();
    run(4);
    assertThat(from).doesNotContain(0);
    assertThat(engine.control().whyNot(0, 0, now)).contains("accused");
    run(10);
    assertThat(all(PriceJudged.class).getLast().verdict()).isEqualTo(PriceVerdict.AGREES);
    run(10);
    assertThat(engine.arbiter().lines(TRADES)).as("a line again").isEqualTo(0b111);
    assertThat(engine.control().active(0)).as("but not yet the active one").isEqualTo(1);
    run(300);
    assertThat(engine.control().active(0)).isZero();
    assertThat(ended().getLast().kind()).isEqualTo(Failover.Kind.FAIL_BACK);
  }

  /// After its probation nothing else is wanted of it, and unheard it could never agree.
  @Test
  void whoLiedIsListenedToUntilItAgrees() {
    first = Standby.WARM;
    begin("a1", "a2", "a3");
    run(30);
    lie[0] = 10;
    run(20);
    assertThat(engine.control().active(0)).isEqualTo(1);
    assertThat(engine.control().prior(0)).as("released").isEqualTo(Control.NOBODY);
    lie[0] = 1;
    run(20);
    assertThat(all(PriceJudged.class).getLast().verdict()).isEqualTo(PriceVerdict.AGREES);
    assertThat(wanted.get(0)).as("and then no longer").isEmpty();
  }

  @Test
  void aNewConnectionIsNoProofThatItIsRight() {
    begin("a1", "a2", "a3");
    run(30);
    lie[0] = 2;
    run(20);
    engine.on(new ControlInput.Linked(0, Link.State.DISCONNECTED, "reset"), now);
    run(3);
    up(0);
    wrongTrades = 0;
    run(120);
    assertThat(wrongTrades).isZero();
    assertThat(engine.control().isConvicted(0, 0)).isTrue();
  }

  /// It agrees for 4 s, is away for a minute, and agrees for 4 s: neither is long enough.
  @Test
  void theTimeForWhichALiarIsNotSubscribedDoesNotCountForIt() {
    begin("a1", "a2", "a3");
    run(30);
    lie[2] = 1.0001;
    run(5);
    lie[2] = 1;
    run(4);
    engine.on(new ControlInput.Linked(2, Link.State.DISCONNECTED, "reset"), now);
    run(60);
    up(2);
    run(4);
    assertThat(all(PriceJudged.class)).extracting(PriceJudged::verdict).hasSize(1);
    run(4);
    assertThat(all(PriceJudged.class))
        .extracting(PriceJudged::verdict)
        .containsExactly(PriceVerdict.QUARANTINED, PriceVerdict.AGREES);
  }

  /// Prices alone are compared between venues.
  @Test
  void theTimeForWhichAVenueThatDisagreesIsNotSubscribedDoesNotCountForIt() {
    begin("a1", "b1", "c1");
    run(60);
    lie[2] = 2;
    run(10);
    assertThat(all(PriceJudged.class)).hasSize(1);
    lie[2] = 1;
    run(4);
    engine.on(new ControlInput.Linked(2, Link.State.DISCONNECTED, "reset"), now);
    run(8);
    up(2);
    run(4);
    assertThat(all(PriceJudged.class)).hasSize(1);
    run(4);
    assertThat(all(PriceJudged.class).getLast().verdict()).isEqualTo(PriceVerdict.AGREES);
  }

  @Test
  void ofTwoLinesItIsToldThatTheyDifferAndNobodyIsConvicted() {
    begin("a1", "a2");
    run(30);
    lie[0] = 10;
    run(60);
    PriceJudged told = all(PriceJudged.class).getFirst();
    assertThat(told.verdict()).isEqualTo(PriceVerdict.UNDECIDED);
    assertThat(told.gateway()).isEqualTo(Control.NOBODY);
    assertThat(told.how()).contains("no majority");
    assertThat(all(PriceJudged.class)).hasSize(1);
    assertThat(ended()).isEmpty();
    assertThat(engine.control().isConvicted(0, 0)).isFalse();
    assertThat(engine.control().isConvicted(1, 0)).isFalse();
    assertThat(engine.control().status(TRADES)).isEqualTo(ValueStatus.MAYBE_STALE);
    lie[0] = 1;
    run(20);
    assertThat(all(PriceJudged.class).getLast().verdict()).isEqualTo(PriceVerdict.AGREES);
    assertThat(engine.control().status(TRADES)).isEqualTo(ValueStatus.LIVE);
  }

  @Test
  void ofTwoVenuesItIsToldThatTheyDifferAndNobodyIsConvicted() {
    begin("a1", "b1");
    run(30);
    lie[1] = 0.5;
    run(60);
    assertThat(all(PriceJudged.class))
        .extracting(PriceJudged::verdict)
        .containsExactly(PriceVerdict.UNDECIDED);
    assertThat(ended()).isEmpty();
    assertThat(engine.control().status(TRADES)).isEqualTo(ValueStatus.MAYBE_STALE);
    lie[1] = 1;
    run(20);
    assertThat(engine.control().status(TRADES)).isEqualTo(ValueStatus.LIVE);
  }

  @Test
  void ofTwoLinesThatDifferAnotherVenueDecides() {
    begin("a1", "a2", "b1");
    run(30);
    lie[0] = 10;
    run(10);
    assertThat(engine.control().active(0)).isEqualTo(1);
    assertThat(all(PriceJudged.class))
        .extracting(PriceJudged::verdict)
        .containsExactly(PriceVerdict.UNDECIDED, PriceVerdict.QUARANTINED, PriceVerdict.AGREES);
    assertThat(ended().getFirst().trigger()).contains("the median of others, of which 2 agree");
    assertThat(engine.control().status(TRADES)).isEqualTo(ValueStatus.LIVE);
    wrongTrades = 0;
    run(120);
    assertThat(wrongTrades).isZero();
  }

  @Test
  void aVenueWhoseWordDiffersFromTwoOthersIsLeft() {
    begin("a1", "b1", "c1");
    run(30);
    lie[0] = 1.05;
    run(10);
    assertThat(engine.control().active(0)).isEqualTo(1);
    assertThat(ended().getFirst().trigger()).contains("+5.00 % from");
    assertThat(ended().getFirst().steps())
        .extracting(Failover.Step::what)
        .anyMatch(step -> step.startsWith("a1: its price"));
    assertThat(wrongTrades).as("of seconds").isLessThan(40);
  }

  @Test
  void aVenueThatIsSomeTenthsOfAPercentOffIsNot() {
    begin("a1", "b1", "c1");
    lie[1] = 1.004;
    lie[2] = 0.997;
    run(600);
    assertThat(all(PriceJudged.class)).isEmpty();
  }

  @Test
  void quotesThatStandStillWhileTheMarketGoesOnAreFound() {
    begin("a1", "b1", "c1");
    run(30);
    frozen[0] = market;
    for (int i = 0; i < 60 && engine.control().active(0) == 0; i++) {
      market *= 1.002;
      run(1);
    }
    assertThat(engine.control().active(0)).isEqualTo(1);
    assertThat(market / RIGHT).isLessThan(1.03);
    assertThat(ended().getFirst().trigger()).contains("% from");
  }

  @Test
  void underTheManualPolicyTheContractStaysAndTheLieIsNotPublishedAllTheSame() {
    policy = FailoverPolicy.MANUAL;
    begin("a1", "a2", "a3");
    run(30);
    lie[0] = 10;
    run(30);
    assertThat(engine.control().active(0)).isZero();
    assertThat(engine.control().open()).hasSize(1);
    assertThat(wrongTrades).isEqualTo(1);
    everyIdWasPublishedOnce();
  }

  @Test
  void underTheShadowPolicyNothingIsDone() {
    policy = FailoverPolicy.SHADOW;
    begin("a1", "a2", "a3");
    run(30);
    lie[0] = 10;
    run(30);
    assertThat(wrongTrades).isGreaterThan(200);
    assertThat(all(PriceJudged.class)).hasSize(1);
    assertThat(engine.control().active(0)).isZero();
  }

  @Test
  void theLastOneIsUsedAgainWhateverItSaid() {
    begin("a1", "a2", "a3");
    run(30);
    lie[2] = 10;
    run(10);
    silent[0] = true;
    silent[1] = true;
    engine.on(new ControlInput.Linked(0, Link.State.DISCONNECTED, "reset"), now);
    engine.on(new ControlInput.Linked(1, Link.State.DISCONNECTED, "reset"), now);
    run(2);
    assertThat(engine.control().isConvicted(2, 0)).isFalse();
    assertThat(engine.control().isAccused(2, 0)).isTrue();
    assertThat(engine.control().status(TRADES)).isNotEqualTo(ValueStatus.LIVE);
  }

  // ---- lag

  @Test
  void aGatewayWhoseEventsComeLaterAndLaterIsLeftAndTakenBackWhenItIsInTime() {
    begin("a1", "b1");
    run(60);
    for (int i = 0; i < 40; i++) {
      lateMillis[0] += 30;
      run(1);
    }
    assertThat(engine.control().active(0)).isEqualTo(1);
    Failover failover = ended().getFirst();
    assertThat(failover.trigger()).matches("lags by 5\\d\\d ms");
    assertThat(all(Became.class)).anySatisfy(became -> {
      assertThat(became.to()).isEqualTo(GatewayState.UNHEALTHY);
      assertThat(became.reason()).matches("lags by 5\\d\\d ms");
    });
    assertThat(engine.control().reason(0)).as("as it is now").matches("lags by 1,\\d\\d\\d ms");
    assertThat(engine.control().whyNot(0, 0, now)).contains("lags by");
    lateMillis[0] = 0;
    run(10);
    assertThat(engine.control().state(0)).isEqualTo(GatewayState.HEALTHY);
    run(300);
    assertThat(engine.control().active(0)).isZero();
  }

  @Test
  void whereAllLagNobodyIsLeft() {
    begin("a1", "b1");
    run(60);
    lateMillis[1] = 700;
    run(5);
    lateMillis[0] = 700;
    run(20);
    assertThat(engine.control().active(0)).isZero();
    assertThat(all(ControlDecision.NoBackup.class)).hasSize(1);
    assertThat(engine.control().status(TRADES)).isEqualTo(ValueStatus.MAYBE_STALE);
  }

  @Test
  void whatWaitedWhileThisProcessStoodStillIsNeitherLateNorWrong() {
    begin("a1", "b1", "c1");
    run(60);
    now += 8 * SECOND;
    engine.paused(8 * SECOND, now);
    Arrays.fill(lateMillis, 8_000);
    frozen[1] = market;
    market *= 1.05;
    run(1);
    Arrays.fill(lateMillis, 0);
    frozen[1] = 0;
    run(60);
    assertThat(all(PriceJudged.class)).isEmpty();
    assertThat(all(Became.class)).noneMatch(became -> became.to() == GatewayState.UNHEALTHY);
  }

  // ---- times that have not come

  /// Half an hour of faults found it: 465,721 trades were declared lost, and those that really
  /// came next taken for old ones.
  @Test
  void whatALineBringsOfTheNextHourIsLeftOutAndTheLineLeft() {
    begin("a1", "a2", "b1");
    run(60);
    lateMillis[0] = -HOUR_MILLIS;
    run(1);
    everyIdWasPublishedOnce();
    run(4);
    everyIdWasPublishedOnce();
    assertThat(engine.ahead()).isGreaterThan(20);
    assertThat(engine.control().active(0)).isEqualTo(1);
    assertThat(all(Became.class)).anySatisfy(became -> {
      assertThat(became.gateway()).isZero();
      assertThat(became.to()).isEqualTo(GatewayState.UNHEALTHY);
      assertThat(became.reason()).matches("is ahead by 3,600,0\\d\\d ms");
    });
    lateMillis[0] = 0;
    run(300);
    assertThat(engine.control().active(0)).isZero();
    everyIdWasPublishedOnce();
  }

  @Test
  void whoIsLateIsBetterThanWhoIsAhead() {
    begin("a1", "b1");
    run(60);
    lateMillis[1] = 700;
    run(5);
    lateMillis[0] = -HOUR_MILLIS;
    run(10);
    assertThat(engine.control().active(0)).isEqualTo(1);
    assertThat(all(ControlDecision.NoBackup.class)).isEmpty();
    lateMillis[0] = 0;
    run(300);
    assertThat(engine.control().active(0)).isZero();
  }

  /// Else one wrong clock of ours would end it.
  @Test
  void whereAllAreAheadTheyAreBelieved() {
    begin("a1", "a2", "b1");
    run(60);
    Arrays.fill(lateMillis, -HOUR_MILLIS);
    run(10);
    gapsMayBe = true;
    int before = ids.size();
    run(60);
    assertThat(gaps).as("of the ten seconds").isEqualTo(1);
    assertThat(ids).hasSizeGreaterThan(before + 590);
    assertThat(engine.control().state(0)).isEqualTo(GatewayState.HEALTHY);
  }

  // ---- witnesses

  @Test
  void aGatewayThatLagsIsNoWitness() {
    begin("a1", "b1", "c1");
    run(60);
    lateMillis[2] = 900;
    run(5);
    assertThat(engine.control().reason(2)).startsWith("lags");
    silent[0] = true;
    run(20);
    assertThat(engine.control().isSuspected(0, TRADES)).isTrue();
    assertThat(engine.control().isConvicted(0, 0)).isFalse();
    lateMillis[2] = 0;
    run(10);
    assertThat(engine.control().active(0)).as("with the second witness").isEqualTo(1);
  }

  /// It still brings what happened before a halt.
  @Test
  void aLineThatLagsDoesNotProveThatAnotherOneIsSilent() {
    begin("a1", "a2");
    run(60);
    lateMillis[1] = 9_000;
    run(5);
    silent[0] = true;
    run(9);
    assertThat(engine.control().isConvicted(0, 0)).isFalse();
    assertThat(engine.control().active(0)).isZero();
  }

  @Test
  void aGatewayWhosePricesAreWrongIsNoWitness() {
    begin("a1", "b1", "c1");
    run(60);
    lie[2] = 3;
    run(5);
    assertThat(engine.control().isConvicted(2, 0)).isTrue();
    silent[0] = true;
    run(20);
    assertThat(engine.control().isSuspected(0, TRADES)).isTrue();
    assertThat(engine.control().isConvicted(0, 0)).isFalse();
  }

  // ---- cost

  @Test
  void lookingAtWhatATickSaysAllocatesNothing() {
    begin("a1", "a2", "b1");
    run(60);
    Tick tick = new Tick();
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    byte[] text = "%09d".formatted(id).getBytes(StandardCharsets.US_ASCII);
    long before = 0;
    long least = Long.MAX_VALUE; // the machine itself may allocate once
    for (int i = 0; i < 600_000; i++) {
      if (i % 100_000 == 0) {
        long allocated = threads.getCurrentThreadAllocatedBytes();
        least = i < 300_000 ? least : Math.min(least, allocated - before);
        before = threads.getCurrentThreadAllocatedBytes();
      }
      if (i % 3 == 0) {
        for (int digit = text.length - 1; ++text[digit] > '9'; digit--) {
          text[digit] = '0';
        }
      }
      now += 100_000;
      fill(tick, TRADES, 1);
      tick.setId(text, 0, text.length);
      tick.setTimeNanos(EPOCH + now - 10 * MILLI);
      counting = false;
      engine.on(i % 3, tick, now);
      if (i < 200_000) {
        engine.timePassed(now);
      }
    }
    assertThat(least).isZero();
  }

  // ---- rig

  private boolean counting = true;
  private Standby first = Standby.HOT;

  private StreamEngine made() {
    Offer offer = new Offer() {
      @Override
      public boolean offers(int gateway, int stream) {
        return true;
      }

      @Override
      public Identity identity(int gateway, int stream) {
        return stream == TRADES ? Identity.DENSE : Identity.NONE;
      }

      @Override
      public boolean refills(int gateway, int stream) {
        return false;
      }
    };
    return new StreamEngine(
        new EnginePlan(
            plans,
            List.of(new int[] {TRADES, QUOTES}),
            List.of(policy),
            new BitSet(),
            offer,
            List.of(Channel.TRADE, Channel.QUOTE)),
        ArbiterPolicy.USUAL,
        PeerClockPolicy.USUAL,
        WatchPolicy.usual(EPOCH),
        POLICY,
        now,
        new StreamEngine.Output() {
          @Override
          public void publish(
              int gateway, Tick tick, ValueStatus status, long seq, long receivedNanos) {
            if (!counting) {
              return;
            }
            boolean trade = tick.stream() == TRADES;
            double price = tick.price(trade ? Channel.TRADE : Channel.QUOTE);
            boolean wrong = Math.abs(price / market - 1) > 0.00005;
            if (trade) {
              ids.add(tick.idNumber());
              from.add(gateway);
              wrongTrades += wrong ? 1 : 0;
            } else {
              wrongQuotes += wrong ? 1 : 0;
            }
          }

          @Override
          public void gap(int gateway, int stream, long firstId, long lastId) {
            assertThat(gapsMayBe).as("a gap %d to %d", firstId, lastId).isTrue();
            gaps++;
          }

          @Override
          public void refill(int gateway, int stream, long firstId, long lastId) {
            throw new AssertionError("nothing is refilled here");
          }

          @Override
          public void decided(ControlDecision decision) {
            decided.add(decision);
            if (decision instanceof Want want) {
              wanted.get(want.gateway()).clear();
              wanted.get(want.gateway()).addAll(want.streams());
            }
          }
        });
  }

  private void begin(String... names) {
    for (String name : names) {
      plans.add(new GatewayPlan(
          name,
          name.substring(0, 1),
          plans.size() + 1,
          true,
          plans.isEmpty() ? first : Standby.HOT,
          Integer.MAX_VALUE,
          name,
          Integer.MAX_VALUE));
      wanted.add(new TreeSet<>());
    }
    lie = new double[names.length];
    Arrays.fill(lie, 1);
    frozen = new double[names.length];
    silent = new boolean[names.length];
    lateMillis = new long[names.length];
    engine = made();
    engine.on(new ControlInput.TimePassed(), now);
    for (int i = 0; i < names.length; i++) {
      up(i);
    }
    decided.clear();
  }

  private void up(int gateway) {
    engine.on(new ControlInput.Linked(gateway, Link.State.CONNECTING, "connects"), now);
    engine.on(new ControlInput.Linked(gateway, Link.State.HEALTHY, "subscribed"), now);
    for (int stream : List.copyOf(wanted.get(gateway))) {
      engine.on(new ControlInput.Subscribed(gateway, stream), now);
    }
  }

  /// So many seconds.
  private void run(int seconds) {
    for (int i = 0; i < 10 * seconds; i++) {
      id++;
      market += id % 2 == 0 ? 0.02 : -0.02;
      for (int gateway = 0; gateway < plans.size(); gateway++) {
        if (!silent[gateway]
            && wanted.get(gateway).contains(TRADES)
            && engine.control().state(gateway) != GatewayState.DISCONNECTED) {
          tell(gateway);
        }
        pass(10 * MILLI);
      }
      pass((100 - 10 * plans.size()) * MILLI);
    }
  }

  private void tell(int gateway) {
    double price = frozen[gateway] > 0 ? frozen[gateway] : market;
    double factor = lie[gateway] * price / market;
    long happened = EPOCH + now - (10 + lateMillis[gateway]) * MILLI;
    long said = lateMillis[gateway] < 0 ? id - lateMillis[gateway] / 100 : id; // of the future
    Tick tick = new Tick();
    fill(tick, TRADES, factor);
    byte[] text = Long.toString(said).getBytes(StandardCharsets.US_ASCII);
    tick.setId(text, 0, text.length);
    tick.setTimeNanos(happened);
    engine.on(gateway, tick, now);
    fill(tick, QUOTES, factor);
    tick.setTimeNanos(happened);
    engine.on(gateway, tick, now);
  }

  private void fill(Tick tick, int stream, double factor) {
    tick.begin(stream);
    long cents = Math.round(market * factor * 100);
    tick.setNumber(Tick.PRICE, stream == TRADES ? cents : cents - 1, 2);
    tick.setNumber(Tick.SIZE, 1 + id % 7, 3);
    if (stream == QUOTES) {
      tick.setNumber(Tick.ASK, cents + 1, 2);
      tick.setNumber(Tick.ASK_SIZE, 1 + id % 11, 3);
    }
  }

  private void pass(long nanos) {
    long end = now + nanos;
    while (engine.nextDeadlineNanos() <= end) {
      now = Math.max(now, engine.nextDeadlineNanos());
      engine.timePassed(now);
    }
    now = end;
    engine.timePassed(now);
  }

  private void everyIdWasPublishedOnce() {
    assertThat(ids).hasSize((int) id);
    for (int i = 0; i < ids.size(); i++) {
      assertThat(ids.get(i)).isEqualTo(i + 1);
    }
  }

  private List<Failover> ended() {
    return all(Ended.class).stream().map(Ended::failover).toList();
  }

  private <T extends ControlDecision> List<T> all(Class<T> type) {
    return decided.stream().filter(type::isInstance).map(type::cast).toList();
  }
}
