package dev.everfeed.core.engine;

import dev.everfeed.core.arbitrate.Arbiter;
import dev.everfeed.core.arbitrate.ArbiterPolicy;
import dev.everfeed.core.arbitrate.Identity;
import dev.everfeed.core.compact.CoarseTimes;
import dev.everfeed.core.health.LagWatch;
import dev.everfeed.core.health.LineWatch;
import dev.everfeed.core.health.PeerClock;
import dev.everfeed.core.health.PeerClockPolicy;
import dev.everfeed.core.health.PriceWatch;
import dev.everfeed.core.model.Streams;
import dev.everfeed.core.model.Tick;
import dev.everfeed.core.model.ValueStatus;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Queue;

/// The push side's decisions as one machine: the [Arbiter], which sees every tick, those that
/// watch whether ticks come ([PeerClock]), when ([LagWatch]) and what they say ([PriceWatch],
/// [LineWatch]), all of which touch only the state of its stream and gateway; and the [Control],
/// which hears of what is seldom. Pure; allocates nothing for a tick. Owned by one thread.
///
/// The hub gives it ticks, what happens to connections, and the time; the simulation does the
/// same.
public final class StreamEngine {

  /// Does and tells what is decided. A tick is valid until the call returns.
  public interface Output {
    /// @param receivedNanos when it came over its line
    void publish(int gateway, Tick tick, ValueStatus status, long seq, long receivedNanos);

    /// Trades from the first to the last id, both included, are lost.
    void gap(int gateway, int stream, long firstId, long lastId);

    /// Trades are to be asked for, given to [StreamEngine#refilled], and ended with
    /// [StreamEngine#refillEnded].
    void refill(int gateway, int stream, long firstId, long lastId);

    /// Everything but [ControlDecision.Route] and [ControlDecision.Candidate], which are dealt
    /// with here.
    void decided(ControlDecision decision);
  }

  private final EnginePlan plan;
  private final Output out;
  private final Arbiter arbiter;
  private final PeerClock peers;
  private final LagWatch lags;
  private final PriceWatch prices;
  private final LineWatch lines;
  private final Control control;
  private final ComparedStreams compared;
  private final int streams;
  private final int gateways;
  private final long epochNanos;

  private final Contents contents;

  /// By stream and gateway: when it brought something new last.
  private final CoarseTimes newestNanos;

  /// By gateway: when it brought something new last, and of its canaries.
  private final long[] anyNanos;

  private final long[] canaryNanos;

  /// By stream; what is beyond two thousand million is not counted.
  private final int[] lost;

  private final Queue<ControlInput> waiting = new ArrayDeque<>();
  private boolean deciding;

  /// Of what is being dealt with.
  private long now;

  private long ahead;

  private final Arbiter.Output arbitrated = new Arbiter.Output() {
    @Override
    public void publish(int gateway, Tick tick, ValueStatus status, long seq, long receivedNanos) {
      out.publish(gateway, tick, status, seq, receivedNanos);
    }

    @Override
    public void gap(int gateway, int stream, long firstId, long lastId) {
      lost[stream] = (int) Math.min(lost[stream] + (lastId - firstId + 1), Integer.MAX_VALUE);
      out.gap(gateway, stream, firstId, lastId);
    }

    @Override
    public void refill(int gateway, int stream, long firstId, long lastId) {
      out.refill(gateway, stream, firstId, lastId);
    }

    @Override
    public void tookOver(int gateway, int stream) {
      decide(new ControlInput.TookOver(gateway, stream));
    }
  };

  private final PeerClock.Output heard = new PeerClock.Output() {
    @Override
    public void suspected(
        int stream, int gateway, long silentSinceNanos, int witnesses, int peerEvents) {
      decide(new ControlInput.Suspected(gateway, stream, silentSinceNanos, witnesses, peerEvents));
    }

    @Override
    public void convicted(
        int stream, int gateway, long silentSinceNanos, int witnesses, int peerEvents) {
      decide(new ControlInput.Convicted(gateway, stream, silentSinceNanos, witnesses, peerEvents));
    }

    @Override
    public void resumed(int stream, int gateway, long nowNanos) {
      decide(new ControlInput.Resumed(gateway, stream));
    }
  };

  private final LagWatch.Output late =
      (gateway, lagNanos) -> decide(new ControlInput.Lags(gateway, lagNanos));

  // Prices are watched of compared streams, by their numbers.

  private final PriceWatch.Output priced = new PriceWatch.Output() {
    @Override
    public void disagrees(int number, int gateway, String how) {
      disagreesNow(compared.stream(number), gateway, how);
    }

    @Override
    public void agrees(int number, int gateway) {
      agreesAgain(compared.stream(number), gateway);
    }

    @Override
    public void differ(int number, String how) {
      differs(compared.stream(number), how);
    }

    @Override
    public void differNoMore(int number) {
      differs(compared.stream(number), NO_EVIDENCE);
    }
  };

  private final LineWatch.Output lined = new LineWatch.Output() {
    @Override
    public void contradicted(int number, int gateway, String how) {
      disagreesNow(compared.stream(number), gateway, how);
    }

    @Override
    public void agrees(int number, int gateway) {
      agreesAgain(compared.stream(number), gateway);
    }

    @Override
    public void differ(int number, String how) {
      differs(compared.stream(number), how);
    }

    @Override
    public void differNoMore(int number) {
      differs(compared.stream(number), NO_EVIDENCE);
    }
  };

  private final Seen seen = new Seen() {
    @Override
    public long newestNanos(int stream, int gateway) {
      return newestNanos.get(stream * gateways + gateway);
    }

    @Override
    public long newestNanos(int gateway) {
      return anyNanos[gateway];
    }

    @Override
    public long canaryNanos(int gateway) {
      return canaryNanos[gateway];
    }

    @Override
    public long lost(int stream) {
      return lost[stream];
    }
  };

  /// One that does not look at prices and times.
  public StreamEngine(
      EnginePlan plan,
      ArbiterPolicy arbiterPolicy,
      PeerClockPolicy peerClockPolicy,
      ControlPolicy controlPolicy,
      long nowNanos,
      Output out) {
    this(plan, arbiterPolicy, peerClockPolicy, WatchPolicy.usual(0), controlPolicy, nowNanos, out);
  }

  public StreamEngine(
      EnginePlan plan,
      ArbiterPolicy arbiterPolicy,
      PeerClockPolicy peerClockPolicy,
      WatchPolicy watchPolicy,
      ControlPolicy controlPolicy,
      long nowNanos,
      Output out) {
    this.plan = plan;
    this.out = out;
    this.gateways = plan.places();
    this.contents = new Contents(plan.byPlace());
    this.streams = plan.streams();
    this.epochNanos = watchPolicy.epochNanos();
    this.lags = new LagWatch(gateways, watchPolicy.lag());
    this.compared = new ComparedStreams(plan.channels());
    int watched = Math.max(1, compared.count());
    this.prices = new PriceWatch(watched, contents.byGateway(), watchPolicy.prices());
    boolean mayHaveLines = contents.haveLines() || gateways > plan.gateways().size();
    this.lines = new LineWatch(mayHaveLines ? watched : 1, gateways, watchPolicy.lines());
    this.arbiter = new Arbiter(streams, gateways, arbiterPolicy);
    this.peers = new PeerClock(streams, gateways, peerClockPolicy);
    this.newestNanos = new CoarseTimes(streams * gateways);
    this.lost = new int[streams];
    this.anyNanos = new long[gateways];
    Arrays.fill(anyNanos, Long.MIN_VALUE);
    this.canaryNanos = new long[gateways];
    Arrays.fill(canaryNanos, Long.MIN_VALUE);
    this.now = nowNanos;
    this.control = new Control(
        plan.byPlace(),
        plan.contracts(),
        plan.policies(),
        plan.canaries(),
        controlPolicy,
        plan.offer(),
        seen,
        nowNanos);
  }

  // ---- what happens

  /// An event came through a gateway, now.
  public void on(int gateway, Tick tick, long nowNanos) {
    on(gateway, tick, nowNanos, nowNanos);
  }

  /// An event of a gateway.
  ///
  /// @param receivedNanos when it came, which it is published with
  public void on(int gateway, Tick tick, long receivedNanos, long nowNanos) {
    now = nowNanos;
    int stream = tick.stream();
    if (stream == Streams.NONE) {
      return;
    }
    if (isLeftOut(gateway, tick, receivedNanos, nowNanos)) {
      return;
    }
    long last = arbiter.lastId(stream);
    long published = arbiter.published();
    if (arbiter.on(gateway, tick, receivedNanos, nowNanos, arbitrated)) {
      newestNanos.set(stream * gateways + gateway, nowNanos);
      anyNanos[gateway] = nowNanos;
      if (plan.canaries().get(stream)) {
        canaryNanos[gateway] = nowNanos;
      }
      peers.event(stream, gateway, nowNanos);
      int number = compared.number(stream);
      if (number != ComparedStreams.NONE) {
        double price = compare(gateway, number, tick, receivedNanos, nowNanos);
        boolean isFirst = arbiter.published() != published;
        compareLines(gateway, number, tick, price, isFirst, last, nowNanos);
      }
    }
  }

  /// Whether it is of a time that has not come. It would hide what really comes next: ids and
  /// times only rise.
  private boolean isLeftOut(int gateway, Tick tick, long receivedNanos, long nowNanos) {
    long time = tick.timeNanos();
    long wallNanos = epochNanos + receivedNanos;
    if (time == Tick.NONE
        || !lags.isAhead(time, wallNanos)
        || lags.ahead(gateway, time, wallNanos)) {
      return false;
    }
    ahead++;
    if (lags.hasNews()) {
      lags.timePassed(nowNanos, late);
    }
    return true;
  }

  /// @param number of a compared stream
  /// @return the price, or `NaN` where it was not looked at
  private double compare(int gateway, int number, Tick tick, long receivedNanos, long nowNanos) {
    long time = tick.timeNanos();
    if (time != Tick.NONE && lags.isDue(gateway, epochNanos + receivedNanos)) {
      lags.lag(gateway, time, epochNanos + receivedNanos);
      if (lags.hasNews()) {
        lags.timePassed(nowNanos, late);
      }
    }
    if (!prices.isDue(number, gateway, nowNanos)) {
      return Double.NaN;
    }
    double price = price(tick);
    prices.price(number, gateway, price, nowNanos);
    return price;
  }

  private double price(Tick tick) {
    return tick.price(plan.channels().get(tick.stream()));
  }

  /// @param number of a compared stream
  /// @param last   of the stream before this event
  private void compareLines(
      int gateway,
      int number,
      Tick tick,
      double known,
      boolean isPublished,
      long last,
      long nowNanos) {
    int stream = tick.stream();
    int active = arbiter.active(stream);
    if (!contents.haveLines()
        || active == Arbiter.NOBODY
        || contents.of(active) != contents.of(gateway)) {
      return;
    }
    long id;
    boolean isAhead; // though it is not published, since it is quarantined
    switch (arbiter.identity(stream)) {
      case DENSE, ORDERED -> {
        id = tick.order();
        isAhead = id > last;
      }
      case UNIQUE -> {
        id = tick.idLength() > 0 ? tick.idHash() : Tick.NONE;
        isAhead = lines.contradicts(number, gateway);
      }
      default -> {
        return;
      }
    }
    if (id != Tick.NONE && lines.isDue(number, id, isPublished || isAhead, nowNanos)) {
      double price = Double.isNaN(known) ? price(tick) : known;
      long alike = peers.subscribed(stream) & contents.sisters(gateway) | 1L << gateway;
      lines.event(number, gateway, id, price, alike, nowNanos, lined);
    }
  }

  private static final String NO_EVIDENCE = "";

  private void disagreesNow(int stream, int gateway, String how) {
    int contract = control.contractOf(stream);
    decide(new ControlInput.Disagrees(gateway, contract, how));
    decide(new ControlInput.Differ(contract, null)); // it is known who is wrong
  }

  /// Of a contract's streams each may have its own evidence.
  private void agreesAgain(int stream, int gateway) {
    int contract = control.contractOf(stream);
    for (int each : plan.contracts().get(contract)) {
      if (disagrees(each, gateway)) {
        return;
      }
    }
    decide(new ControlInput.Disagrees(gateway, contract, null));
  }

  private boolean disagrees(int stream, int gateway) {
    int number = compared.number(stream);
    return number != ComparedStreams.NONE
        && (prices.disagrees(number, gateway) || lines.contradicts(number, gateway));
  }

  private void differs(int stream, String how) {
    int contract = control.contractOf(stream);
    boolean differ = false;
    for (int each : plan.contracts().get(contract)) {
      int number = compared.number(each);
      differ |= number != ComparedStreams.NONE && (prices.differ(number) || lines.differ(number));
      for (int gateway = 0; gateway < gateways; gateway++) {
        if (disagrees(each, gateway)) {
          return;
        }
      }
    }
    if (!differ) {
      decide(new ControlInput.Differ(contract, null));
    } else if (!how.isEmpty()) {
      decide(new ControlInput.Differ(contract, how));
    }
  }

  /// A gateway says which trade is its newest.
  public void newest(int gateway, int stream, long id, long nowNanos) {
    now = nowNanos;
    arbiter.newest(gateway, stream, id, nowNanos, arbitrated);
  }

  /// Something seldom happened.
  public void on(ControlInput input, long nowNanos) {
    now = nowNanos;
    decide(input);
  }

  /// What the watch for silence has to know of it.
  private void heed(ControlInput input) {
    switch (input) {
      case ControlInput.Subscribed subscribed -> {
        if (control.wants(subscribed.gateway(), subscribed.stream())
            && !peers.isSubscribed(subscribed.stream(), subscribed.gateway())) {
          peers.subscribed(subscribed.stream(), subscribed.gateway(), now);
        }
      }
      case ControlInput.Linked linked
      when linked.state() == Link.State.DISCONNECTED -> {
        for (int stream = 0; stream < streams; stream++) {
          unwatch(linked.gateway(), stream);
        }
        if (lags.disconnected(linked.gateway())) {
          peers.trust(PeerClock.WHOLE, linked.gateway(), true);
        }
      }
      case ControlInput.Disagrees disagrees -> {
        for (int stream : plan.contracts().get(disagrees.contract())) {
          peers.trust(stream, disagrees.gateway(), disagrees.how() == null);
        }
      }
      case ControlInput.Lags lags ->
        peers.trust(PeerClock.WHOLE, lags.gateway(), lags.lagNanos() == 0);
      case ControlInput.Planned planned -> planned(planned.gateway(), planned.plan());
      default -> {
        // of the control alone
      }
    }
  }

  /// Of the gateway that was at the place nothing holds for another one.
  private void planned(int gateway, GatewayPlan next) {
    if (!control.mayBecome(gateway, next) || !contents.isAnother(gateway, next)) {
      return;
    }
    contents.put(gateway, next, arbiter::forgetContent);
    arbiter.forget(gateway);
    peers.forget(gateway);
    lags.forget(gateway);
    prices.forget(gateway, contents.of(gateway));
    lines.forget(gateway);
    anyNanos[gateway] = Long.MIN_VALUE;
    canaryNanos[gateway] = Long.MIN_VALUE;
    for (int stream = 0; stream < streams; stream++) {
      newestNanos.clear(stream * gateways + gateway);
    }
  }

  private void unwatch(int gateway, int stream) {
    if (peers.isSubscribed(stream, gateway)) {
      peers.unsubscribed(stream, gateway);
      int number = compared.number(stream);
      if (number != ComparedStreams.NONE) {
        prices.unsubscribed(number, gateway);
        if (contents.haveLines()) {
          lines.unsubscribed(number, gateway);
        }
      }
    }
  }

  /// What is done may make something happen at once: that is dealt with afterwards.
  private void decide(ControlInput input) {
    waiting.add(input);
    if (deciding) {
      return;
    }
    deciding = true;
    try {
      for (ControlInput next = waiting.poll(); next != null; next = waiting.poll()) {
        heed(next);
        control.on(next, now, this::act);
      }
    } finally {
      deciding = false;
    }
  }

  private void act(ControlDecision decision) {
    switch (decision) {
      case ControlDecision.Route route -> {
        if (route.anew()) {
          boolean somebody = route.gateway() != Control.NOBODY;
          arbiter.routeAnew(
              route.stream(),
              route.gateway(),
              route.lines(),
              somebody ? contents.of(route.gateway()) : Arbiter.NOBODY,
              somebody ? plan.offer().identity(route.gateway(), route.stream()) : Identity.NONE,
              somebody && plan.offer().refills(route.gateway(), route.stream()),
              now,
              arbitrated);
        } else {
          arbiter.route(route.stream(), route.gateway(), route.lines());
        }
      }
      case ControlDecision.Candidate candidate ->
        arbiter.candidate(candidate.stream(), candidate.gateway());
      case ControlDecision.Want want -> {
        for (int stream = 0; stream < streams; stream++) {
          if (!want.streams().contains(stream)) {
            unwatch(want.gateway(), stream);
          }
        }
        out.decided(decision);
      }
      case ControlDecision.PriceJudged judged -> {
        if (judged.verdict() == ControlDecision.PriceVerdict.QUARANTINED
            && control.isQuarantined(judged.gateway(), judged.contract())) {
          distrust(judged.contract(), judged.gateway());
        }
        out.decided(decision);
      }
      default -> out.decided(decision);
    }
  }

  /// Where another line is left, that is: nothing else would be published.
  private void distrust(int contract, int gateway) {
    for (int stream : plan.contracts().get(contract)) {
      if ((arbiter.lines(stream) & ~(1L << gateway)) != 0) {
        arbiter.distrust(stream, gateway, now);
      }
    }
  }

  /// A trade that was asked for; as [Arbiter#refilled].
  public void refilled(int gateway, Tick tick, long nowNanos) {
    now = nowNanos;
    arbiter.refilled(gateway, tick, nowNanos, arbitrated);
  }

  /// As [Arbiter#refillEnded].
  public void refillEnded(int stream, long lastId, long nowNanos) {
    now = nowNanos;
    arbiter.refillEnded(stream, lastId, nowNanos, arbitrated);
  }

  /// This process stood still: what it did not hear is nobody's fault.
  ///
  /// @param slipNanos for so long
  public void paused(long slipNanos, long nowNanos) {
    now = nowNanos;
    peers.paused(slipNanos, nowNanos);
    control.paused(slipNanos, nowNanos);
    lags.paused(slipNanos);
    prices.paused(slipNanos, nowNanos);
  }

  // ---- time

  public void timePassed(long nowNanos) {
    now = nowNanos;
    arbiter.timePassed(nowNanos, arbitrated);
    if (peers.nextDeadlineNanos() <= nowNanos) {
      peers.timePassed(nowNanos, heard);
    }
    if (prices.nextDeadlineNanos() <= nowNanos) {
      prices.timePassed(nowNanos, priced);
    }
    if (control.nextDeadlineNanos() <= nowNanos) {
      decide(new ControlInput.TimePassed());
    }
  }

  /// When [#timePassed] has something to do.
  public long nextDeadlineNanos() {
    return Math.min(
        arbiter.nextDeadlineNanos(),
        Math.min(
            prices.nextDeadlineNanos(),
            Math.min(peers.nextDeadlineNanos(), control.nextDeadlineNanos())));
  }

  // ---- what there is

  /// What the state takes, counted from what its parts are made of (GOALS G6).
  public long bytes() {
    return arbiter.bytes()
        + peers.bytes()
        + lags.bytes()
        + prices.bytes()
        + lines.bytes()
        + control.bytes()
        + compared.bytes()
        + newestNanos.bytes()
        + 4L * lost.length;
  }

  public Control control() {
    return control;
  }

  /// What was published, dropped, lost; nothing is changed through it.
  public Arbiter arbiter() {
    return arbiter;
  }

  /// Events that were left out, since they were of a time that has not come.
  public long ahead() {
    return ahead;
  }

  /// When a gateway last brought something new of a stream, as exactly as [CoarseTimes] are;
  /// `Long.MIN_VALUE` for never.
  public long newestNanos(int stream, int gateway) {
    return newestNanos.get(stream * gateways + gateway);
  }
}
