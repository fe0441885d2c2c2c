package dev.everfeed.benchmarks.load;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.concurrent.atomic.AtomicLong;

/// Many readers at the WebSocket who count what they are told and look at nothing: one thread
/// and one buffer for all, frames stepped over by their lengths, so that most of the machine is
/// the hub's.
public final class Audience implements AutoCloseable {
  private static final int BUFFER = 512 << 10;
  private static final int HEAD_MAX = 10;
  private static final int PING = 9;

  private final Selector selector = Selector.open();
  private final AtomicLong messages = new AtomicLong();
  private final byte[] bytes = new byte[BUFFER];

  /// Where one reader is within the frames.
  private static final class Place {
    final byte[] head = new byte[HEAD_MAX];
    int headed;
    long left;
    boolean isPing;
  }

  public Audience(int port, int readers) throws IOException {
    for (int i = 0; i < readers; i++) {
      SocketChannel channel =
          TickReader.connect(port, "/v1/stream").say(LiveHub.SUBSCRIBE).channel();
      channel.configureBlocking(false);
      channel.register(selector, SelectionKey.OP_READ, new Place());
    }
    Thread.ofPlatform().daemon().name("audience").start(this::read);
  }

  private void read() {
    try {
      while (true) {
        selector.select(key -> {
          try {
            read((SocketChannel) key.channel(), (Place) key.attachment());
          } catch (IOException e) {
            key.cancel(); // closed by the hub: what it has not had is missing in the count
          }
        });
      }
    } catch (ClosedSelectorException e) {
      // it is over
    } catch (IOException e) {
      System.err.println("readers: they end: " + e);
    }
  }

  private void read(SocketChannel channel, Place place) throws IOException {
    int length = channel.read(ByteBuffer.wrap(bytes));
    if (length < 0) {
      throw new IOException("closed by the hub");
    }
    long whole = 0;
    int at = 0;
    while (at < length) {
      if (place.left > 0) {
        long step = Math.min(place.left, length - at);
        at += (int) step;
        place.left -= step;
      } else {
        place.head[place.headed++] = bytes[at++];
        if (!headIsWhole(place)) {
          continue;
        }
        place.headed = 0;
      }
      if (place.left == 0) {
        if (place.isPing) {
          TickReader.pong(channel);
        } else {
          whole++;
        }
      }
    }
    messages.lazySet(messages.getPlain() + whole);
  }

  private static boolean headIsWhole(Place place) {
    if (place.headed < 2) {
      return false;
    }
    int length = place.head[1] & 0x7f;
    int needed = length < 126 ? 2 : length == 126 ? 4 : HEAD_MAX;
    if (place.headed < needed) {
      return false;
    }
    place.isPing = (place.head[0] & 0x0f) == PING;
    ByteBuffer head = ByteBuffer.wrap(place.head);
    place.left =
        length < 126 ? length : length == 126 ? head.getShort(2) & 0xffff : head.getLong(2);
    return true;
  }

  /// That all of them have had together, of any kind.
  public long messages() {
    return messages.get();
  }

  @Override
  public void close() throws IOException {
    for (SelectionKey key : selector.keys()) {
      key.channel().close();
    }
    selector.close();
  }
}
