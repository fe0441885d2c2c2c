package dev.everfeed.core.engine;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Keeps a gateway connected and subscribed: pure, one instance for a connection's worth of
/// streams, owned by one thread.
///
/// | a connection is | on                                  | it becomes                          |
/// |-----------------|-------------------------------------|-------------------------------------|
/// | -               | streams wanted, wait over, budget   | CONNECTING                          |
/// | CONNECTING      | opened                              | SUBSCRIBING                         |
/// | SUBSCRIBING     | the last stream acknowledged        | UP                                  |
/// | UP              | further streams wanted              | SUBSCRIBING                         |
/// | any             | closed, too late, too quiet         | gone; a new one after a wait        |
/// | UP              | its end is near, or announced       | UP, with a successor CONNECTING     |
/// | UP, a successor | the overlap is over                 | UP, and its predecessor is closed   |
///
/// The wait is random between 0 and a limit that doubles with each failure (full jitter), and
/// begins anew after a connection that lasted. A planned successor is subscribed before its
/// predecessor is closed, at a random time between 85 and 95 % of the lifetime. Of the two the
/// predecessor delivers until it is closed: what lies unread in it then has had the time of the
/// overlap to come, and what the venue sends to the successor first does not overtake it.
///
/// A refused request of several streams is asked again one by one, so that one bad name costs
/// the others nothing; where the venue names what it refuses, only that is.
public final class Link {

  /// What the outside says.
  public sealed interface Input {
    /// Only the streams that are given are wanted from now on.
    record Want(SortedSet<Integer> streams) implements Input {}

    record Opened(int connection) implements Input {}

    record Closed(int connection, String reason) implements Input {}

    /// @param refusal null when it was accepted
    record Answered(int connection, int requestId, @Nullable String refusal) implements Input {}

    record Subscribed(int connection, int stream) implements Input {}

    /// The venue does not want to give a stream, and names it.
    record StreamRefused(int connection, int stream, String reason) implements Input {}

    /// An error of a venue whose errors name nothing: it is about what was asked last.
    record Refused(int connection, String message) implements Input {}

    /// The venue says that it will close the connection soon.
    record EndAnnounced(int connection) implements Input {}

    /// What comes over it cannot be used: it is to be closed, and another one begun.
    record Abandon(String reason) implements Input {}

    record TimePassed() implements Input {}

    record Stop() implements Input {}
  }

  /// What is to be done.
  public sealed interface Command {
    record Connect(int connection) implements Command {}

    record Subscribe(int connection, List<Integer> streams, int requestId) implements Command {}

    record Unsubscribe(int connection, List<Integer> streams, int requestId) implements Command {}

    record Close(int connection, String reason) implements Command {}

    /// What comes over a connection is published from now on, and before that what has come
    /// over it already. Of a link one connection delivers.
    record Deliver(int connection) implements Command {}

    /// The venue has acknowledged a stream on the connection that delivers; told again for
    /// another connection that delivers in its place.
    record Subscribed(int stream) implements Command {}

    /// The link as a whole is in another state.
    record Became(State state, String reason) implements Command {}

    /// The venue does not want to give a stream.
    record StreamRefused(int stream, String reason) implements Command {}
  }

  /// Of the link, in the words of DESIGN section 5, the best first.
  public enum State {
    HEALTHY,
    CONNECTING,
    DISCONNECTED
  }

  private enum Phase {
    CONNECTING,
    SUBSCRIBING,
    UP
  }

  private static final class Connection {
    final int number;
    final long begunNanos;
    final boolean replaces;
    Phase phase = Phase.CONNECTING;
    long upNanos;
    long heardNanos;

    /// When the newest requests were sent, the oldest of them first: as many as may be in a
    /// window.
    final ArrayDeque<Long> sentNanos = new ArrayDeque<>();

    long renewNanos = Long.MAX_VALUE;
    final Set<Integer> subscribed = new TreeSet<>();
    final Set<Integer> refused = new TreeSet<>();
    final Set<Integer> asked = new TreeSet<>();
    boolean oneByOne;
    int requestId;
    long askedNanos;

    /// When what was refused is asked for again.
    long forgivesNanos = Long.MAX_VALUE;

    int refusals;

    Connection(int number, boolean replaces, long nowNanos) {
      this.number = number;
      this.replaces = replaces;
      this.begunNanos = nowNanos;
      this.heardNanos = nowNanos;
    }
  }

  /// What a venue refuses is asked for again after this; after each further refusal on the same
  /// connection twice as long, up to [#REFUSALS_MAX] times.
  static final long REFUSED_NANOS = 60_000_000_000L;

  private static final int REFUSALS_MAX = 6;

  private final LinkPolicy policy;
  private final ConnectBudget budget;
  private final RandomGenerator random;
  private SortedSet<Integer> wanted = new TreeSet<>();
  private @Nullable Connection current;
  private @Nullable Connection successor;
  private int connections;
  private int requests;
  private int failures;
  private long retryNanos;
  private boolean stopped;
  private State state = State.DISCONNECTED;

  public Link(LinkPolicy policy, ConnectBudget budget, RandomGenerator random) {
    this.policy = policy;
    this.budget = budget;
    this.random = random;
  }

  public State state() {
    return state;
  }

  /// The streams that the venue has acknowledged on the connection that delivers.
  public Set<Integer> subscribed() {
    Connection now = current;
    return now == null ? Collections.emptySet() : Collections.unmodifiableSet(now.subscribed);
  }

  /// A frame of any kind came over a connection: it is alive. Cheap, for every frame.
  public void heard(int connection, long nowNanos) {
    Connection at = find(connection);
    if (at != null) {
      at.heardNanos = nowNanos;
    }
  }

  public void on(Input input, long nowNanos, Consumer<Command> out) {
    switch (input) {
      case Input.Want want -> want(want.streams(), out);
      case Input.Opened opened -> opened(find(opened.connection()), nowNanos);
      case Input.Closed closed -> ended(find(closed.connection()), closed.reason(), nowNanos, out);
      case Input.Answered answered ->
        answered(find(answered.connection()), answered, nowNanos, out);
      case Input.Subscribed subscribed ->
        subscribed(find(subscribed.connection()), subscribed.stream(), out);
      case Input.StreamRefused refused ->
        refused(find(refused.connection()), refused.stream(), refused.reason(), nowNanos, out);
      case Input.Refused refused ->
        refused(find(refused.connection()), refused.message(), nowNanos, out);
      case Input.EndAnnounced end -> {
        Connection at = find(end.connection());
        if (at != null) {
          // A venue that is being renewed as a whole says so on each new connection.
          long settled = at.begunNanos + policy.settledNanos();
          at.renewNanos = at.replaces ? Math.max(nowNanos, settled) : nowNanos;
        }
      }
      case Input.Abandon abandon -> {
        for (Connection at : connections()) {
          giveUp(at, abandon.reason(), nowNanos, out);
        }
      }
      case Input.TimePassed _ -> {}
      case Input.Stop _ -> stop(out);
    }
    if (!stopped) {
      step(nowNanos, out);
    }
  }

  /// What was not wanted, and is again before it was ended, is there already.
  private void want(SortedSet<Integer> streams, Consumer<Command> out) {
    Connection now = current;
    if (now != null) {
      for (int stream : now.subscribed) {
        if (streams.contains(stream) && !wanted.contains(stream)) {
          out.accept(new Command.Subscribed(stream));
        }
      }
    }
    wanted = new TreeSet<>(streams);
  }

  /// When [Input.TimePassed] is due though nothing has happened.
  public long nextDeadlineNanos(long nowNanos) {
    if (stopped) {
      return Long.MAX_VALUE;
    }
    long next = Long.MAX_VALUE;
    for (Connection at : connections()) {
      next = Math.min(next, deadlineOf(at));
    }
    Connection now = current;
    boolean mayBegin = now == null ? !wanted.isEmpty() : successor == null && isUp(now);
    if (mayBegin) {
      long due = now == null ? retryNanos : Math.max(retryNanos, now.renewNanos);
      next = Math.min(next, Math.max(due, budget.nextNanos(nowNanos)));
    }
    return next;
  }

  private long deadlineOf(Connection at) {
    if (at.phase == Phase.CONNECTING) {
      return at.begunNanos + policy.connectWithinNanos();
    }
    long next = at.heardNanos + policy.quietNanos();
    if (!at.asked.isEmpty()) {
      return Math.min(next, at.askedNanos + policy.answerWithinNanos());
    }
    if (at.equals(successor) && isUp(at)) {
      next = Math.min(next, at.upNanos + policy.overlapNanos());
    }
    next = Math.min(next, at.forgivesNanos);
    boolean more = !toAsk(at).isEmpty() || !toEnd(at).isEmpty();
    return more ? Math.min(next, mayAskNanos(at)) : next;
  }

  /// From when on a further request keeps to what the venue allows; also in the past.
  private long mayAskNanos(Connection at) {
    return at.sentNanos.size() < policy.requestsMax()
        ? at.begunNanos
        : at.sentNanos.getFirst() + policy.requestsWindowNanos();
  }

  private void opened(@Nullable Connection at, long nowNanos) {
    if (at == null || at.phase != Phase.CONNECTING) {
      return;
    }
    at.phase = Phase.SUBSCRIBING;
    at.heardNanos = nowNanos;
    if (policy.lifetimeNanos() != Long.MAX_VALUE) {
      long tenth = Math.max(1, policy.lifetimeNanos() / 10);
      at.renewNanos = nowNanos + policy.lifetimeNanos() - tenth / 2 - random.nextLong(tenth);
    }
  }

  private void answered(
      @Nullable Connection at, Input.Answered answered, long nowNanos, Consumer<Command> out) {
    if (at == null || at.asked.isEmpty() || at.requestId != answered.requestId()) {
      return; // of an unsubscription, or given up before
    }
    String refusal = answered.refusal();
    if (refusal != null) {
      refused(at, refusal, nowNanos, out);
    } else {
      List<Integer> accepted = List.copyOf(at.asked);
      at.asked.clear();
      accepted.forEach(stream -> accepted(at, stream, out));
    }
  }

  private void subscribed(@Nullable Connection at, int stream, Consumer<Command> out) {
    if (at != null && at.asked.remove(stream)) {
      accepted(at, stream, out);
    }
  }

  private void accepted(Connection at, int stream, Consumer<Command> out) {
    at.subscribed.add(stream);
    if (at.equals(current)) {
      out.accept(new Command.Subscribed(stream));
    }
  }

  private static void delivers(Connection at, Consumer<Command> out) {
    out.accept(new Command.Deliver(at.number));
    at.subscribed.forEach(stream -> out.accept(new Command.Subscribed(stream)));
  }

  private static void refused(
      @Nullable Connection at, String message, long nowNanos, Consumer<Command> out) {
    if (at == null || at.asked.isEmpty()) {
      return; // an error about something else
    }
    if (at.asked.size() > 1) {
      at.oneByOne = true;
    } else {
      for (int stream : at.asked) {
        refuse(at, stream, message, nowNanos, out);
      }
    }
    at.asked.clear();
  }

  private static void refused(
      @Nullable Connection at, int stream, String reason, long nowNanos, Consumer<Command> out) {
    if (at != null && at.asked.remove(stream)) {
      refuse(at, stream, reason, nowNanos, out);
    }
  }

  private static void refuse(
      Connection at, int stream, String reason, long nowNanos, Consumer<Command> out) {
    at.refused.add(stream);
    if (at.forgivesNanos == Long.MAX_VALUE) { // several at a time count once
      at.forgivesNanos = nowNanos + (REFUSED_NANOS << Math.min(at.refusals++, REFUSALS_MAX));
    }
    out.accept(new Command.StreamRefused(stream, reason));
  }

  private void step(long nowNanos, Consumer<Command> out) {
    for (Connection at : connections()) {
      String late = lateness(at, nowNanos);
      if (late != null) {
        giveUp(at, late, nowNanos, out);
      }
    }
    if (wanted.isEmpty()) {
      for (Connection at : connections()) {
        out.accept(new Command.Close(at.number, "nothing is wanted from it any more"));
      }
      current = null;
      successor = null;
    }
    begin(nowNanos, out);
    for (Connection at : connections()) {
      request(at, nowNanos, out);
    }
    replace(nowNanos, out);
    Connection now = current;
    if (now == null) {
      become(State.DISCONNECTED, wanted.isEmpty() ? "nothing is wanted" : "waits to connect", out);
    } else if (isUp(now)) {
      become(State.HEALTHY, "subscribed", out);
    } else if (state == State.DISCONNECTED) {
      become(State.CONNECTING, "connects", out);
    }
  }

  private @Nullable String lateness(Connection at, long nowNanos) {
    if (at.phase == Phase.CONNECTING) {
      return nowNanos - at.begunNanos < policy.connectWithinNanos()
          ? null
          : "not connected within %,d ms".formatted(policy.connectWithinNanos() / 1_000_000);
    }
    if (nowNanos - at.heardNanos >= policy.quietNanos()) {
      return "nothing was heard for %,d ms, not even a ping"
          .formatted((nowNanos - at.heardNanos) / 1_000_000);
    }
    if (!at.asked.isEmpty() && nowNanos - at.askedNanos >= policy.answerWithinNanos()) {
      return "no answer to a subscription of %d streams within %,d ms"
          .formatted(at.asked.size(), policy.answerWithinNanos() / 1_000_000);
    }
    boolean all = at.asked.isEmpty() && toAsk(at).isEmpty();
    return all && at.subscribed.isEmpty() && !wanted.isEmpty() && !at.refused.isEmpty()
        ? "every stream was refused"
        : null;
  }

  private void begin(long nowNanos, Consumer<Command> out) {
    Connection now = current;
    if (wanted.isEmpty() || nowNanos < retryNanos) {
      return;
    }
    boolean wantsSuccessor =
        now != null && successor == null && isUp(now) && nowNanos >= now.renewNanos;
    if ((now != null && !wantsSuccessor) || !budget.tryTake(nowNanos)) {
      return;
    }
    Connection next = new Connection(++connections, now != null, nowNanos);
    if (now == null) {
      current = next;
    } else {
      successor = next;
    }
    out.accept(new Command.Connect(next.number));
    if (next.equals(current)) {
      delivers(next, out);
    }
  }

  private void request(Connection at, long nowNanos, Consumer<Command> out) {
    if (at.phase == Phase.CONNECTING || !at.asked.isEmpty()) {
      return;
    }
    if (nowNanos >= at.forgivesNanos) {
      at.refused.clear(); // it may have been about something else: a limit, a bad moment
      at.forgivesNanos = Long.MAX_VALUE;
    }
    List<Integer> ask = toAsk(at);
    List<Integer> end = toEnd(at);
    if (ask.isEmpty() && !isUp(at)) {
      at.upNanos = nowNanos;
    }
    at.phase = ask.isEmpty() ? Phase.UP : Phase.SUBSCRIBING;
    if ((ask.isEmpty() && end.isEmpty()) || nowNanos < mayAskNanos(at)) {
      return;
    }
    at.sentNanos.addLast(nowNanos);
    if (at.sentNanos.size() > policy.requestsMax()) {
      at.sentNanos.removeFirst();
    }
    if (!ask.isEmpty()) {
      at.requestId = ++requests;
      at.askedNanos = nowNanos;
      at.asked.addAll(ask);
      out.accept(new Command.Subscribe(at.number, ask, at.requestId));
    } else {
      at.subscribed.removeAll(end);
      out.accept(new Command.Unsubscribe(at.number, end, ++requests));
    }
  }

  private List<Integer> toAsk(Connection at) {
    int most = at.oneByOne ? 1 : policy.streamsPerRequest();
    return wanted.stream()
        .filter(stream -> !at.subscribed.contains(stream) && !at.refused.contains(stream))
        .limit(most)
        .toList();
  }

  private List<Integer> toEnd(Connection at) {
    return at.subscribed.stream()
        .filter(stream -> !wanted.contains(stream))
        .limit(policy.streamsPerRequest())
        .toList();
  }

  /// A successor that has had everything for the time of the overlap takes over.
  private void replace(long nowNanos, Consumer<Command> out) {
    Connection next = successor;
    Connection now = current;
    if (next != null
        && now != null
        && isUp(next)
        && nowNanos - next.upNanos >= policy.overlapNanos()) {
      current = next;
      successor = null;
      out.accept(new Command.Close(now.number, "replaced before its planned end"));
      delivers(next, out);
    }
  }

  private void giveUp(Connection at, String reason, long nowNanos, Consumer<Command> out) {
    out.accept(new Command.Close(at.number, reason));
    ended(at, reason, nowNanos, out);
  }

  private void ended(@Nullable Connection at, String reason, long nowNanos, Consumer<Command> out) {
    if (at == null) {
      return; // one that we have closed ourselves
    }
    boolean lasted =
        at.phase != Phase.CONNECTING && nowNanos - at.begunNanos >= policy.settledNanos();
    failures = lasted ? 0 : Math.min(failures + 1, 62);
    long limit = policy.backoffBaseNanos();
    for (int i = 1; i < failures && limit < policy.backoffCapNanos(); i++) {
      limit *= 2;
    }
    retryNanos = nowNanos + random.nextLong(Math.min(limit, policy.backoffCapNanos()) + 1);
    if (at.equals(successor)) {
      successor = null;
      return;
    }
    current = successor;
    successor = null;
    Connection now = current;
    if (now == null || !isUp(now)) {
      become(State.DISCONNECTED, reason, out);
    }
    if (now != null) {
      delivers(now, out);
    }
  }

  private void stop(Consumer<Command> out) {
    for (Connection at : connections()) {
      out.accept(new Command.Close(at.number, "the hub stops"));
    }
    current = null;
    successor = null;
    stopped = true;
    become(State.DISCONNECTED, "the hub stops", out);
  }

  private void become(State next, String reason, Consumer<Command> out) {
    if (state != next) {
      state = next;
      out.accept(new Command.Became(next, reason));
    }
  }

  private boolean isUp(Connection at) {
    return at.phase == Phase.UP;
  }

  private @Nullable Connection find(int connection) {
    Connection now = current;
    if (now != null && now.number == connection) {
      return now;
    }
    Connection next = successor;
    return next != null && next.number == connection ? next : null;
  }

  private List<Connection> connections() {
    List<Connection> all = new ArrayList<>(2);
    Connection now = current;
    if (now != null) {
      all.add(now);
    }
    Connection next = successor;
    if (next != null) {
      all.add(next);
    }
    return all;
  }
}
