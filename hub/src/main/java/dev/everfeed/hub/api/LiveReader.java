package dev.everfeed.hub.api;

import dev.everfeed.hub.config.StreamSettings;
import dev.everfeed.hub.publish.Publications;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.vertx.core.http.ServerWebSocket;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// One reader at the WebSocket. The event loop's thread only.
///
/// It is *live*, and then its group writes to it; or *behind*, because more waits for it than
/// it may or because it resumes. One that is behind keeps a position in the log and nothing
/// else: whenever it can take more it goes on from there, quotes and running bars conflated,
/// until it is where the server is, and is live again. One that falls behind by half of the log
/// is told `lagged`.
final class LiveReader {
  /// Messages of a reader that wait until it has taken the answers to earlier ones.
  private static final int WISHES_MAX = 32;

  private static final int GARBAGE_MAX = 10;

  /// Frames that are no whole message: pings, pongs, parts.
  private static final int CONTROLS_PER_SECOND = 20;

  private static final int CONTROLS_AT_ONCE = 200;

  /// Who does not show its key in time, or shows one that is not good (any more), is told with this
  /// code, which is for applications to choose (RFC 6455, section 7.4.2).
  private static final short UNAUTHORISED = 4401;

  /// The key is good, and has too much in use (registry of RFC 6455, section 11.7).
  private static final short TRY_AGAIN_LATER = 1013;

  private static final long INTRODUCED_WITHIN = TimeUnit.SECONDS.toNanos(5);

  private final LiveStreams server;
  private final Introduction introduction;
  private final Pipe pipe;
  private final Publications publications;
  private final StreamSettings.Readers limits;
  private final BitSet streams = new BitSet();
  private boolean strings;
  private @Nullable LiveGroup group;

  private boolean behind;
  private final CatchUp catchUp;

  private final Deque<String> wishes = new ArrayDeque<>();
  private int garbage;
  private final Allowance messages;
  private final Allowance controls;
  private long unwritableSince = Long.MIN_VALUE;
  private long pingedAt;
  private long pongAt;
  private final long openedAt;
  private boolean closing;

  LiveReader(
      LiveStreams server,
      Introduction introduction,
      ServerWebSocket socket,
      Publications publications,
      StreamSettings.Readers limits,
      boolean strings,
      Runnable gone) {
    this.server = server;
    this.introduction = introduction;
    this.publications = publications;
    this.limits = limits;
    this.strings = strings;
    this.catchUp = new CatchUp(server, publications, streams, strings);
    long now = server.now();
    messages = new Allowance(limits.messagesPerSecond(), limits.messagesPerSecond() * 2L, now);
    controls = new Allowance(CONTROLS_PER_SECOND, CONTROLS_AT_ONCE, now);
    pingedAt = now;
    pongAt = now;
    openedAt = now;
    pipe = Pipe.of(socket, limits.bufferKib() * 1_024, () -> server.goOn(this));
    socket.textMessageHandler(this::said);
    socket.binaryMessageHandler(_ -> {
      if (allowed()) {
        refuse(new Wish.Refused(
            Wish.NO_ID, "not_json", "a message must be text, was binary", true, List.of()));
      }
    });
    socket.frameHandler(frame -> {
      boolean whole = frame.isFinal() && (frame.isText() || frame.isBinary());
      if (!whole && !controls.take(server.now())) {
        close(
            "too_many_frames",
            "at most %d pings, pongs and parts of messages a second"
                .formatted(CONTROLS_PER_SECOND));
      }
    });
    socket.pongHandler(_ -> pongAt = server.now());
    socket.exceptionHandler(e -> {
      if (e instanceof CorruptedWebSocketFrameException broken) {
        close(
            "broken_frame",
            (short) broken.closeStatus().code(),
            "a frame that is none, or one beyond the limit");
      }
    });
    socket.closeHandler(_ -> {
      closing = true;
      leaveGroup();
      introduction.subscribe(-ticks());
      streams.clear();
      if (introduction.isDone()) {
        introduction.over();
      } else {
        server.strangerGone();
      }
      server.left(this);
      gone.run();
    });
  }

  Pipe pipe() {
    return pipe;
  }

  /// Of the first record that it has not had, while it is not live.
  long position() {
    return catchUp.position();
  }

  // ---- what it says

  private void said(String text) {
    if (closing || !allowed()) {
      return;
    }
    if (!introduction.isDone()) {
      introduced(text);
      return;
    }
    if (wishes.size() >= WISHES_MAX) {
      close(
          "too_many_messages",
          "%d messages wait because their answers are not read".formatted(WISHES_MAX));
      return;
    }
    wishes.add(text);
    obey();
  }

  private void introduced(String text) {
    try {
      introduction.by(text);
    } catch (Problem e) {
      turnAway(introduction.id(), e);
      return;
    }
    server.strangerGone();
    welcome(introduction.id());
  }

  private void turnAway(String id, Problem why) {
    boolean tooMany = why.status() == 429;
    String code = tooMany ? "too_many_requests" : "unauthorised";
    send(new Wish.Refused(id, code, String.valueOf(why.getMessage()), true, List.of()).json());
    close(
        code,
        tooMany ? TRY_AGAIN_LATER : UNAUTHORISED,
        tooMany ? "too much for this key, come again" : "no good key");
  }

  private boolean allowed() {
    if (messages.take(server.now())) {
      return true;
    }
    refuse(new Wish.Refused(
        Wish.NO_ID,
        "too_many_messages",
        "at most %d messages a second are taken; this one was dropped"
            .formatted(limits.messagesPerSecond()),
        true,
        List.of()));
    return false;
  }

  /// Does what was asked for, as long as it can take the answers.
  private void obey() {
    while (!closing && !behind && pipe.isWritable() && !wishes.isEmpty()) {
      String text = wishes.remove();
      try {
        obey(Wish.read(text, publications));
      } catch (Wish.Refused e) {
        refuse(e);
      }
    }
  }

  private void refuse(Wish.Refused e) {
    if (closing) {
      return;
    }
    send(e.json());
    if (e.garbage && ++garbage >= GARBAGE_MAX) {
      close("garbage", "%d messages could not be used".formatted(GARBAGE_MAX));
    }
  }

  private void send(String json) {
    ByteBuf out = Frames.buffer(json.length() + 16);
    Frames.text(out, json);
    pipe.write(out);
  }

  private void obey(Wish wish) {
    switch (wish.op()) {
      case PING -> {
        JsonText json = new JsonText().open().field("type", "pong");
        send(Wish.raw(json, "id", wish.id()).close().toString());
      }
      case AUTH -> {
        try {
          introduction.again(wish.key());
          welcome(wish.id());
        } catch (Problem e) {
          turnAway(wish.id(), e);
        }
      }
      case SUBSCRIBE -> {
        change(wish, wish.streams(), true);
        ByteBuf out = acknowledged(wish, "subscribe");
        if (!catchUp.snapshot(wish, out)) {
          waitBehind();
        }
        pipe.write(out);
        if (behind) {
          server.goOn(this);
        }
      }
      case UNSUBSCRIBE -> {
        change(wish, wish.streams(), false);
        pipe.write(acknowledged(wish, "unsubscribe"));
      }
      case RESUME -> {
        if (wish.streams().intersects(streams)) {
          throw new Wish.Refused(
              wish.id(),
              "already_subscribed",
              "resume begins a subscription; unsubscribe first, or take /v1/replay",
              false,
              List.of());
        }
        change(wish, wish.streams(), true);
        ByteBuf out = acknowledged(wish, "resume");
        if (!catchUp.resume(wish, out)) {
          waitBehind();
        }
        pipe.write(out);
        server.goOn(this);
      }
    }
  }

  private void welcome(String id) {
    JsonText json = new JsonText().open().field("type", "welcome");
    send(Wish.raw(json, "id", id).close().toString());
  }

  private void change(Wish wish, BitSet by, boolean add) {
    BitSet after = (BitSet) streams.clone();
    if (add) {
      after.or(by);
    } else {
      after.andNot(by);
    }
    // the numbers kept for events count as one stream
    int ticks = after.get(0, publications.streams().size()).cardinality();
    if (add && ticks > limits.streamsMax()) {
      throw new Wish.Refused(
          wish.id(),
          "too_many_streams",
          "a reader may have %,d streams, this would make %,d"
              .formatted(limits.streamsMax(), ticks),
          false,
          List.of());
    }
    int most = introduction.subscribe(ticks - ticks());
    if (most >= 0) {
      throw new Wish.Refused(
          wish.id(),
          "too_many_streams",
          "all readers of a key may have %,d streams, with these they would have more"
              .formatted(most),
          false,
          List.of());
    }
    Boolean wanted = wish.strings();
    leaveGroup();
    streams.clear();
    streams.or(after);
    strings = wanted == null ? strings : wanted;
    catchUp.strings(strings);
    if (!streams.isEmpty()) {
      LiveGroup joined = server.group(new LiveGroup.Key((BitSet) streams.clone(), strings));
      joined.members++;
      joined.live.add(this);
      group = joined;
    }
  }

  private int ticks() {
    return streams.get(0, publications.streams().size()).cardinality();
  }

  private void leaveGroup() {
    LiveGroup left = group;
    if (left != null) {
      group = null;
      left.live.remove(this);
      server.leave(left);
    }
  }

  private ByteBuf acknowledged(Wish wish, String op) {
    JsonText json = new JsonText().open().field("type", "ack");
    Wish.raw(json, "id", wish.id())
        .field("op", op)
        .field("epoch", publications.epoch())
        .field("numbers", strings ? "string" : "number")
        .key("streams")
        .openList();
    wish.names().forEach(json::value);
    String text = json.closeList().close().toString();
    ByteBuf out = Frames.buffer(text.length() + 16);
    Frames.text(out, text);
    return out;
  }

  /// It has things to be told before what is live.
  private void waitBehind() {
    fallBehind(server.position());
    LiveGroup own = group;
    if (own != null) {
      own.live.remove(this);
    }
  }

  // ---- when it is slow

  /// From now on it is not live.
  ///
  /// @param from the position of the first record that it has not had
  void fallBehind(long from) {
    behind = true;
    catchUp.from(from);
    server.fellBehind(this);
  }

  /// Gives it as much as it can take now.
  ///
  /// @return whether it can take more at once
  boolean catchUp() {
    if (!behind) {
      obey();
      return false;
    }
    if (closing || !pipe.isWritable()) {
      return false;
    }
    ByteBuf out = catchUp.next();
    if (out.isReadable()) {
      server.metrics().written(1);
      pipe.write(out);
    } else {
      out.release();
    }
    if (catchUp.isDone()) {
      behind = false;
      server.caughtUp(this);
      LiveGroup own = group;
      if (own != null) {
        own.live.add(this);
      }
      obey();
      return false;
    }
    return pipe.isWritable();
  }

  /// Gives up what is about to be overwritten, while it is still known what that is.
  void giveUp() {
    catchUp.giveUp();
  }

  // ---- from time to time

  void check(long now, long pingEvery, long pongWithin) {
    if (closing) {
      return;
    }
    if (!introduction.isDone() && now - openedAt >= INTRODUCED_WITHIN) {
      close(
          "unauthorised",
          UNAUTHORISED,
          "no key came within %,d ms".formatted(INTRODUCED_WITHIN / 1_000_000));
      return;
    }
    if (!introduction.isGood()) {
      close("unauthorised", UNAUTHORISED, "the key is not good any more");
      return;
    }
    if (pipe.isWritable()) {
      unwritableSince = Long.MIN_VALUE;
    } else if (unwritableSince == Long.MIN_VALUE) {
      unwritableSince = now;
    } else if (now - unwritableSince >= limits.stuckAfter().toNanos()) {
      close("stuck", "took too little for %,d ms".formatted(limits.stuckAfter().toMillis()));
      return;
    }
    if (now - pongAt >= pongWithin) {
      close("no_pong", "no pong for %,d ms".formatted(pongWithin / 1_000_000));
    } else if (now - pingedAt >= pingEvery && pipe.isWritable()) {
      pingedAt = now;
      ByteBuf out = Frames.buffer(2);
      Frames.ping(out);
      pipe.write(out);
    }
  }

  /// Ends it, and says why.
  ///
  /// @param reason a fixed word, for the meters
  void close(String reason, String text) {
    close(reason, (short) 1008, text);
  }

  private void close(String reason, short code, String text) {
    if (closing) {
      return;
    }
    closing = true;
    wishes.clear();
    leaveGroup();
    server.metrics().closed(reason);
    pipe.close(code, text);
    server.cutSoon(pipe);
  }

  /// The server ends.
  void goAway() {
    closing = true;
    leaveGroup();
    pipe.close((short) 1001, "the hub stops");
    server.cutSoon(pipe);
  }
}
