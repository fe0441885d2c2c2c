package dev.everfeed.hub.api;

import dev.everfeed.core.model.Channel;
import dev.everfeed.core.model.Streams;
import dev.everfeed.hub.config.StreamSettings;
import dev.everfeed.hub.publish.LogRecord;
import dev.everfeed.hub.publish.PublicationLog;
import dev.everfeed.hub.publish.Publications;
import dev.everfeed.hub.publish.Publications.Message;
import dev.everfeed.hub.publish.Publications.Replay;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.vertx.core.http.ServerWebSocket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
  /// Bytes that are gathered for one write to a reader that is behind.
  private static final int CHUNK = 64 * 1_024;

  /// Records that are looked at in one go for a reader that is behind.
  private static final int LOOKS = 20_000;

  /// Messages of a reader that wait until it has taken the answers to earlier ones.
  private static final int WISHES_MAX = 32;

  private static final int GARBAGE_MAX = 10;
  private static final int SNAPSHOT_STREAMS = 100;
  private static final byte[] COMPLETE = "\"complete\":true".getBytes(StandardCharsets.US_ASCII);

  /// Frames that are no whole message: pings, pongs, parts.
  private static final int CONTROLS_PER_SECOND = 20;

  private static final int CONTROLS_AT_ONCE = 200;

  /// What of a stream is still to be sent before it is live.
  private static final class Backlog {
    final int stream;
    long next;
    final long end;

    Backlog(int stream, long next, long end) {
      this.stream = stream;
      this.next = next;
      this.end = end;
    }
  }

  /// Numbers of a stream that the reader will not get.
  private record Lost(long from, long to) {}

  /// The newest messages of what was subscribed, as far as they have been told.
  private static final class Snapshot {
    final Wish wish;
    int next;

    Snapshot(Wish wish) {
      this.wish = wish;
      this.next = wish.streams().nextSetBit(0);
    }
  }

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
  private long position;
  private @Nullable Snapshot snapshot;
  private final Deque<Backlog> backlog = new ArrayDeque<>();
  private final Map<Integer, Long> skipped = new LinkedHashMap<>();
  private final Map<Integer, Lost> lost = new LinkedHashMap<>();

  private final Deque<String> wishes = new ArrayDeque<>();
  private int garbage;
  private final Allowance messages;
  private final Allowance controls;
  private long unwritableSince = Long.MIN_VALUE;
  private long pingedAt;
  private long pongAt;
  private final long openedAt;
  private boolean closing;

  private final LogRecord record = new LogRecord();
  private byte[] scratch = new byte[1_024];
  private final DecimalStrings decimals = new DecimalStrings();

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
    return position;
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
        Snapshot begun = new Snapshot(wish);
        if (!snapshot(begun, server.position(), out)) {
          snapshot = begun;
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
        resume(wish, out);
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

  /// The newest message of each stream up to a position: what is sent from there on continues
  /// it.
  ///
  /// @return whether it is whole; else [#CHUNK] is full, and it goes on when that is taken
  private boolean snapshot(Snapshot of, long until, ByteBuf out) {
    int ticks = publications.streams().size();
    while (true) {
      JsonText json = new JsonText().open().field("type", "snapshot");
      Wish.raw(json, "id", of.wish.id())
          .field("epoch", publications.epoch())
          .key("streams")
          .openList();
      for (int i = 0; i < SNAPSHOT_STREAMS && of.next >= 0 && of.next < ticks; i++) {
        Replaying.latest(json, publications, of.next, until, strings);
        of.next = of.wish.streams().nextSetBit(of.next + 1);
      }
      boolean more = of.next >= 0 && of.next < ticks;
      json.closeList().field("more", more);
      Frames.text(out, json.close().toString());
      if (!more) {
        return true;
      }
      if (out.readableBytes() >= CHUNK) {
        return false;
      }
    }
  }

  /// It has things to be told before what is live.
  private void waitBehind() {
    fallBehind(server.position());
    LiveGroup own = group;
    if (own != null) {
      own.live.remove(this);
    }
  }

  private void resume(Wish wish, ByteBuf out) {
    for (Wish.From from : wish.resumed()) {
      int stream = from.stream();
      long last = publications.log().newestBefore(stream, server.position(), record)
          ? record.seq()
          : publications.log().lastSeq(stream);
      boolean sameEpoch = from.epoch() == publications.epoch();
      if (!sameEpoch) {
        long first = publications.log().oldest(stream, record) ? record.seq() : last + 1;
        lagged(out, stream, null, null, "epoch");
        backlog.add(new Backlog(stream, Math.max(0, first), last));
      } else if (from.seq() < last) {
        backlog.add(new Backlog(stream, from.seq() + 1, last));
      }
    }
    if (!backlog.isEmpty()) {
      waitBehind();
    }
  }

  private void lagged(
      ByteBuf out, int stream, @Nullable Long from, @Nullable Long to, String reason) {
    long first = publications.log().oldest(stream, record) ? record.seq() : PublicationLog.NOWHERE;
    Frames.text(out, laggedText(publications, stream, from, to, first, reason));
  }

  static String laggedText(
      Publications publications,
      int stream,
      @Nullable Long from,
      @Nullable Long to,
      long first,
      String reason) {
    JsonText json = new JsonText()
        .open()
        .field("type", "lagged")
        .field("stream", publications.name(stream))
        .field("epoch", publications.epoch());
    number(json, "from_seq", from);
    number(json, "to_seq", to);
    number(json, "first_seq", first == PublicationLog.NOWHERE ? null : first);
    return json.field("reason", reason).close().toString();
  }

  private static void number(JsonText json, String name, @Nullable Long value) {
    if (value == null) {
      json.fieldNull(name);
    } else {
      json.field(name, value.longValue());
    }
  }

  // ---- when it is slow

  /// From now on it is not live.
  ///
  /// @param from the position of the first record that it has not had
  void fallBehind(long from) {
    behind = true;
    position = from;
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
    ByteBuf out = Frames.buffer(CHUNK);
    Snapshot begun = snapshot;
    if (begun != null && snapshot(begun, position, out)) {
      snapshot = null;
    }
    backlog(out);
    if (snapshot == null && backlog.isEmpty()) {
      tellLost(out);
      scan(out);
    }
    if (out.isReadable()) {
      server.metrics().written(1);
      pipe.write(out);
    } else {
      out.release();
    }
    if (position == server.position() && snapshot == null && backlog.isEmpty() && lost.isEmpty()) {
      behind = false;
      server.caughtUp(this);
      skipped.clear();
      LiveGroup own = group;
      if (own != null) {
        own.live.add(this);
      }
      obey();
      return false;
    }
    return pipe.isWritable();
  }

  private void tellLost(ByteBuf out) {
    for (Iterator<Map.Entry<Integer, Lost>> all = lost.entrySet().iterator(); all.hasNext(); ) {
      Map.Entry<Integer, Lost> one = all.next();
      int stream = one.getKey();
      Lost missed = one.getValue();
      if (isQuote(stream)) {
        // the newest one is sent unless a newer one lies ahead
        if (server.newest(stream) < position
            && publications.log().newestBefore(stream, position, record)
            && read()) {
          long before = skipped.getOrDefault(stream, 0L) + record.seq() - missed.from();
          frame(out, record.stream(), record.length(), before);
          skipped.remove(stream);
        } else {
          skipped.merge(stream, missed.to() - missed.from() + 1, Long::sum);
        }
      } else {
        long from = missed.from() - skipped.getOrDefault(stream, 0L);
        skipped.remove(stream);
        server.metrics().lagged(missed.to() - from + 1);
        lagged(out, stream, from, missed.to(), "slow");
      }
      all.remove();
    }
  }

  private void backlog(ByteBuf out) {
    while (!backlog.isEmpty() && out.readableBytes() < CHUNK) {
      Backlog next = backlog.getFirst();
      Replay replay =
          publications.replay(next.stream, publications.epoch(), next.next, next.end, 128);
      switch (replay) {
        case Replay.Messages found -> {
          for (Message message : found.messages()) {
            send(out, message.stream(), message.json(), message.json().length, 0);
            next.next = message.seq() + 1;
          }
          if (found.messages().isEmpty() || next.next > next.end) {
            backlog.removeFirst();
          }
        }
        case Replay.Gone gone -> {
          boolean none = gone.firstSeq() == PublicationLog.NOWHERE || gone.firstSeq() > next.end;
          lagged(out, next.stream, next.next, none ? next.end : gone.firstSeq() - 1, "gone");
          next.next = none ? next.end + 1 : Math.max(next.next + 1, gone.firstSeq());
          if (next.next > next.end) {
            backlog.removeFirst();
          }
        }
      }
    }
  }

  /// Reads the log from its position on.
  private void scan(ByteBuf out) {
    PublicationLog log = publications.log();
    long end = server.position();
    for (int looks = 0; looks < LOOKS && position < end && out.readableBytes() < CHUNK; looks++) {
      if (!log.header(position, record)) {
        overrun(out);
        return;
      }
      long next = record.next();
      int stream = record.stream();
      if (streams.get(stream)) {
        if (!read()) {
          overrun(out);
          return;
        }
        if (isConflated(stream) && server.newest(stream) != record.position()) {
          skipped.merge(stream, 1L, Long::sum);
          server.metrics().conflated(1);
        } else {
          Long before = skipped.remove(stream);
          frame(out, stream, record.length(), before == null ? 0 : before);
        }
      }
      position = next;
    }
  }

  private boolean read() {
    if (scratch.length < record.length()) {
      scratch = new byte[record.length() * 2];
    }
    return publications.log().message(record, scratch);
  }

  private boolean isQuote(int stream) {
    return !publications.isEvent(stream)
        && publications.streams().stream(stream).channel() == Channel.QUOTE;
  }

  /// A quote, or a bar that is not final; of the record that was read.
  private boolean isConflated(int stream) {
    if (publications.isEvent(stream)) {
      return false;
    }
    return switch (publications.streams().stream(stream).channel()) {
      case TRADE -> false;
      case QUOTE -> true;
      case BAR -> !contains(scratch, record.length(), COMPLETE);
    };
  }

  private static boolean contains(byte[] json, int length, byte[] what) {
    for (int i = 0; i + what.length <= length; i++) {
      if (java.util.Arrays.equals(json, i, i + what.length, what, 0, what.length)) {
        return true;
      }
    }
    return false;
  }

  private void frame(ByteBuf out, int stream, int length, long before) {
    send(out, stream, scratch, length, before);
  }

  private void send(ByteBuf out, int stream, byte[] json, int length, long before) {
    server.metrics().sent(1);
    if (strings && stream != Streams.NONE) {
      int rewritten = decimals.rewrite(json, length);
      Frames.text(out, decimals.bytes(), rewritten, before);
    } else {
      Frames.text(out, json, length, before);
    }
  }

  /// Its place was overwritten before it could be looked at: what it had is not known here.
  private void overrun(ByteBuf out) {
    long from = position;
    position = server.position();
    skipped.clear();
    for (int s = streams.nextSetBit(0); s >= 0; s = streams.nextSetBit(s + 1)) {
      if (server.newest(s) >= from) {
        lagged(out, s, null, server.newestSeq(s), "overrun");
      }
    }
  }

  /// Gives up what is about to be overwritten, while it is still known what that is.
  void giveUp() {
    PublicationLog log = publications.log();
    long from = position;
    if (log.begin() > from) {
      // too late; what is left of it is told when it can take something
      return;
    }
    position = server.position();
    for (int s = streams.nextSetBit(0); s >= 0; s = streams.nextSetBit(s + 1)) {
      if (server.newest(s) < from) {
        continue;
      }
      long first = log.newestBefore(s, from, record)
          ? record.seq() + 1
          : log.oldest(s, record) ? record.seq() : server.newestSeq(s);
      lost.merge(s, new Lost(first, server.newestSeq(s)), (a, b) -> new Lost(a.from(), b.to()));
    }
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
