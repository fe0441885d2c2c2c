package dev.everfeed.simulator.venue;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelOption;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.impl.ConnectionBase;

/// The one place that reaches below Vert.x, for what its API rightly does not offer: breaking a
/// connection. `ConnectionBase` is internal to Vert.x 5.1; `FaultsOnTheWireTest` tells when a
/// new version changes it.
final class Channels {
  private Channels() {}

  /// Ends the connection with RST: closing with a linger of 0 discards what is unsent (tcp(7),
  /// SO_LINGER).
  static void reset(HttpConnection connection) {
    Channel channel = channel(connection);
    try {
      channel.config().setOption(ChannelOption.SO_LINGER, 0);
    } catch (ChannelException goneBefore) {
      // The other side was faster and the socket is closed: there is nothing left to reset.
      return;
    }
    // Past the HTTP handlers, which would want to finish an answer first.
    channel.unsafe().close(channel.voidPromise());
  }

  /// Sends bytes as they are, past the HTTP encoder, and closes.
  static void sendRaw(HttpConnection connection, byte[] bytes) {
    Channel channel = channel(connection);
    channel
        .pipeline()
        .firstContext()
        .writeAndFlush(Unpooled.wrappedBuffer(bytes))
        .addListener(ChannelFutureListener.CLOSE);
  }

  private static Channel channel(HttpConnection connection) {
    return ((ConnectionBase) connection).channel();
  }
}
