package dev.everfeed.hub.api;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Published messages with their decimals as strings, for readers whose JSON library rounds
/// (`numbers=string`). Whole numbers such as `seq` stay numbers. One object, one thread.
final class DecimalStrings {
  private static final byte[][] DECIMALS = decimals(
      "price",
      "size",
      "bid",
      "bid_size",
      "ask",
      "ask_size",
      "open",
      "high",
      "low",
      "close",
      "volume");

  private byte[] out = new byte[1_024];
  private int length;

  private static byte[][] decimals(String... names) {
    byte[][] all = new byte[names.length][];
    for (int i = 0; i < all.length; i++) {
      all[i] = names[i].getBytes(StandardCharsets.US_ASCII);
    }
    return all;
  }

  /// @param json an object without blanks, as the hub publishes them
  /// @return the length of what is in [#bytes] now
  int rewrite(byte[] json, int size) {
    if (out.length < size * 2) {
      out = new byte[size * 2];
    }
    length = 0;
    int at = 0;
    while (at < size) {
      if (json[at] != '"') {
        out[length++] = json[at++];
        continue;
      }
      int end = endOfString(json, at, size);
      copy(json, at, end);
      boolean decimal = end < size && json[end] == ':' && isDecimal(json, at + 1, end - 1);
      at = end;
      if (decimal && at + 1 < size && (json[at + 1] == '-' || Character.isDigit(json[at + 1]))) {
        int after = at + 1;
        while (after < size && json[after] != ',' && json[after] != '}') {
          after++;
        }
        out[length++] = ':';
        out[length++] = '"';
        copy(json, at + 1, after);
        out[length++] = '"';
        at = after;
      }
    }
    return length;
  }

  byte[] bytes() {
    return out;
  }

  private void copy(byte[] json, int from, int to) {
    System.arraycopy(json, from, out, length, to - from);
    length += to - from;
  }

  /// The place behind the closing quotation mark.
  private static int endOfString(byte[] json, int from, int size) {
    int at = from + 1;
    while (at < size && json[at] != '"') {
      at += json[at] == '\\' ? 2 : 1;
    }
    return Math.min(size, at + 1);
  }

  private static boolean isDecimal(byte[] json, int from, int to) {
    for (byte[] name : DECIMALS) {
      if (name.length == to - from && Arrays.equals(name, 0, name.length, json, from, to)) {
        return true;
      }
    }
    return false;
  }
}
