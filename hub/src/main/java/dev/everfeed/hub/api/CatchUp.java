package dev.everfeed.hub.api;

import dev.everfeed.core.model.Channel;
import dev.everfeed.core.model.Streams;
import dev.everfeed.hub.publish.LogRecord;
import dev.everfeed.hub.publish.PublicationLog;
import dev.everfeed.hub.publish.Publications;
import dev.everfeed.hub.publish.Publications.Message;
import dev.everfeed.hub.publish.Publications.Replay;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a reader has not had: the rest of a snapshot, messages from where it resumes, and from a
/// position in the log on everything else, quotes and running bars conflated. The event loop's
/// thread only.
final class CatchUp {
  /// Bytes that are gathered for one write to a reader that is behind.
  private static final int CHUNK = 64 * 1_024;

  /// Records that are looked at in one go for a reader that is behind.
  private static final int LOOKS = 20_000;

  private static final int SNAPSHOT_STREAMS = 100;
  private static final byte[] COMPLETE = "\"complete\":true".getBytes(StandardCharsets.US_ASCII);

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

  private final LiveStreams server;
  private final Publications publications;
  private final BitSet streams;
  private boolean strings;
  private long position;
  private @Nullable Snapshot snapshot;
  private final Deque<Backlog> backlog = new ArrayDeque<>();
  private final Map<Integer, Long> skipped = new LinkedHashMap<>();
  private final Map<Integer, Lost> lost = new LinkedHashMap<>();
  private final LogRecord record = new LogRecord();
  private byte[] scratch = new byte[1_024];
  private final DecimalStrings decimals = new DecimalStrings();

  /// @param streams that the reader has, as they change
  /// @param strings whether it wants decimals as strings
  CatchUp(LiveStreams server, Publications publications, BitSet streams, boolean strings) {
    this.server = server;
    this.publications = publications;
    this.streams = streams;
    this.strings = strings;
  }

  void strings(boolean wanted) {
    strings = wanted;
  }

  /// Of the first record that it has not had.
  long position() {
    return position;
  }

  /// @param first the position of the first record that it has not had
  void from(long first) {
    position = first;
    skipped.clear();
  }

  /// Whether the server is no further.
  boolean isDone() {
    return position == server.position() && snapshot == null && backlog.isEmpty() && lost.isEmpty();
  }

  /// As much as can be sent at once; for its caller to release.
  ByteBuf next() {
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
    return out;
  }

  /// The newest message of each stream that is subscribed.
  ///
  /// @return whether it is whole
  boolean snapshot(Wish wish, ByteBuf out) {
    Snapshot begun = new Snapshot(wish);
    boolean whole = snapshot(begun, server.position(), out);
    snapshot = whole ? null : begun;
    return whole;
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

  /// Goes on where the reader was.
  ///
  /// @return whether there is nothing to be told before what is live
  boolean resume(Wish wish, ByteBuf out) {
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
    return backlog.isEmpty();
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
}
