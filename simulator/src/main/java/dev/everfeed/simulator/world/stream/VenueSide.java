package dev.everfeed.simulator.world.stream;

import dev.everfeed.core.arbitrate.Identity;
import dev.everfeed.core.engine.GatewayPlan;
import dev.everfeed.simulator.world.Seeds;
import dev.everfeed.simulator.world.stream.StreamFault.Kind;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/// The venues and the wires to them: markets, connections and accounts, and what is wrong with
/// them now.
final class VenueSide {
  private static final long MILLI = 1_000_000L;
  private static final long SECOND = 1_000_000_000L;
  private static final Kind[] KINDS = Kind.values();

  /// A request of ours.
  record Request(int id, boolean subscribes, List<Integer> streams) {}

  private final StreamScenario scenario;
  private final Agenda agenda;
  private final SplittableRandom random;
  final StreamMarket[][] markets;
  final List<Pipe> pipes = new ArrayList<>();
  private final List<List<Pipe>> open = new ArrayList<>();

  /// By gateway and by venue: how many faults of a kind are in force.
  private final int[][] faulty;

  private final int[][] faultyVenues;
  private final int[][] silentStreams;
  private final int[][] delisted;
  private final long[] faultSalt;
  private final long[] lagSince;

  /// Told when a venue has closed a connection because the account had too many.
  interface Evicted {
    void evicted(Pipe older, Pipe newer);
  }

  private final Evicted evicted;

  VenueSide(StreamScenario scenario, Agenda agenda, Seeds seeds, Evicted evicted) {
    this.scenario = scenario;
    this.agenda = agenda;
    this.random = seeds.of("venues");
    this.evicted = evicted;
    int gateways = scenario.gateways().size();
    int venues = scenario.venues().size();
    StreamMarket.Mood[] moods = new StreamMarket.Mood[scenario.streams()];
    for (int stream = 0; stream < moods.length; stream++) {
      moods[stream] = new StreamMarket.Mood(seeds.of("mood " + stream));
    }
    this.markets = new StreamMarket[venues][scenario.streams()];
    for (int venue = 0; venue < venues; venue++) {
      for (int stream = 0; stream < scenario.streams(); stream++) {
        StreamMarket market = new StreamMarket(
            stream,
            scenario.venues().get(venue).identities()[stream],
            scenario.rates()[stream],
            moods[stream],
            seeds.of("market " + venue + " " + stream));
        markets[venue][stream] = market;
        if (scenario.venues().get(venue).offered().get(stream)) {
          agenda.add(market.nextGapNanos(0), What.MARKET, venue, stream, 0, null);
        }
      }
    }
    for (int i = 0; i < gateways; i++) {
      open.add(new ArrayList<>());
    }
    this.faulty = new int[gateways][KINDS.length];
    this.faultyVenues = new int[venues][KINDS.length];
    this.silentStreams = new int[gateways][scenario.streams()];
    this.delisted = new int[venues][scenario.contracts().size()];
    this.faultSalt = new long[gateways];
    this.lagSince = new long[gateways];
  }

  // ---- faults

  boolean has(int gateway, Kind kind) {
    return faulty[gateway][kind.ordinal()] > 0;
  }

  boolean venueHas(int venue, Kind kind) {
    return faultyVenues[venue][kind.ordinal()] > 0;
  }

  boolean lists(int venue, int contract) {
    return delisted[venue][contract] == 0;
  }

  /// A fault begins, or ends.
  void turn(StreamFault fault, boolean begins, long now) {
    int more = begins ? 1 : -1;
    if (fault.kind().isOfVenue()) {
      faultyVenues[fault.where()][fault.kind().ordinal()] += more;
      turnVenue(fault, begins, more, now);
      return;
    }
    int gateway = fault.where();
    faulty[gateway][fault.kind().ordinal()] += more;
    switch (fault.kind()) {
      case STREAM_SILENT -> silentStreams[gateway][streamOf(fault)] += more;
      case LAG -> lagSince[gateway] = now;
      case SUBSCRIPTION_REFUSED -> {
        if (begins) {
          faultSalt[gateway] = fault.salt();
        }
      }
      case CLOSE -> {
        if (begins) {
          closeAll(gateway, "closed by the venue", now);
        }
      }
      case SILENT_FROM_BEGINNING -> {
        if (begins) {
          closeAll(gateway, "reset", now);
        }
      }
      default -> {
        // looked at where it matters
      }
    }
  }

  private void turnVenue(StreamFault fault, boolean begins, int more, long now) {
    switch (fault.kind()) {
      case HALT -> {
        for (StreamMarket market : markets[fault.where()]) {
          market.halts += more;
        }
      }
      case DELISTED -> {
        delisted[fault.where()][contractOf(fault)] += more;
        for (int i = 0; i < scenario.gateways().size(); i++) {
          if (scenario.venueOf()[i] == fault.where()) {
            agenda.add(
                now + Seeds.logUniform(random, SECOND, 5 * SECOND), What.LISTED, i, 0, 0, null);
          }
        }
      }
      case COUNTS_ANEW -> {
        if (begins) {
          StreamMarket market = markets[fault.where()][
              (int) Long.remainderUnsigned(fault.salt(), scenario.streams())];
          market.countAnew();
        }
      }
      case MASS_DISCONNECT -> {
        if (begins) {
          closeVenue(fault.where(), "the venue is renewed", now);
        }
      }
      case MAINTENANCE -> {
        if (begins) {
          ofVenue(fault.where(), pipe -> arrive(pipe, What.END_ANNOUNCED, 0, 0, null, now));
        } else {
          closeVenue(fault.where(), "under maintenance", now);
        }
      }
      default -> {
        // looked at where it matters
      }
    }
  }

  int streamOf(StreamFault fault) {
    return (int) Long.remainderUnsigned(fault.salt(), scenario.streams());
  }

  int contractOf(StreamFault fault) {
    return (int) Long.remainderUnsigned(fault.salt(), scenario.contracts().size());
  }

  private interface Each {
    void on(Pipe pipe);
  }

  private void ofVenue(int venue, Each each) {
    for (int i = 0; i < open.size(); i++) {
      if (scenario.venueOf()[i] == venue) {
        for (Pipe pipe : List.copyOf(open.get(i))) {
          each.on(pipe);
        }
      }
    }
  }

  private void closeVenue(int venue, String why, long now) {
    ofVenue(venue, pipe -> close(pipe, why, now));
  }

  void closeAll(int gateway, String why, long now) {
    for (Pipe pipe : List.copyOf(open.get(gateway))) {
      close(pipe, why, now);
    }
  }

  private void close(Pipe pipe, String why, long now) {
    hungUp(pipe);
    arrive(pipe, What.CLOSED, 0, 0, why, now);
  }

  // ---- connections

  /// A connect is on its way.
  Pipe connect(int gateway, int connection, int life, long now) {
    Pipe pipe = new Pipe(pipes.size(), gateway, connection, life, scenario.streams(), now);
    pipes.add(pipe);
    depart(pipe, What.CONNECT, null, now);
    return pipe;
  }

  void depart(Pipe pipe, What what, @Nullable Object thing, long now) {
    pipe.lastDepartureNanos =
        Math.max(pipe.lastDepartureNanos + 1, now + scenario.lines()[pipe.gateway].latencyNanos());
    agenda.add(pipe.lastDepartureNanos, what, pipe.number, 0, 0, thing);
  }

  private void arrive(Pipe pipe, What what, int b, long c, @Nullable Object thing, long now) {
    pipe.lastArrivalNanos = Math.max(pipe.lastArrivalNanos + 1, now + latency(pipe.gateway, now));
    agenda.add(pipe.lastArrivalNanos, what, pipe.number, b, c, thing);
  }

  private long latency(int gateway, long now) {
    StreamScenario.LinePlan line = scenario.lines()[gateway];
    long latency =
        line.latencyNanos() + Math.round(line.latencyNanos() * line.jitter() * random.nextDouble());
    boolean spike = line.spikes() > 0 && random.nextDouble() < line.spikes();
    if (spike || (has(gateway, Kind.SPIKES) && random.nextInt(20) == 0)) {
      latency += random.nextLong(300 * MILLI);
    }
    if (has(gateway, Kind.LAG)) {
      latency += Math.min(5 * SECOND, (now - lagSince[gateway]) / 5);
    }
    return latency;
  }

  /// A connect has come to its venue.
  void connected(Pipe pipe, long now) {
    int gateway = pipe.gateway;
    if (has(gateway, Kind.HANG) || has(gateway, Kind.BLACKHOLE)) {
      return;
    }
    if (has(gateway, Kind.REFUSE)) {
      arrive(pipe, What.CLOSED, 0, 0, "refused", now);
      return;
    }
    GatewayPlan plan = scenario.gateways().get(gateway);
    List<Pipe> account = new ArrayList<>();
    for (int i = 0; i < open.size(); i++) {
      if (scenario.gateways().get(i).account().equals(plan.account())) {
        account.addAll(open.get(i));
      }
    }
    if (account.size() >= plan.accountMax()) {
      account.sort((one, other) -> Integer.compare(one.number, other.number));
      Pipe oldest = account.getFirst();
      evicted.evicted(oldest, pipe);
      close(oldest, "another connection of the account was made", now);
    }
    pipe.openThere = true;
    pipe.silent = has(gateway, Kind.SILENT_FROM_BEGINNING);
    open.get(gateway).add(pipe);
    arrive(pipe, What.OPENED, 0, 0, null, now);
    agenda.add(now + 5 * SECOND, What.PING, pipe.number, 0, 0, null);
    if (has(gateway, Kind.FLAPPING)) {
      agenda.add(
          now + Seeds.logUniform(random, 100 * MILLI, 10 * SECOND),
          What.HANG_UP,
          pipe.number,
          1,
          0,
          "flaps");
    }
  }

  /// The connection has ended at the venue's side.
  void hungUp(Pipe pipe) {
    pipe.openThere = false;
    open.get(pipe.gateway).remove(pipe);
  }

  /// The venue ends it.
  void flaps(Pipe pipe, String why, long now) {
    if (pipe.openThere) {
      close(pipe, why, now);
    }
  }

  void ping(Pipe pipe, long now) {
    if (!pipe.openThere) {
      return;
    }
    agenda.add(now + 5 * SECOND, What.PING, pipe.number, 0, 0, null);
    if (has(pipe.gateway, Kind.BLACKHOLE)) {
      return;
    }
    arrive(pipe, What.HEARD, 0, 0, null, now);
    int venue = scenario.venueOf()[pipe.gateway];
    if (scenario.venues().get(venue).newest() && !isMute(pipe)) {
      for (int s = pipe.subscribed.nextSetBit(0); s >= 0; s = pipe.subscribed.nextSetBit(s + 1)) {
        StreamMarket market = markets[venue][s];
        if (market.identity == Identity.DENSE && market.count() > 0) {
          arrive(pipe, What.NEWEST, s, market.id(market.count() - 1), null, now);
        }
      }
    }
  }

  // ---- subscriptions

  void requested(Pipe pipe, Request request, long now) {
    if (!pipe.openThere || has(pipe.gateway, Kind.BLACKHOLE)) {
      return;
    }
    if (!request.subscribes()) {
      request.streams().forEach(pipe.subscribed::clear);
      arrive(pipe, What.ANSWERED, request.id(), 0, null, now);
      return;
    }
    if (has(pipe.gateway, Kind.NO_ANSWER)) {
      return;
    }
    boolean byRequest = scenario.venue(pipe.gateway).link().answersByRequest();
    long later = now + Seeds.logUniform(random, MILLI, 200 * MILLI);
    boolean refuses = request.streams().stream().anyMatch(stream -> refuses(pipe.gateway, stream));
    if (byRequest && refuses) {
      arrive(pipe, What.ANSWERED, request.id(), 0, "unknown stream", later);
      return;
    }
    for (int stream : request.streams()) {
      if (!refuses(pipe.gateway, stream)) {
        pipe.subscribed.set(stream);
        if (!byRequest) {
          arrive(pipe, What.ACKNOWLEDGED, stream, 0, null, later);
        }
      }
    }
    if (byRequest) {
      arrive(pipe, What.ANSWERED, request.id(), 0, null, later);
    } else if (refuses) {
      arrive(pipe, What.REFUSED, 0, 0, null, later);
    }
    int again = scenario.venue(pipe.gateway).snapshots();
    for (int stream : request.streams()) {
      StreamMarket market = markets[scenario.venueOf()[pipe.gateway]][stream];
      for (long k = Math.max(market.begins(), market.count() - again); k < market.count(); k++) {
        if (pipe.subscribed.get(stream) && !isMute(pipe) && !isSilent(pipe, stream)) {
          arrive(pipe, What.TICK, stream, k | AGAIN, null, later);
          pipe.sent[stream] = k;
        }
      }
    }
  }

  private boolean refuses(int gateway, int stream) {
    int venue = scenario.venueOf()[gateway];
    if (!scenario.venues().get(venue).offered().get(stream)
        || !lists(venue, scenario.contractOf(stream))) {
      return true;
    }
    return has(gateway, Kind.SUBSCRIPTION_REFUSED)
        && ((faultSalt[gateway] ^ stream * 0x9E3779B97F4A7C15L) >>> 60 & 3) == 0;
  }

  // ---- events

  void market(int venue, int stream, long now) {
    StreamMarket market = markets[venue][stream];
    agenda.add(now + market.nextGapNanos(now), What.MARKET, venue, stream, 0, null);
    if (market.halts > 0 || !lists(venue, scenario.contractOf(stream))) {
      return;
    }
    long k = market.happen(now);
    if (venueHas(venue, Kind.LOST_BY_VENUE) && random.nextInt(8) == 0) {
      return;
    }
    for (int gateway = 0; gateway < open.size(); gateway++) {
      if (scenario.venueOf()[gateway] == venue) {
        List<Pipe> own = open.get(gateway);
        for (int i = 0; i < own.size(); i++) {
          if (own.get(i).subscribed.get(stream)) {
            line(own.get(i), stream, k, now);
          }
        }
      }
    }
  }

  boolean isMute(Pipe pipe) {
    return pipe.silent || has(pipe.gateway, Kind.SILENT) || has(pipe.gateway, Kind.BLACKHOLE);
  }

  private boolean isSilent(Pipe pipe, int stream) {
    return silentStreams[pipe.gateway][stream] > 0;
  }

  /// What becomes of an event on its way.
  private void line(Pipe pipe, int stream, long k, long now) {
    int gateway = pipe.gateway;
    if (isMute(pipe) || isSilent(pipe, stream)) {
      return;
    }
    if (has(gateway, Kind.FROZEN)) {
      if (pipe.sent[stream] >= 0) {
        arrive(pipe, What.TICK, stream, pipe.sent[stream], null, now);
      }
      return;
    }
    if (has(gateway, Kind.GAP) && random.nextInt(10) == 0) {
      return;
    }
    boolean dense = markets[scenario.venueOf()[gateway]][stream].identity == Identity.DENSE;
    if (dense
        && has(gateway, Kind.WRONG_IDS)
        && random.nextInt(30) == 0
        && k - pipe.lastWrong > 20) {
      pipe.lastWrong = k;
      arrive(pipe, What.TICK, stream, k | WRONG, null, now);
      return;
    }
    if (pipe.keptBack[stream] >= 0) {
      long kept = pipe.keptBack[stream];
      pipe.keptBack[stream] = -1;
      send(pipe, stream, k, now);
      send(pipe, stream, kept, now);
      return;
    }
    if (has(gateway, Kind.REORDER) && random.nextInt(10) == 0) {
      pipe.keptBack[stream] = k;
      return;
    }
    send(pipe, stream, k, now);
    if (has(gateway, Kind.DUPLICATES) && random.nextInt(5) == 0) {
      send(pipe, stream, k, now);
    }
  }

  /// Set in the number of an event whose id is wrong.
  static final long WRONG = 1L << 62;

  /// Set in the number of one that is sent since the stream was subscribed.
  static final long AGAIN = 1L << 61;

  private void send(Pipe pipe, int stream, long k, long now) {
    pipe.sent[stream] = k;
    arrive(pipe, What.TICK, stream, k, null, now);
  }

  /// Streams of the contracts that a gateway's venue lists now.
  BitSet listed(int gateway) {
    BitSet listed = new BitSet();
    for (int i = 0; i < scenario.contracts().size(); i++) {
      if (lists(scenario.venueOf()[gateway], i)) {
        listed.set(i);
      }
    }
    return listed;
  }
}
