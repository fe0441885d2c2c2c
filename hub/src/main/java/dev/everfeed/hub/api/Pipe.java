package dev.everfeed.hub.api;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.handler.timeout.IdleStateHandler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.internal.http.WebSocketInternal;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Where the frames for one reader go. The event loop's thread only.
///
/// Many frames in one write cost a twentieth of a write for each, and Vert.x has no public way
/// to write encoded frames. So this is the one place that uses `WebSocketInternal`, of the
/// package `io.vertx.core.internal`: [#of] falls back to public methods where that is not
/// there, and PipeTest is the contract of both.
abstract sealed class Pipe {
  private static final Logger LOG = LoggerFactory.getLogger(Pipe.class);

  /// @param bound      bytes that may wait; with more it is not writable
  /// @param onWritable run when it is writable again
  static Pipe of(ServerWebSocket socket, int bound, Runnable onWritable) {
    try {
      if (socket instanceof WebSocketInternal internal) {
        ChannelHandlerContext context = internal.channelHandlerContext();
        if (context != null && context.channel() != null) {
          return new Direct(socket, context, bound, onWritable);
        }
      }
    } catch (LinkageError e) {
      LOG.warn(
          "Vert.x has changed: readers get one write for each message, which costs more: {}",
          e.toString());
    }
    return new OfMessages(socket, bound, onWritable);
  }

  /// Whether less waits than the bound.
  abstract boolean isWritable();

  /// Writes encoded frames, and releases them.
  abstract void write(ByteBuf frames);

  /// Says that it ends, and why.
  abstract void close(short code, String reason);

  /// Ends it at once, without a closing frame.
  abstract void cut();

  /// Straight into the channel's pipeline, in front of the encoder of frames, which lets encoded
  /// bytes pass.
  static final class Direct extends Pipe {
    private final ServerWebSocket socket;
    private final ChannelHandlerContext context;

    Direct(ServerWebSocket socket, ChannelHandlerContext context, int bound, Runnable onWritable) {
      this.socket = socket;
      this.context = context;
      context
          .channel()
          .config()
          .setWriteBufferWaterMark(new WriteBufferWaterMark(bound / 2, bound));
      // what the kernel takes counts too; left to itself it takes megabytes for each reader
      context.channel().config().setOption(ChannelOption.SO_SNDBUF, bound);
      for (ChannelHandler handler : List.copyOf(context.pipeline().toMap().values())) {
        if (handler instanceof IdleStateHandler) {
          // of HTTP requests; a WebSocket may be quiet, its life is shown by pings
          context.pipeline().remove(handler);
        }
      }
      context
          .pipeline()
          .addBefore(context.name(), "everfeed-writability", new ChannelInboundHandlerAdapter() {
            @Override
            public void channelWritabilityChanged(ChannelHandlerContext own) {
              if (own.channel().isWritable()) {
                onWritable.run();
              }
              own.fireChannelWritabilityChanged();
            }
          });
    }

    @Override
    boolean isWritable() {
      return context.channel().isWritable();
    }

    @Override
    void write(ByteBuf frames) {
      ChannelFuture unused = context.writeAndFlush(frames, context.voidPromise());
    }

    @Override
    void close(short code, String reason) {
      if (isWritable()) {
        socket.close(code, reason);
        return;
      }
      // behind all that waits: Vert.x would keep it in a queue of its own, and complain when the
      // channel is closed before it has left that
      ByteBuf out = Frames.buffer(128);
      Frames.close(out, code, reason);
      write(out);
    }

    @Override
    void cut() {
      // from here on, past the handler of Vert.x, which would write a closing frame and wait
      ChannelFuture unused = context.close();
    }
  }

  /// By public methods, message by message.
  static final class OfMessages extends Pipe {
    private final ServerWebSocket socket;

    OfMessages(ServerWebSocket socket, int bound, Runnable onWritable) {
      this.socket = socket;
      socket.setWriteQueueMaxSize(bound);
      socket.drainHandler(_ -> onWritable.run());
    }

    @Override
    boolean isWritable() {
      return !socket.isClosed() && !socket.writeQueueFull();
    }

    @Override
    void write(ByteBuf frames) {
      try {
        while (frames.isReadable() && !socket.isClosed()) {
          int kind = frames.readUnsignedByte();
          int small = frames.readUnsignedByte();
          int length = switch (small) {
            case 126 -> frames.readUnsignedShort();
            case 127 -> Math.toIntExact(frames.readLong());
            default -> small;
          };
          String text = frames.readCharSequence(length, StandardCharsets.UTF_8).toString();
          if (kind == Frames.PING) {
            socket.writePing(Buffer.buffer(text));
          } else {
            socket.writeFinalTextFrame(text);
          }
        }
      } finally {
        frames.release();
      }
    }

    @Override
    void close(short code, String reason) {
      socket.close(code, reason);
    }

    @Override
    void cut() {
      socket.close();
    }
  }
}
