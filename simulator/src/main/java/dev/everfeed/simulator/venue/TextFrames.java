package dev.everfeed.simulator.venue;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/// WebSocket frames as a server writes them (RFC 6455, section 5.2): unmasked, whole.
final class TextFrames {
  /// FIN and the opcode of text.
  static final int TEXT = 0x81;

  private TextFrames() {}

  static int append(ByteBuf out, String text) {
    return append(out, TEXT, text.getBytes(StandardCharsets.UTF_8));
  }

  /// Answers where the payload begins.
  ///
  /// @param first FIN, the three reserved bits and the opcode
  static int append(ByteBuf out, int first, byte[] payload) {
    out.writeByte(first);
    if (payload.length < 126) {
      out.writeByte(payload.length);
    } else if (payload.length < 65_536) {
      out.writeByte(126).writeShort(payload.length);
    } else {
      out.writeByte(127).writeLong(payload.length);
    }
    int start = out.writerIndex();
    out.writeBytes(payload);
    return start;
  }
}
