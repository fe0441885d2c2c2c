package dev.everfeed.core.time;

import java.time.Instant;

/// Times as they are written everywhere in the product: RFC 3339, UTC, with as many fraction
/// digits as needed and none for whole seconds (wire/CANONICAL.md). `Instant.toString` pads to
/// three, six or nine digits.
public final class Rfc3339 {
  private Rfc3339() {}

  /// `2020-01-02T16:11:12.01Z`.
  public static String format(Instant time) {
    String text = time.toString();
    int dot = text.indexOf('.');
    if (dot < 0) {
      return text;
    }
    int end = text.length() - 1;
    while (text.charAt(end - 1) == '0') {
      end--;
    }
    return text.substring(0, end) + "Z";
  }
}
