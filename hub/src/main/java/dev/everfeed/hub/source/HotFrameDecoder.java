package dev.everfeed.hub.source;

import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Streams;
import dev.everfeed.core.model.Tick;
import java.util.Arrays;

/// A decoder with two ways through: a hot one for what comes all day, which looks at the bytes
/// where they lie, and a slow one, which is the source's [WireDecoder] on a copy of them.
///
/// The slow way alone decides what is right. The hot way is an exact shortcut: it either does
/// what the slow one would do, or declines and has done nothing. [#declined] counts how often:
/// beside the answers to our requests that should be seldom things only.
public abstract class HotFrameDecoder implements FrameDecoder {
  /// Frames that come all day have less than 1 kB; in so few bytes no limit of [JsonReader] can
  /// be met that [JsonCursor] does not know.
  static final int HOT_MAX_BYTES = 16 << 10;

  protected final StreamNumbers numbers;
  protected final JsonCursor cursor = new JsonCursor();
  protected final Tick tick = new Tick();
  private long declined;

  protected HotFrameDecoder(StreamNumbers numbers) {
    this.numbers = numbers;
  }

  @Override
  public final void decode(byte[] frame, int from, int to, FrameSink out) throws Undecodable {
    if (to - from <= HOT_MAX_BYTES && hot(frame, from, to, out)) {
      return;
    }
    declined++;
    slow(Arrays.copyOfRange(frame, from, to), out);
  }

  /// Frames that went the slow way.
  public final long declined() {
    return declined;
  }

  /// Deals with the frame, or gives nothing to `out` and returns false.
  protected abstract boolean hot(byte[] frame, int from, int to, FrameSink out);

  /// Deals with any frame.
  protected abstract void slow(byte[] frame, FrameSink out) throws Undecodable;

  /// One of several in a frame, read into [#tick].
  protected interface Item {
    /// @param item where it begins
    /// @return whether it could be read; nothing is given before all of them could
    boolean read(byte[] frame, int item);
  }

  /// Gives the items of an array, for which no limit is set but that of the frame: all of them
  /// or none.
  ///
  /// @param data where the array begins
  protected final boolean giveAll(int data, Item read, byte[] frame, FrameSink out) {
    int first = cursor.firstItem(data);
    if (first == JsonCursor.ABSENT) {
      return false;
    }
    int items = 0;
    for (int item = first; item != JsonCursor.ABSENT; item = cursor.nextItem(item)) {
      if (!read.read(frame, item)) {
        return false;
      }
      items++;
    }
    if (items == 1) {
      give(out); // which mostly is all, and has just been read
      return true;
    }
    for (int item = first; item != JsonCursor.ABSENT; item = cursor.nextItem(item)) {
      if (read.read(frame, item)) {
        give(out);
      }
    }
    return true;
  }

  /// Gives what was read into [#tick], if it belongs to a published stream.
  protected final void give(FrameSink out) {
    if (tick.stream() != Streams.NONE) {
      out.tick(tick);
    }
  }

  /// Gives what the slow way decoded, if it belongs to a published stream. Numbers stay in the
  /// event; its identity is set on the tick as in the hot way.
  protected final void give(Event event, FrameSink out) {
    give(event, Tick.NONE, out);
  }

  /// The same of an event that the source orders by a number of its own.
  ///
  /// @param order [Tick#NONE] for none
  protected final void give(Event event, long order, FrameSink out) {
    int stream = numbers.numberOf(event);
    if (stream == Streams.NONE) {
      return;
    }
    tick.begin(stream, event);
    if (order != Tick.NONE) {
      tick.setOrder(order);
    }
    out.tick(tick);
  }

  /// What an object orders its event by, read as [JsonCursor#whole] reads it.
  protected static long order(JsonValue.Obj object, String name) {
    String digits = switch (object.find(name)) {
      case JsonValue.Num number -> number.literal();
      case JsonValue.Text text -> text.text();
      case null, default -> "";
    };
    return digits.matches("[0-9]{1,18}") ? Long.parseLong(digits) : Tick.NONE;
  }
}
