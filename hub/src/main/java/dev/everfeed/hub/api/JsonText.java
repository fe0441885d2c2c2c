package dev.everfeed.hub.api;

import dev.everfeed.core.model.Decimal;
import dev.everfeed.core.time.Rfc3339;
import dev.everfeed.hub.publish.Bytes;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Writes JSON text. Written by hand because the contract is exact where libraries are not:
/// decimals keep every digit they came with and never take an exponent, and are strings when the
/// reader asks for that. One object, one thread.
public final class JsonText {
  private static final int SCALE_MAX = 18;
  private static final long NANOS = 1_000_000_000L;

  /// Years 1684 to 2255, whose nanoseconds a `long` holds.
  private static final long SECONDS_IN_NANOS = 9_000_000_000L;

  /// A name as [#key(Name)] writes it: for names that are written thousands of times.
  record Name(byte[] quoted) {
    static Name of(String name) {
      JsonText text = new JsonText();
      text.key(name);
      return new Name(text.utf8());
    }
  }

  private final Bytes text;
  private final boolean decimalsAsStrings;
  private boolean first = true;

  public JsonText() {
    this(false);
  }

  JsonText(boolean decimalsAsStrings) {
    this(decimalsAsStrings, Bytes.USUAL);
  }

  /// @param bytes expected, so that what has been written need not move as it grows
  JsonText(boolean decimalsAsStrings, int bytes) {
    this.text = new Bytes(bytes);
    this.decimalsAsStrings = decimalsAsStrings;
  }

  public JsonText open() {
    separate();
    text.put((byte) '{');
    first = true;
    return this;
  }

  public JsonText close() {
    text.put((byte) '}');
    first = false;
    return this;
  }

  public JsonText openList() {
    separate();
    text.put((byte) '[');
    first = true;
    return this;
  }

  public JsonText closeList() {
    text.put((byte) ']');
    first = false;
    return this;
  }

  public JsonText key(String name) {
    separate();
    quote(name);
    text.put((byte) ':');
    first = true;
    return this;
  }

  JsonText key(Name name) {
    separate();
    text.put(name.quoted);
    first = true;
    return this;
  }

  public JsonText field(String name, @Nullable String value) {
    key(name);
    return value(value);
  }

  public JsonText field(String name, @Nullable Decimal value) {
    return key(name).value(value);
  }

  public JsonText value(@Nullable Decimal value) {
    if (value == null) {
      return nothing();
    }
    separate();
    if (decimalsAsStrings) {
      text.put((byte) '"');
      decimal(value);
      text.put((byte) '"');
    } else {
      decimal(value);
    }
    return this;
  }

  private void decimal(Decimal value) {
    if (value.isSmall() && value.scale() >= 0 && value.scale() <= SCALE_MAX) {
      text.putDecimal(value.mantissa(), value.scale());
    } else {
      text.putAscii(value.toString());
    }
  }

  public JsonText field(String name, @Nullable Instant value) {
    return value == null ? fieldNull(name) : key(name).value(value);
  }

  public JsonText value(Instant value) {
    separate();
    text.put((byte) '"');
    if (Math.abs(value.getEpochSecond()) < SECONDS_IN_NANOS) {
      text.putTime(value.getEpochSecond() * NANOS + value.getNano());
    } else {
      text.putAscii(Rfc3339.format(value));
    }
    text.put((byte) '"');
    return this;
  }

  public JsonText field(String name, long value) {
    key(name);
    text.put(value);
    first = false;
    return this;
  }

  public JsonText field(String name, boolean value) {
    return key(name).value(value);
  }

  public JsonText value(boolean value) {
    separate();
    text.putAscii(value ? "true" : "false");
    return this;
  }

  public JsonText fieldNull(String name) {
    return key(name).nothing();
  }

  public JsonText value(@Nullable String value) {
    if (value == null) {
      return nothing();
    }
    separate();
    quote(value);
    return this;
  }

  public JsonText nothing() {
    separate();
    text.putAscii("null");
    return this;
  }

  /// What is JSON already.
  public JsonText json(String value) {
    separate();
    text.put(value);
    return this;
  }

  public JsonText number(long value) {
    separate();
    text.put(value);
    return this;
  }

  private void separate() {
    if (!first) {
      text.put((byte) ',');
    }
    first = false;
  }

  private void quote(String value) {
    text.put((byte) '"');
    if (isPlain(value)) {
      text.putAscii(value);
    } else {
      text.put(escaped(value));
    }
    text.put((byte) '"');
  }

  private static StringBuilder escaped(String value) {
    StringBuilder text = new StringBuilder(value.length() + 16);
    for (int i = 0; i < value.length(); i++) {
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
    return text;
  }

  /// Whether it stands as it is, one byte a character; nearly always.
  private static boolean isPlain(String value) {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c < ' ' || c >= 0x7f || c == '"' || c == '\\' || c == '<') {
        return false;
      }
    }
    return true;
  }

  private static boolean paired(String value, int i) {
    return Character.isHighSurrogate(value.charAt(i))
        ? i + 1 < value.length() && Character.isLowSurrogate(value.charAt(i + 1))
        : i > 0 && Character.isHighSurrogate(value.charAt(i - 1));
  }

  byte[] utf8() {
    return Arrays.copyOf(text.array(), text.length());
  }

  /// The same without a copy: of the array that it is still written into.
  void addTo(Buffer buffer) {
    buffer.appendBytes(text.array(), 0, text.length());
  }

  void addTo(MessageDigest digest) {
    digest.update(text.array(), 0, text.length());
  }

  int length() {
    return text.length();
  }

  @Override
  public String toString() {
    return new String(text.array(), 0, text.length(), StandardCharsets.UTF_8);
  }
}
