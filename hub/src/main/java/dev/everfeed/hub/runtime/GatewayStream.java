package dev.everfeed.hub.runtime;

import dev.everfeed.core.engine.ConnectBudget;
import dev.everfeed.core.engine.Link;
import dev.everfeed.core.engine.Link.Command;
import dev.everfeed.core.engine.Link.Input;
import dev.everfeed.core.engine.LinkPolicy;
import dev.everfeed.core.engine.Shares;
import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Stream;
import dev.everfeed.hub.api.StreamView;
import dev.everfeed.hub.source.StreamRules;
import dev.everfeed.hub.source.Undecodable;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A gateway that streams: does what its links decide, with real sockets, and gives the engine
/// what comes over them. As many links as the venue's groups of streams and its limit of them for
/// a connection ask for. Owned by the tick loop.
final class GatewayStream implements GatewayFeed {
  private static final Logger LOG = LoggerFactory.getLogger("everfeed.stream");

  private static final Duration CONNECT_WITHIN = Duration.ofSeconds(5);
  private static final Duration ANSWER_WITHIN = Duration.ofSeconds(10);
  private static final Duration BACKOFF_BASE = Duration.ofMillis(250);
  private static final Duration BACKOFF_CAP = Duration.ofSeconds(30);
  private static final Duration SETTLED = Duration.ofSeconds(30);

  /// A further connection of a gateway that is up is given so long to be up as well.
  private static final Duration UP_WITHIN = Duration.ofSeconds(15);

  /// Longer than a venue's lines are apart from one another, while both are alive.
  private static final Duration OVERLAP = Duration.ofSeconds(1);

  /// A frame that cannot be read counts so much, and each one that can takes one away: a channel
  /// whose form has changed is noticed though others go on.
  private static final int BAD_WEIGHT = 20;

  /// Twenty in a row, or more of them while one in 20 or so is bad: a connection is given up.
  private static final int BAD_MAX = 20 * BAD_WEIGHT;

  private static final int KINDS_LOGGED = 20;
  private static final int EXCERPT = 200;

  private final int number;
  private final StreamPlan.Line line;
  private final StreamLoop loop;
  private final ConnectBudget budget;
  private final RandomGenerator random;
  private final Delivered delivered;
  private final Map<String, Shares> shares = new TreeMap<>();
  private final List<Connected> links = new ArrayList<>();
  private final Map<String, Long> badKinds = new HashMap<>();
  private Link.State state = Link.State.DISCONNECTED;
  private String reason = "not started";
  private int wanted;
  private List<String> channels = List.of();
  private List<String> symbols = List.of();
  private long messages;
  private long lastMessageNanos = -1;
  private long bad;
  private long reconnects;
  private int connections;
  private @Nullable String lastError;
  private long lastErrorNanos = -1;

  GatewayStream(
      int number,
      StreamPlan.Line line,
      StreamLoop loop,
      ConnectBudget budget,
      RandomGenerator random) {
    this.number = number;
    this.line = line;
    this.loop = loop;
    this.budget = budget;
    this.random = random;
    this.delivered = new Delivered(number, loop, () -> line.source().decoder(loop.streams()));
  }

  /// Exactly these streams are wanted from now on.
  @Override
  public void want(SortedSet<Integer> streams) {
    wanted = streams.size();
    List<Stream> named = streams.stream().map(loop.streams()::stream).toList();
    channels = named.stream().map(stream -> stream.channel().text()).distinct().toList();
    symbols = named.stream().map(stream -> stream.symbol().text()).distinct().toList();
    Map<String, SortedSet<Integer>> byGroup = new TreeMap<>();
    shares.keySet().forEach(group -> byGroup.put(group, new TreeSet<>()));
    for (int stream : streams) {
      String group = line.source().group(loop.streams().stream(stream));
      byGroup.computeIfAbsent(group, _ -> new TreeSet<>()).add(stream);
    }
    byGroup.forEach(this::share);
    for (Connected link : links) {
      link.wantedAnew();
    }
    for (Connected link : links) {
      link.on(new Input.Want(new TreeSet<>(link.own())));
    }
    if (worst(state) != state) {
      noteState(state, "what the others waited for is not wanted any more");
    }
  }

  /// A group's streams go to links of its own.
  private void share(String group, SortedSet<Integer> streams) {
    Shares ofGroup =
        shares.computeIfAbsent(group, _ -> new Shares(line.source().rules().streamsMax()));
    int before = ofGroup.count();
    ofGroup.want(streams);
    for (int at = before; at < ofGroup.count(); at++) {
      String path = line.source().path(loop.streams().stream(streams.getFirst()));
      links.add(new Connected(path, ofGroup, at));
    }
  }

  @Override
  public void timePassed(long nowNanos) {
    for (Connected link : links) {
      if (nowNanos >= link.dueNanos) {
        link.on(new Input.TimePassed());
      }
    }
  }

  @Override
  public void ping() {
    links.forEach(link -> link.sockets.values().forEach(Attached::ping));
  }

  @Override
  public void stop() {
    links.forEach(link -> link.on(new Input.Stop()));
  }

  @Override
  public void reconnect(String why) {
    LOG.warn("{}: is connected anew: {}", line.gateway().id(), why);
    links.forEach(link -> link.on(new Input.Abandon(why)));
  }

  @Override
  public StreamView shown() {
    return loop.view(
        number,
        wanted,
        channels,
        symbols,
        messages,
        lastMessageNanos,
        reconnects,
        bad,
        lastError,
        lastErrorNanos);
  }

  private LinkPolicy policy() {
    StreamRules rules = line.source().rules();
    Duration lifetime = rules.lifetime();
    return new LinkPolicy(
        rules.streamsPerRequest(),
        rules.requestsMax(),
        rules.requestsWindow().toNanos(),
        line.source().answersByRequest(),
        CONNECT_WITHIN.toNanos(),
        ANSWER_WITHIN.toNanos(),
        rules.quietMax().toNanos(),
        lifetime == null ? Long.MAX_VALUE : lifetime.toNanos(),
        OVERLAP.toNanos(),
        BACKOFF_BASE.toNanos(),
        BACKOFF_CAP.toNanos(),
        SETTLED.toNanos());
  }

  private Link.State worst(Link.State ofNone) {
    return links.stream()
        .filter(this::counts)
        .map(link -> link.link.state())
        .max(Comparator.naturalOrder())
        .orElse(ofNone);
  }

  /// The worst of its links is what it is.
  private void noteState(Link.State changed, String why) {
    Link.State worst = worst(changed);
    if (worst == state && reason.equals(why)) {
      return;
    }
    Link.State before = state;
    state = worst;
    reason = why;
    if (before != worst) {
      LOG.debug("{}: {} ({})", line.gateway().id(), worst.name().toLowerCase(Locale.ROOT), why);
      loop.tap().became(before, worst, why);
      loop.linked(number, worst, why);
      if (worst == Link.State.HEALTHY) {
        // of all connections: another one of them may have been up before
        links.forEach(
            link -> link.link.subscribed().forEach(stream -> loop.subscribed(number, stream)));
      }
    }
  }

  /// One that nothing is wanted of ends because of that; one that was never up is a further one,
  /// and says nothing of those that are, for as long as it may take to be.
  private boolean counts(Connected link) {
    return !link.own().isEmpty()
        && (link.wasUp
            || loop.nanos() - link.wantedNanos >= UP_WITHIN.toNanos()
            || links.stream().noneMatch(other -> other.wasUp));
  }

  private void noteError(String what) {
    lastError = what;
    lastErrorNanos = loop.nanos();
  }

  private void noteBad(byte[] bytes, int length, Undecodable e) {
    bad++;
    String kind = String.valueOf(e.getMessage());
    if (badKinds.size() < KINDS_LOGGED && badKinds.merge(kind, 1L, Long::sum) == 1) {
      LOG.warn(
          "{}: a message of {} bytes cannot be read, {} (byte {}); left out, and not told again: {}",
          line.gateway().id(),
          length,
          kind,
          e.offset(),
          new String(bytes, 0, Math.min(length, EXCERPT), StandardCharsets.UTF_8));
    }
  }

  /// A link and its sockets, at most two.
  private final class Connected {
    final String path;
    final Link link = new Link(policy(), budget, random);
    final Map<Integer, Attached> sockets = new HashMap<>();

    final Shares ofGroup;
    final int at;
    boolean connected;

    /// Whether it has been up since something is wanted of it.
    boolean wasUp;

    long wantedNanos = Long.MAX_VALUE;

    long dueNanos;

    Connected(String path, Shares ofGroup, int at) {
      this.path = path;
      this.ofGroup = ofGroup;
      this.at = at;
    }

    void wantedAnew() {
      if (own().isEmpty()) {
        wasUp = false;
        wantedNanos = Long.MAX_VALUE;
      } else if (wantedNanos == Long.MAX_VALUE) {
        wantedNanos = loop.nanos();
      }
    }

    /// The streams that are wanted of it.
    Set<Integer> own() {
      return ofGroup.of(at);
    }

    void on(Input input) {
      long now = loop.nanos();
      List<Command> commands = new ArrayList<>();
      link.on(input, now, commands::add);
      commands.forEach(this::act);
      dueNanos = link.nextDeadlineNanos(now);
    }

    private void act(Command command) {
      switch (command) {
        case Command.Connect connect -> {
          reconnects += connected ? 1 : 0;
          connected = true;
          sockets.put(connect.connection(), new Attached(this, connect.connection()));
        }
        case Command.Subscribe subscribe ->
          send(
              subscribe.connection(),
              line.source().subscribe(streams(subscribe.streams()), subscribe.requestId()));
        case Command.Unsubscribe unsubscribe ->
          send(
              unsubscribe.connection(),
              line.source().unsubscribe(streams(unsubscribe.streams()), unsubscribe.requestId()));
        case Command.Close close -> {
          Attached socket = sockets.remove(close.connection());
          if (socket != null) {
            socket.close(close.reason());
          }
        }
        case Command.Deliver deliver -> {
          Attached socket = sockets.get(deliver.connection());
          if (socket != null) {
            loop.tap().delivers(socket.tapped);
            socket.deliver();
          }
        }
        case Command.Became became -> {
          if (became.state() == Link.State.DISCONNECTED && !own().isEmpty()) {
            noteError(became.reason());
          }
          wasUp |= became.state() == Link.State.HEALTHY;
          noteState(became.state(), became.reason());
        }
        case Command.Subscribed subscribed -> loop.subscribed(number, subscribed.stream());
        case Command.StreamRefused refused -> {
          loop.refused(number, refused.stream(), refused.reason());
          Stream stream = loop.streams().stream(refused.stream());
          noteError("%s is refused: %s".formatted(stream.name(), refused.reason()));
          LOG.warn(
              "{}: {} is refused: {}; the others go on",
              line.gateway().id(),
              stream,
              refused.reason());
        }
      }
    }

    private List<Stream> streams(List<Integer> numbers) {
      return numbers.stream().map(loop.streams()::stream).toList();
    }

    private void send(int connection, List<String> messages) {
      Attached socket = sockets.get(connection);
      if (socket != null) {
        messages.forEach(socket::send);
      }
    }
  }

  /// One connection: what comes over it goes to the engine, or back to its link.
  private final class Attached extends Delivery implements VenueSocket.Listener {
    private final Connected at;
    private final int connection;
    private final VenueSocket socket;

    /// Of all that the gateway has begun: those of a link are numbered by themselves.
    private final int tapped = ++connections;

    private int badness;

    Attached(Connected at, int connection) {
      super(delivered);
      this.at = at;
      this.connection = connection;
      this.socket = new VenueSocket(
          loop.client(), line.url(), at.path, StreamLoop.CONNECT_TIMEOUT_MILLIS, this);
    }

    void send(String text) {
      loop.tap().sent(tapped, text);
      socket.send(text);
    }

    void ping() {
      if (socket.isOpen()) {
        socket.ping();
        line.source().ping().ifPresent(this::send);
      }
    }

    void close(String reason) {
      loop.tap().closed(tapped, reason);
      socket.close(null);
    }

    @Override
    public void opened() {
      loop.tap().opened(tapped);
      at.on(new Input.Opened(connection));
    }

    @Override
    public void message(byte[] bytes, int length) {
      messages++;
      lastMessageNanos = loop.nanos();
      loop.tap().frame(tapped, bytes, length);
      at.link.heard(connection, lastMessageNanos);
      try {
        frame(bytes, length, lastMessageNanos);
        badness = Math.max(0, badness - 1);
      } catch (Undecodable e) {
        noteBad(bytes, length, e);
        badness += BAD_WEIGHT;
        if (badness >= BAD_MAX) {
          socket.close("unreadable");
          closed("one in %d messages or more cannot be read; the last: %s"
              .formatted(BAD_WEIGHT + 1, e.getMessage()));
        }
      }
    }

    @Override
    public void pong() {
      at.link.heard(connection, loop.nanos());
    }

    @Override
    public void closed(String why) {
      loop.tap().closed(tapped, why);
      at.sockets.remove(connection);
      noteError(why);
      at.on(new Input.Closed(connection, why));
    }

    @Override
    public void answered(int requestId, @Nullable String refusal) {
      at.on(new Input.Answered(connection, requestId, refusal));
    }

    @Override
    public void subscribed(int stream) {
      at.on(new Input.Subscribed(connection, stream));
    }

    @Override
    public void refused(int stream, String reason) {
      at.on(new Input.StreamRefused(connection, stream, reason));
    }

    @Override
    public void control(Event event) {
      switch (event) {
        case Event.ProviderError error -> {
          LOG.warn("{}: says {}", line.gateway().id(), error.message());
          at.on(new Input.Refused(connection, error.message()));
        }
        case Event.SourceStatus status
        when status.status() == Event.SourceStatus.Condition.MAINTENANCE
            || status.status() == Event.SourceStatus.Condition.OFFLINE ->
          at.on(new Input.EndAnnounced(connection));
        default -> {
          // a heartbeat, an acknowledgement without a name: alive, which has been noted
        }
      }
    }
  }
}
