package dev.everfeed.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.everfeed.core.arbitrate.ArbiterPolicy;
import dev.everfeed.core.arbitrate.Identity;
import dev.everfeed.core.health.PeerClockPolicy;
import dev.everfeed.core.model.Channel;
import dev.everfeed.core.model.Tick;
import dev.everfeed.core.model.ValueStatus;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// What the engine of a large hub holds: 20,000 streams (trades, quotes and bars of 6,667
/// contracts), each from three lines of one venue, all of them subscribed and heard. Counted,
/// so that every run finds the same.
class EngineMemoryTest implements StreamEngine.Output {
  private static final long MILLI = 1_000_000;
  private static final int STREAMS = 20_000;
  private static final int GATEWAYS = 3;
  private static final List<Channel> CHANNELS = List.of(Channel.TRADE, Channel.QUOTE, Channel.BAR);
  private static final int ROUNDS = 3;

  /// Bytes a stream; the rest of the engine's fields are `own`.
  private static final Map<String, Integer> MOST = Map.of(
      "arbiter", 60, "peers", 89, "prices", 27, "lines", 12, "lags", 1, "control", 43, "own", 27);

  private final Tick tick = new Tick();
  private long published;
  private long now = MILLI;
  private long id = 1_000_000_000L;

  @Test
  void twentyThousandStreamsOfThreeGatewaysAreHeldInFewBytes() {
    StreamEngine engine = engine();
    everythingIsHeard(engine);
    assertThat(published).isEqualTo((long) ROUNDS * STREAMS);

    Map<String, Long> parts = partsOf(engine);
    long total = parts.values().stream().mapToLong(Long::longValue).sum();
    String told = "%,d bytes in all, by part: %s".formatted(total, parts);
    System.out.println(told);
    assertThat(parts.keySet()).as(told).isEqualTo(new TreeMap<>(MOST).keySet());
    assertThat(total).as(told).isLessThan(5_000_000); // GOALS G6
    assertThat(engine.bytes())
        .as("what the engine says of itself; counted: %s", told)
        .isBetween(total * 95 / 100, total * 105 / 100);
    parts.forEach((part, bytes) -> assertThat(bytes)
        .as("%s; %s", part, told)
        .isLessThanOrEqualTo((long) MOST.getOrDefault(part, 0) * STREAMS));
  }

  private StreamEngine engine() {
    List<GatewayPlan> gateways = new ArrayList<>();
    for (int i = 0; i < GATEWAYS; i++) {
      gateways.add(new GatewayPlan(
          "line_" + i,
          "venue",
          i,
          true,
          GatewayPlan.Standby.HOT,
          Integer.MAX_VALUE,
          "line_" + i,
          Integer.MAX_VALUE));
    }
    List<int[]> contracts = new ArrayList<>();
    List<Channel> channels = new ArrayList<>();
    for (int stream = 0; stream < STREAMS; stream++) {
      int place = stream % CHANNELS.size();
      channels.add(CHANNELS.get(place));
      if (place == 0) {
        contracts.add(new int[Math.min(CHANNELS.size(), STREAMS - stream)]);
      }
      contracts.getLast()[place] = stream;
    }
    BitSet canaries = new BitSet();
    canaries.set(0, 2);
    EnginePlan plan = new EnginePlan(
        gateways,
        contracts,
        Collections.nCopies(contracts.size(), FailoverPolicy.IMMEDIATE),
        canaries,
        new Everything(),
        channels);
    return new StreamEngine(
        plan,
        ArbiterPolicy.USUAL,
        PeerClockPolicy.USUAL,
        WatchPolicy.usual(0),
        ControlPolicy.USUAL,
        now,
        this);
  }

  private record Everything() implements Offer {
    @Override
    public boolean offers(int gateway, int stream) {
      return true;
    }

    @Override
    public Identity identity(int gateway, int stream) {
      return stream % CHANNELS.size() == 0 ? Identity.DENSE : Identity.ORDERED;
    }

    @Override
    public boolean refills(int gateway, int stream) {
      return true;
    }
  }

  private void everythingIsHeard(StreamEngine engine) {
    for (int gateway = 0; gateway < GATEWAYS; gateway++) {
      engine.on(new ControlInput.Linked(gateway, Link.State.HEALTHY, "subscribed"), now);
      for (int stream = 0; stream < STREAMS; stream++) {
        engine.on(new ControlInput.Subscribed(gateway, stream), now);
      }
    }
    for (int round = 0; round < ROUNDS; round++) {
      id++;
      for (int stream = 0; stream < STREAMS; stream++) {
        fill(stream);
        for (int gateway = 0; gateway < GATEWAYS; gateway++) {
          engine.on(gateway, tick, now);
        }
        now += MILLI / 10;
        if (engine.nextDeadlineNanos() <= now) {
          engine.timePassed(now);
        }
      }
    }
  }

  private void fill(int stream) {
    tick.begin(stream);
    tick.setTimeNanos(now);
    switch (CHANNELS.get(stream % CHANNELS.size())) {
      case TRADE -> {
        byte[] text = Long.toString(id).getBytes(StandardCharsets.US_ASCII);
        tick.setId(text, 0, text.length);
        tick.setNumber(Tick.PRICE, 6_712_345, 2);
        tick.setNumber(Tick.SIZE, 1, 0);
      }
      case QUOTE -> {
        tick.setOrder(id);
        tick.setNumber(Tick.BID, 6_712_345, 2);
        tick.setNumber(Tick.ASK, 6_712_346, 2);
      }
      case BAR -> {
        tick.setOrder(id);
        tick.setNumber(Tick.CLOSE, 6_712_345, 2);
      }
    }
  }

  /// By field of the engine. What it was made for is configuration, and not counted.
  private Map<String, Long> partsOf(StreamEngine engine) {
    Footprint footprint = new Footprint();
    footprint.leaveOut(engine);
    footprint.leaveOut(this);
    Map<String, Long> parts = new TreeMap<>();
    List<Field> fields = new ArrayList<>();
    for (Field field : StreamEngine.class.getDeclaredFields()) {
      if (Modifier.isStatic(field.getModifiers())) {
        continue;
      }
      if (field.getName().equals("plan")) {
        footprint.of(engine, field);
      } else {
        fields.add(field);
      }
    }
    for (Field field : fields) {
      String part = MOST.containsKey(field.getName()) ? field.getName() : "own";
      parts.merge(part, footprint.of(engine, field), Long::sum);
    }
    return parts;
  }

  @Override
  public void publish(int gateway, Tick tick, ValueStatus status, long seq, long receivedNanos) {
    published++;
  }

  @Override
  public void gap(int gateway, int stream, long firstId, long lastId) {
    throw new AssertionError("no gap, was %d to %d of %d".formatted(firstId, lastId, stream));
  }

  @Override
  public void refill(int gateway, int stream, long firstId, long lastId) {
    throw new AssertionError("no hole, was %d to %d of %d".formatted(firstId, lastId, stream));
  }

  @Override
  public void decided(ControlDecision decision) {
    // what becomes of it is not looked at
  }
}
