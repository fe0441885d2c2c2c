package dev.everfeed.hub.store;

import org.jspecify.annotations.Nullable;

/// Texts that PostgreSQL takes: it refuses U+0000 in any text, and half of a surrogate pair has
/// no UTF-8. Both become U+FFFD, the replacement character; everything else stays.
final class SafeText {
  private static final char REPLACEMENT = '\uFFFD';

  private SafeText() {}

  static String of(String text) {
    int first = firstUnsafe(text, 0);
    if (first == text.length()) {
      return text;
    }
    StringBuilder safe = new StringBuilder(text);
    for (int i = first; i < safe.length(); i = firstUnsafe(safe, i)) {
      safe.setCharAt(i, REPLACEMENT);
    }
    return safe.toString();
  }

  static @Nullable String orNull(@Nullable String text) {
    return text == null ? null : of(text);
  }

  /// The same for JSON text, in which both can hide behind an escape.
  static String json(String json) {
    String raw = of(json);
    if (raw.indexOf('\\') < 0) {
      return raw;
    }
    StringBuilder safe = new StringBuilder(raw.length());
    for (int i = 0; i < raw.length(); i++) {
      char c = raw.charAt(i);
      if (c != '\\' || i + 1 == raw.length()) {
        safe.append(c);
        continue;
      }
      int unit = escaped(raw, i);
      if (unit < 0) {
        safe.append(c).append(raw.charAt(++i));
        continue;
      }
      int next = escaped(raw, i + 6);
      if (Character.isHighSurrogate((char) unit)
          && next >= 0
          && Character.isLowSurrogate((char) next)) {
        safe.append(raw, i, i + 12);
        i += 11;
      } else {
        boolean unsafe = unit == 0 || Character.isSurrogate((char) unit);
        safe.append(unsafe ? "\\ufffd" : raw.substring(i, i + 6));
        i += 5;
      }
    }
    return safe.toString();
  }

  private static int firstUnsafe(CharSequence text, int from) {
    for (int i = from; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == 0) {
        return i;
      }
      if (Character.isSurrogate(c)) {
        boolean whole = Character.isHighSurrogate(c)
            && i + 1 < text.length()
            && Character.isLowSurrogate(text.charAt(i + 1));
        if (!whole) {
          return i;
        }
        i++;
      }
    }
    return text.length();
  }

  /// The code unit of the escape of four hexadecimal digits that begins at `at`, or -1.
  private static int escaped(String text, int at) {
    if (at + 6 > text.length() || text.charAt(at) != '\\' || text.charAt(at + 1) != 'u') {
      return -1;
    }
    int unit = 0;
    for (int i = at + 2; i < at + 6; i++) {
      int digit = Character.digit(text.charAt(i), 16);
      if (digit < 0) {
        return -1;
      }
      unit = unit << 4 | digit;
    }
    return unit;
  }
}
