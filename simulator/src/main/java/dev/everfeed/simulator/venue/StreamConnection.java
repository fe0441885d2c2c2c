package dev.everfeed.simulator.venue;

import io.netty.buffer.ByteBuf;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.ServerWebSocket;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One WebSocket connection to a simulated venue: what it sends is collected and leaves in one
/// write a pulse; how long the venue is patient with it.
///
/// Owned by the event loop of its [VenueServer].
final class StreamConnection {
  /// What may wait for a slow reader before the venue gives it up.
  static final long MOST_UNSENT_BYTES = 64L * 1_024 * 1_024;

  /// Of a recorded session, in one pulse.
  private static final int MOST_PLAYED = 1_000;

  /// Of a recorded session nothing is sent to a reader that has so much to read.
  private static final long FULL_BYTES = 4L * 1_024 * 1_024;

  /// Close codes of RFC 6455, section 7.4.1.
  static final short GOING_AWAY = 1_001;

  static final short POLICY = 1_008;

  private final ServerWebSocket socket;
  private final HttpConnection http;
  private final StreamTalk talk;
  private final StreamVenue.Habits habits;
  private final WindowLimit heard;
  private final long openedMillis;
  private long pingedMillis;
  private long answeredMillis;
  private long quietSinceMillis;
  private boolean stirred;
  private @Nullable Buffer ping;
  private @Nullable ByteBuf collected;
  private boolean ended;
  private long playingSinceMillis;
  private int played;

  StreamConnection(
      ServerWebSocket socket,
      HttpConnection http,
      StreamTalk talk,
      StreamVenue.Habits habits,
      long nowMillis) {
    this.socket = socket;
    this.http = http;
    this.talk = talk;
    this.habits = habits;
    this.heard = new WindowLimit(habits.heardPerSecond(), Duration.ofSeconds(1));
    this.openedMillis = nowMillis;
    this.pingedMillis = nowMillis;
    this.answeredMillis = nowMillis;
    this.quietSinceMillis = nowMillis;
  }

  ServerWebSocket socket() {
    return socket;
  }

  HttpConnection http() {
    return http;
  }

  StreamTalk talk() {
    return talk;
  }

  /// Counts a frame of the client; false when it was one too many and the connection is closed.
  boolean mayBeHeard(long nowMillis) {
    if (heard.take(1, Instant.ofEpochMilli(nowMillis))) {
      return true;
    }
    close(POLICY, "Too many requests: at most %d a second".formatted(habits.heardPerSecond()));
    return false;
  }

  /// A pong counts only when it has the payload of the last ping.
  void pong(Buffer payload, long nowMillis) {
    if (payload.equals(ping)) {
      ping = null;
      answeredMillis = nowMillis;
    }
  }

  /// The client has said something.
  void heard() {
    stirred = true;
  }

  void say(List<String> texts) {
    texts.forEach(this::say);
  }

  void say(String text) {
    if (!ended) {
      TextFrames.append(frames(), text);
    }
  }

  /// Whole frames, appended as they are.
  ByteBuf frames() {
    stirred = true;
    ByteBuf frames = collected;
    if (frames == null) {
      frames = Channels.buffer(http);
      collected = frames;
    }
    return frames;
  }

  /// Sends what was collected.
  void flush() {
    ByteBuf frames = collected;
    if (frames == null) {
      return;
    }
    collected = null;
    if (ended) {
      frames.release();
      return;
    }
    Channels.write(http, frames);
    if (Channels.unsentBytes(http) > MOST_UNSENT_BYTES) {
      Channels.reset(http);
    }
  }

  /// Sends what has come due of a recorded session; nothing before the first subscription.
  ///
  /// @param lost whether it is not sent, and lost
  void play(Session session, long nowMillis, boolean lost) {
    if (talk.streams().isEmpty() || ended) {
      return;
    }
    if (played == 0 && playingSinceMillis == 0) {
      playingSinceMillis = nowMillis;
    }
    int sent = 0;
    while (played < session.frames().size()
        && session.dueMillis(played) <= nowMillis - playingSinceMillis
        && sent < MOST_PLAYED
        && Channels.unsentBytes(http) < FULL_BYTES) {
      if (!lost) {
        say(talk.replayed(session.frames().get(played).raw()));
      }
      played++;
      sent++;
    }
  }

  /// What the venue does with time alone: pings, and an end to those that it lost patience with.
  void age(long nowMillis) {
    if (stirred) {
      stirred = false;
      quietSinceMillis = nowMillis;
    }
    if (habits.lifeMillis() > 0 && nowMillis - openedMillis >= habits.lifeMillis()) {
      close(GOING_AWAY, "The connection has lived its time");
    } else if (habits.subscribeWithinMillis() > 0
        && talk.streams().isEmpty()
        && nowMillis - openedMillis >= habits.subscribeWithinMillis()) {
      close(POLICY, "No subscription within %d ms".formatted(habits.subscribeWithinMillis()));
    } else if (habits.idleMillis() > 0 && nowMillis - quietSinceMillis >= habits.idleMillis()) {
      close(POLICY, "Nobody said anything for %d ms".formatted(habits.idleMillis()));
    } else if (habits.pingEveryMillis() > 0) {
      ping(nowMillis);
    }
  }

  private void ping(long nowMillis) {
    if (ping != null && nowMillis - answeredMillis >= habits.pongWithinMillis()) {
      close(POLICY, "Pong timeout");
    } else if (nowMillis - pingedMillis >= habits.pingEveryMillis()) {
      pingedMillis = nowMillis;
      if (ping == null) {
        answeredMillis = nowMillis;
      }
      Buffer payload = Buffer.buffer(Long.toString(nowMillis));
      ping = payload;
      socket.writePing(payload);
    }
  }

  /// With a close frame, after what was collected.
  void close(short code, String reason) {
    if (!ended) {
      flush();
      ended = true;
      socket.close(code, reason);
    }
  }

  /// Stays open, says nothing and hears nothing any more.
  void die() {
    flush();
    Channels.deafen(http);
  }

  /// Nothing is sent any more.
  void end() {
    ended = true;
    flush();
  }

  boolean ended() {
    return ended;
  }
}
