package dev.everfeed.hub.api;

import dev.everfeed.core.model.Decimal;
import dev.everfeed.core.time.Rfc3339;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// Writes JSON text. Written by hand because the contract is exact where libraries are not:
/// decimals keep every digit they came with and never take an exponent, and are strings when the
/// reader asks for that. One object, one thread.
final class JsonText {
  private final StringBuilder text = new StringBuilder(512);
  private final boolean decimalsAsStrings;
  private boolean first = true;

  JsonText() {
    this(false);
  }

  JsonText(boolean decimalsAsStrings) {
    this.decimalsAsStrings = decimalsAsStrings;
  }

  JsonText open() {
    separate();
    text.append('{');
    first = true;
    return this;
  }

  JsonText close() {
    text.append('}');
    first = false;
    return this;
  }

  JsonText openList() {
    separate();
    text.append('[');
    first = true;
    return this;
  }

  JsonText closeList() {
    text.append(']');
    first = false;
    return this;
  }

  JsonText key(String name) {
    separate();
    quote(name);
    text.append(':');
    first = true;
    return this;
  }

  JsonText field(String name, @Nullable String value) {
    key(name);
    return value(value);
  }

  JsonText field(String name, @Nullable Decimal value) {
    key(name);
    first = false;
    if (value == null) {
      text.append("null");
    } else if (decimalsAsStrings) {
      value.appendTo(text.append('"')).append('"');
    } else {
      value.appendTo(text);
    }
    return this;
  }

  JsonText field(String name, @Nullable Instant value) {
    if (value == null) {
      return fieldNull(name);
    }
    key(name);
    first = false;
    Rfc3339.append(text.append('"'), value).append('"');
    return this;
  }

  JsonText field(String name, long value) {
    key(name);
    text.append(value);
    first = false;
    return this;
  }

  JsonText field(String name, boolean value) {
    key(name);
    text.append(value);
    first = false;
    return this;
  }

  JsonText fieldNull(String name) {
    return field(name, (String) null);
  }

  JsonText value(@Nullable String value) {
    separate();
    if (value == null) {
      text.append("null");
    } else {
      quote(value);
    }
    return this;
  }

  /// What is JSON already.
  JsonText json(String value) {
    separate();
    text.append(value);
    return this;
  }

  JsonText number(long value) {
    separate();
    text.append(value);
    return this;
  }

  private void separate() {
    if (!first) {
      text.append(',');
    }
    first = false;
  }

  private void quote(String value) {
    int plain = plain(value);
    text.append('"').append(value, 0, plain);
    for (int i = plain; i < value.length(); i++) {
      char c = value.charAt(i);
      switch (c) {
        case '"' -> text.append("\\\"");
        case '\\' -> text.append("\\\\");
        case '\n' -> text.append("\\n");
        case '\r' -> text.append("\\r");
        case '\t' -> text.append("\\t");
        default -> {
          // '<' is escaped so that an answer shown as a page by mistake cannot carry a script.
          boolean unsafe = c < ' ' || c == '<' || c == 0x7f || c == 0x2028 || c == 0x2029;
          boolean loneSurrogate = Character.isSurrogate(c) && !paired(value, i);
          if (unsafe || loneSurrogate) {
            text.append("\\u%04x".formatted((int) c));
          } else {
            text.append(c);
          }
        }
      }
    }
    text.append('"');
  }

  /// How many of the first characters stand as they are; nearly always all of them.
  private static int plain(String value) {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c < ' ' || c >= 0x7f || c == '"' || c == '\\' || c == '<') {
        return i;
      }
    }
    return value.length();
  }

  private static boolean paired(String value, int i) {
    return Character.isHighSurrogate(value.charAt(i))
        ? i + 1 < value.length() && Character.isLowSurrogate(value.charAt(i + 1))
        : i > 0 && Character.isHighSurrogate(value.charAt(i - 1));
  }

  byte[] utf8() {
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
