package dev.everfeed.hub.runtime;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.vertx.core.http.impl.websocket.WebSocketHandshakeInboundHandler;
import io.vertx.core.impl.transports.NioTransport;
import io.vertx.core.spi.transport.Transport;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Connections of the usual transport that are closed when a venue answers the request for a
/// WebSocket with more than [#ANSWER_MAX].
///
/// Vert.x keeps the whole body of such an answer, however long (5.1.6,
/// `WebSocketHandshakeInboundHandler`): a page without an end, as a proxy in front of a venue may
/// send it, took 136 MiB within a second and ended the process. There is no setting for it, and
/// handlers that others have added to a connection are removed.
final class BoundedUpgrades extends NioTransport {
  /// Bytes while the answer is waited for, TLS included: some two hundred are usual.
  static final int ANSWER_MAX = 256 << 10;

  private static final Logger log = LoggerFactory.getLogger("stream");

  /// As [io.vertx.core.VertxBuilder] takes it.
  static io.vertx.core.transport.Transport transport() {
    return new io.vertx.core.transport.Transport() {
      private final Transport implementation = new BoundedUpgrades();

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
    return domainSocket ? super.channelFactory(true) : Bounded::new;
  }

  private static final class Bounded extends NioSocketChannel {
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
          log.warn("{}: {}; closed", remoteAddress(), why);
          throw new IOException(why);
        }
      }
      return read;
    }
  }
}
