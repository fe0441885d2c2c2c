package dev.everfeed.hub.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.everfeed.core.arbitrate.ArbiterPolicy;
import dev.everfeed.core.engine.ControlDecision;
import dev.everfeed.core.engine.ControlInput;
import dev.everfeed.core.engine.Link;
import dev.everfeed.core.engine.StreamEngine;
import dev.everfeed.core.health.PeerClockPolicy;
import dev.everfeed.core.model.Channel;
import dev.everfeed.core.model.Tick;
import dev.everfeed.core.model.ValueStatus;
import dev.everfeed.core.verdict.VerdictRule;
import dev.everfeed.hub.api.VerdictView;
import dev.everfeed.hub.config.Settings;
import dev.everfeed.hub.publish.Publisher;
import org.junit.jupiter.api.Test;

/// Verdicts of a symbol that two venues have, told what the engine knows.
class VerdictsTest {
  private static final int FIRST = 0;
  private static final int SECOND = 1;

  private final StreamPlan plan = StreamPlan.of(Settings.defaults());
  private final HubClock clock = new HubClock();
  private long now = clock.nanos();
  private final StreamEngine engine = new StreamEngine(
      plan.engine(),
      ArbiterPolicy.USUAL,
      PeerClockPolicy.USUAL,
      plan.control(),
      now,
      new StreamEngine.Output() {
        @Override
        public void publish(
            int gateway, Tick tick, ValueStatus status, long seq, long receivedNanos) {}

        @Override
        public void gap(int gateway, int stream, long firstId, long lastId) {}

        @Override
        public void refill(int gateway, int stream, long firstId, long lastId) {}

        @Override
        public void decided(ControlDecision decision) {}
      });
  private final Verdicts verdicts = verdicts();

  private Verdicts verdicts() {
    Publisher publisher = new Publisher(
        plan.streams(),
        plan.gateways().all().stream().map(StreamPlan.Line::gateway).toList(),
        1,
        1 << 20);
    FailoverLog failovers = new FailoverLog(plan, clock, 1, engine()::control);
    EngineEvents events = new EngineEvents(plan, clock, publisher, failovers);
    VerdictRule rule = new VerdictRule(Settings.defaults().verdict().policy());
    return new Verdicts(plan, engine(), rule, clock, events, false);
  }

  private StreamEngine engine() {
    return engine;
  }

  private void up(int gateway) {
    for (Link.State state : new Link.State[] {Link.State.CONNECTING, Link.State.HEALTHY}) {
      engine.on(new ControlInput.Linked(gateway, state, "connected"), now);
    }
  }

  private void hear(int gateway, Channel channel, boolean refused) {
    for (int stream = 0; stream < plan.streams().size(); stream++) {
      if (plan.streams().stream(stream).channel() == channel) {
        engine.on(
            refused
                ? new ControlInput.Refused(gateway, stream, "no such channel")
                : new ControlInput.Subscribed(gateway, stream),
            now);
      }
    }
  }

  private VerdictView judged() {
    for (int i = 0; i < 20; i++) {
      now += 20_000_000;
      verdicts.beat(now);
    }
    verdicts.look();
    VerdictView view = verdicts.shown().bySymbol().get("BTC/USDT");
    assertThat(view).isNotNull();
    return view;
  }

  @Test
  void tradesThatTheActiveGatewayRefusesAreJudgedWhereTheyComeFrom() {
    up(FIRST);
    up(SECOND);
    hear(FIRST, Channel.QUOTE, false);
    hear(FIRST, Channel.TRADE, true);
    assertThat(judged().status()).isEqualTo(ValueStatus.STALE); // the other is asked for them
    hear(SECOND, Channel.TRADE, false);
    assertThat(judged().status()).isEqualTo(ValueStatus.LIVE);
    hear(SECOND, Channel.TRADE, true);
    assertThat(judged().status()).isEqualTo(ValueStatus.STALE);
  }

  @Test
  void tradesThatEverybodyRefusesFromTheBeginningAreNotMissedAlsoWhenTheyAreAskedForAgain() {
    up(FIRST);
    up(SECOND);
    hear(FIRST, Channel.QUOTE, false);
    hear(FIRST, Channel.TRADE, true);
    hear(SECOND, Channel.TRADE, true);
    assertThat(judged().status()).isEqualTo(ValueStatus.LIVE);
    now += 90_000_000_000L;
    engine.timePassed(now);
    assertThat(judged().status()).isNotEqualTo(ValueStatus.STALE);
  }
}
