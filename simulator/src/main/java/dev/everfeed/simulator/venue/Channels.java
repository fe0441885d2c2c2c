package dev.everfeed.simulator.venue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.util.ReferenceCountUtil;
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

  /// Bytes of whole WebSocket frames, past Vert.x, in one write: the order with what Vert.x
  /// writes on the same event loop is kept. Releases the buffer.
  static void write(HttpConnection connection, ByteBuf frames) {
    Channel channel = channel(connection);
    boolean mute = channel.pipeline().first() instanceof DeafAndMute;
    if (channel.isActive() && !mute) {
      channel.pipeline().firstContext().writeAndFlush(frames, channel.voidPromise());
    } else {
      frames.release();
    }
  }

  static ByteBuf buffer(HttpConnection connection) {
    return channel(connection).alloc().buffer();
  }

  /// Bytes that wait for the other side to read; 0 when the connection has ended.
  static long unsentBytes(HttpConnection connection) {
    ChannelOutboundBuffer waiting = channel(connection).unsafe().outboundBuffer();
    return waiting == null ? 0 : waiting.totalPendingWriteBytes();
  }

  /// Ends the connection with FIN, without a word.
  static void drop(HttpConnection connection) {
    Channel channel = channel(connection);
    channel.unsafe().close(channel.voidPromise());
  }

  /// From now on nothing that arrives is heard and nothing is sent, pongs neither; the socket
  /// stays open until the other side closes it. Cannot be undone.
  static void deafen(HttpConnection connection) {
    channel(connection).pipeline().addFirst(new DeafAndMute());
  }

  /// Tells of each ping of the other side; Vert.x answers them without telling.
  static void onPing(HttpConnection connection, Runnable heard) {
    ChannelPipeline pipeline = channel(connection).pipeline();
    pipeline.addBefore(pipeline.lastContext().name(), null, new ChannelInboundHandlerAdapter() {
      @Override
      public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof PingWebSocketFrame) {
          heard.run();
        }
        context.fireChannelRead(message);
      }
    });
  }

  private static final class DeafAndMute extends ChannelDuplexHandler {
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      ReferenceCountUtil.release(message);
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
      ReferenceCountUtil.release(message);
    }
  }

  private static Channel channel(HttpConnection connection) {
    return ((ConnectionBase) connection).channel();
  }
}
