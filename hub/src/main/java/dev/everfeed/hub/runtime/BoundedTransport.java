package dev.everfeed.hub.runtime;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.vertx.core.http.impl.websocket.WebSocketHandshakeInboundHandler;
import io.vertx.core.impl.transports.NioTransport;
import io.vertx.core.spi.transport.Transport;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The usual transport, with two bounds that Vert.x has no settings for.
///
/// **Connections that are accepted** are at most so many, encrypted or not yet: who has not agreed
/// on its encryption is shown to nobody above (5.1.6), has 5 s, and takes a descriptor, of which
/// the hub needs some to write down what it hears. Those beyond are closed at once.
///
/// **A venue's answer** to the request for a WebSocket has at most [#ANSWER_MAX], else its
/// connection is closed. Vert.x keeps the whole body of such an answer, however long (5.1.6,
/// `WebSocketHandshakeInboundHandler`): a page without an end, as a proxy in front of a venue may
/// send it, took 136 MiB within a second and ended the process. There is no setting for it, and
/// handlers that others have added to a connection are removed.
final class BoundedTransport extends NioTransport {
  /// Bytes while the answer is waited for, TLS included: some two hundred are usual.
  static final int ANSWER_MAX = 256 << 10;

  /// Connections that may agree on their encryption beside those that readers have.
  static final int HANDSHAKES = 256;

  private static final Logger streamLog = LoggerFactory.getLogger("stream");
  private static final Logger accessLog = LoggerFactory.getLogger("everfeed.access");
  private static final long TELL_EVERY_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final int acceptedMost;
  private final Runnable refused;

  private BoundedTransport(int acceptedMost, Runnable refused) {
    this.acceptedMost = acceptedMost;
    this.refused = refused;
  }

  /// As [io.vertx.core.VertxBuilder] takes it.
  ///
  /// @param acceptedMost of each address that is listened on
  /// @param refused      told of each beyond, on the loop that accepts
  static io.vertx.core.transport.Transport of(int acceptedMost, Runnable refused) {
    return new io.vertx.core.transport.Transport() {
      private final Transport implementation = new BoundedTransport(acceptedMost, refused);

      @Override
      public String name() {
        return NIO.name();
      }

      @Override
      public boolean available() {
        return true;
      }

      @Override
      public @Nullable Throwable unavailabilityCause() {
        return null;
      }

      @Override
      public Transport implementation() {
        return implementation;
      }
    };
  }

  @Override
  public ChannelFactory<? extends Channel> channelFactory(boolean domainSocket) {
    return domainSocket ? super.channelFactory(true) : Connecting::new;
  }

  @Override
  public ChannelFactory<? extends ServerChannel> serverChannelFactory(boolean domainSocket) {
    return domainSocket
        ? super.serverChannelFactory(true)
        : () -> new Listening(acceptedMost, refused);
  }

  /// On the one event loop that accepts; connections end on theirs.
  private static final class Listening extends NioServerSocketChannel {
    private final int most;
    private final Runnable refused;
    private final AtomicInteger open = new AtomicInteger();
    private long toldAt = System.nanoTime() - TELL_EVERY_NANOS;

    Listening(int most, Runnable refused) {
      this.most = most;
      this.refused = refused;
    }

    @Override
    protected int doReadMessages(List<Object> accepted) throws Exception {
      SocketChannel socket = javaChannel().accept();
      if (socket == null) {
        return 0;
      }
      try {
        if (open.get() < most) {
          accepted.add(new Accepted(this, socket, open));
        } else {
          refused.run();
          tell();
          socket.close();
        }
        return 1;
      } catch (RuntimeException | IOException e) {
        // Of one connection, as the class above does it: out of here it would end the listening.
        accessLog.warn("{}: a connection failed as it came: {}", localAddress(), e.toString());
        socket.close();
        return 0;
      }
    }

    private void tell() {
      long now = System.nanoTime();
      if (now - toldAt >= TELL_EVERY_NANOS) {
        toldAt = now;
        accessLog.warn(
            "{}: {} connections are open, encrypted or not yet, and no more are taken",
            localAddress(),
            most);
      }
    }
  }

  /// Counts down in its [#doClose], and not when its future of the end completes: that of one that
  /// fails before it has an event loop never does.
  private static final class Accepted extends NioSocketChannel {
    private final AtomicInteger open;
    private boolean closed;

    Accepted(Channel listening, SocketChannel socket, AtomicInteger open) {
      super(listening, socket);
      this.open = open;
      open.incrementAndGet();
    }

    @Override
    protected void doClose() throws Exception {
      if (!closed) {
        closed = true;
        open.decrementAndGet();
      }
      super.doClose();
    }
  }

  private static final class Connecting extends NioSocketChannel {
    private int seen;
    private boolean asked;
    private boolean answered;

    @Override
    protected int doReadBytes(ByteBuf bytes) throws Exception {
      int read = super.doReadBytes(bytes);
      if (!answered && read > 0) {
        boolean waits = pipeline().get(WebSocketHandshakeInboundHandler.class) != null;
        answered = asked && !waits;
        asked |= waits;
        seen = waits ? seen + read : 0;
        if (seen > ANSWER_MAX) {
          String why =
              "answers the request for a WebSocket with more than %,d bytes".formatted(ANSWER_MAX);
          streamLog.warn("{}: {}; closed", remoteAddress(), why);
          throw new IOException(why);
        }
      }
      return read;
    }
  }
}
