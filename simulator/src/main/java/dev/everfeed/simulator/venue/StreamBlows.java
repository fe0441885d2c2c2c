package dev.everfeed.simulator.venue;

import dev.everfeed.simulator.fault.FaultKind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;

/// The frames that no venue should send: garbage, a giant, a bomb. Each connection is struck
/// once by a fault, however long it lasts.
///
/// Owned by the event loop of its [VenueServer].
final class StreamBlows {
  static final int GIANT_BYTES = 8 * 1_024 * 1_024;
  static final int BOMB_INFLATED_BYTES = 16 * 1_024 * 1_024;

  /// FIN, RSV1, text: a compressed message, where compression was negotiated (RFC 7692).
  private static final int COMPRESSED_TEXT = 0xC1;

  private final SplittableRandom random;
  private final Map<StreamConnection, FaultKind> struck = new LinkedHashMap<>();

  StreamBlows(long seed) {
    this.random = new SplittableRandom(seed);
  }

  /// Does nothing for kinds that strike nobody.
  void strike(StreamConnection connection, FaultInForce fault) {
    FaultKind kind = fault.kind();
    boolean strikes =
        kind == FaultKind.GARBAGE || kind == FaultKind.GIANT || kind == FaultKind.BOMB;
    if (!strikes || struck.put(connection, kind) == kind) {
      return;
    }
    Integer count = fault.order().count();
    for (int i = count == null ? 1 : count; i > 0; i--) {
      switch (kind) {
        case GARBAGE -> connection.say(garbage());
        case GIANT -> connection.say("{\"giant\":\"" + "x".repeat(GIANT_BYTES - 12) + "\"}");
        default -> TextFrames.append(connection.frames(), COMPRESSED_TEXT, bomb());
      }
      connection.flush();
    }
  }

  void heal() {
    struck.clear();
  }

  void forget(StreamConnection connection) {
    struck.remove(connection);
  }

  /// Text, as a text frame must be (RFC 6455, section 5.6), but nothing that begins like JSON.
  private String garbage() {
    var text = new StringBuilder("<");
    for (int i = random.nextInt(20, 200); i > 0; i--) {
      text.append((char) random.nextInt(' ', 0x17F));
    }
    return text.toString();
  }

  private static byte[] bomb() {
    var bytes = new ByteArrayOutputStream();
    var deflater = new Deflater(Deflater.BEST_COMPRESSION, true);
    try (var out = new DeflaterOutputStream(bytes, deflater)) {
      out.write(" ".repeat(BOMB_INFLATED_BYTES).getBytes(StandardCharsets.US_ASCII));
    } catch (IOException e) {
      throw new UncheckedIOException("nothing is written but memory", e);
    } finally {
      deflater.end();
    }
    return bytes.toByteArray();
  }
}
