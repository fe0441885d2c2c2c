package dev.everfeed.simulator.venue;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/// The frames of a flood as one connection is told them: made once, with the places where id and
/// time stand, which alone are written anew for each frame.
///
/// Confined to the event loop of its [VenueServer].
final class FloodFrames {
  static final int VARIANTS = 256;

  /// Stand-ins of 13 digits that nothing else in a frame looks like.
  static final long ID = 1_111_111_111_111L;

  /// 2040-06-02T03:57:02.222Z.
  static final long MILLIS = 2_222_222_222_222L;

  private static final int DIGITS = 13;
  private static final String ISO = CoinbaseText.millis(MILLIS).substring(0, 23);

  /// A venue may stamp a frame some milliseconds after the trade: the last digits differ.
  private static final String MILLIS_BEGIN = Long.toString(MILLIS).substring(0, DIGITS - 1);

  private final byte[][] frames;
  private final int[][] idAt;
  private final int[][] millisAt;
  private final int[][] isoAt;
  private long isoMillis = Long.MIN_VALUE;
  private byte[] iso = {};

  /// @param text of a variant, with the stand-ins
  FloodFrames(IntFunction<String> text) {
    frames = new byte[VARIANTS][];
    idAt = new int[VARIANTS][];
    millisAt = new int[VARIANTS][];
    isoAt = new int[VARIANTS][];
    for (int i = 0; i < VARIANTS; i++) {
      String frame = text.apply(i);
      frames[i] = frame.getBytes(StandardCharsets.US_ASCII);
      idAt[i] = places(frame, Long.toString(ID));
      millisAt[i] = places(frame, MILLIS_BEGIN);
      isoAt[i] = places(frame, ISO);
    }
  }

  void append(ByteBuf out, long id, long millis) {
    int variant = (int) Math.floorMod(id, (long) VARIANTS);
    byte[] frame = frames[variant];
    int start = TextFrames.append(out, TextFrames.TEXT, frame);
    for (int at : idAt[variant]) {
      digits(out, start + at, id);
    }
    for (int at : millisAt[variant]) {
      digits(out, start + at, millis);
    }
    for (int at : isoAt[variant]) {
      if (millis != isoMillis) {
        isoMillis = millis;
        iso = CoinbaseText.millis(millis).substring(0, 23).getBytes(StandardCharsets.US_ASCII);
      }
      out.setBytes(start + at, iso);
    }
  }

  private static void digits(ByteBuf out, int at, long number) {
    long rest = number;
    for (int i = at + DIGITS - 1; i >= at; i--) {
      out.setByte(i, (byte) ('0' + rest % 10));
      rest /= 10;
    }
  }

  private static int[] places(String text, String mark) {
    List<Integer> places = new ArrayList<>();
    for (int at = text.indexOf(mark); at >= 0; at = text.indexOf(mark, at + mark.length())) {
      places.add(at);
    }
    return places.stream().mapToInt(Integer::intValue).toArray();
  }
}
