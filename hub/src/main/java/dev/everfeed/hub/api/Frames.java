package dev.everfeed.hub.api;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.nio.charset.StandardCharsets;

/// WebSocket frames as a server writes them (RFC 6455, section 5.2): final, not masked. Encoded
/// by hand, so that one buffer of many frames can be written to many readers.
final class Frames {
  static final int TEXT = 0x81;
  static final int CLOSE = 0x88;
  static final int PING = 0x89;
  private static final byte[] SKIPPED = ",\"skipped\":".getBytes(StandardCharsets.US_ASCII);

  private Frames() {}

  static ByteBuf buffer(int bytes) {
    return PooledByteBufAllocator.DEFAULT.directBuffer(bytes);
  }

  static void text(ByteBuf out, byte[] json, int length) {
    header(out, length);
    out.writeBytes(json, 0, length);
  }

  static void text(ByteBuf out, String json) {
    byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
    text(out, bytes, bytes.length);
  }

  /// A published message of which so many of its stream before it were left out.
  static void text(ByteBuf out, byte[] json, int length, long skipped) {
    if (skipped == 0) {
      text(out, json, length);
      return;
    }
    byte[] number = Long.toString(skipped).getBytes(StandardCharsets.US_ASCII);
    header(out, length + SKIPPED.length + number.length);
    out.writeBytes(json, 0, length - 1);
    out.writeBytes(SKIPPED);
    out.writeBytes(number);
    out.writeByte('}');
  }

  static void ping(ByteBuf out) {
    out.writeByte(PING);
    out.writeByte(0);
  }

  /// @param reason at most 100 characters of ASCII
  static void close(ByteBuf out, int code, String reason) {
    byte[] text = reason.getBytes(StandardCharsets.US_ASCII);
    out.writeByte(CLOSE);
    out.writeByte(2 + text.length);
    out.writeShort(code);
    out.writeBytes(text);
  }

  private static void header(ByteBuf out, int length) {
    out.writeByte(TEXT);
    if (length < 126) {
      out.writeByte(length);
    } else if (length < 65_536) {
      out.writeByte(126);
      out.writeShort(length);
    } else {
      out.writeByte(127);
      out.writeLong(length);
    }
  }
}
