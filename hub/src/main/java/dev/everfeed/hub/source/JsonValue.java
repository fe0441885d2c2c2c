package dev.everfeed.hub.source;

import dev.everfeed.core.model.Decimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A value of a parsed message, with the byte at which it begins, so that a wrong one can be
/// pointed at. Numbers keep the literal text of the payload. Made by [JsonReader].
public sealed interface JsonValue {

  /// Bytes of the message before this value.
  long offset();

  /// What it is, for messages: `object`, `number 12`.
  String shown();

  default Obj asObject(String what) throws Undecodable {
    if (this instanceof Obj object) {
      return object;
    }
    throw unexpected(what, "an object");
  }

  default Arr asArray(String what) throws Undecodable {
    if (this instanceof Arr array) {
      return array;
    }
    throw unexpected(what, "an array");
  }

  /// A number, or a string that holds one.
  default Decimal asDecimal(String what) throws Undecodable {
    String text = numberText();
    if (text == null) {
      throw unexpected(what, "a number");
    }
    try {
      return Decimal.parse(text);
    } catch (NumberFormatException e) {
      throw new Undecodable(offset(), what + " " + e.getMessage());
    }
  }

  /// [#asDecimal], but null for `null` and for an empty string.
  default @Nullable Decimal asDecimalOrNull(String what) throws Undecodable {
    return this instanceof Nul || (this instanceof Text text && text.text().isEmpty())
        ? null
        : asDecimal(what);
  }

  /// A whole number of at most 18 digits, not negative, bare or as a string.
  default long asWhole(String what) throws Undecodable {
    String text = numberText();
    if (text == null || text.isEmpty() || text.length() > 18 || !digits(text)) {
      throw unexpected(what, "a whole number of at most 18 digits");
    }
    return Long.parseLong(text);
  }

  /// A venue's id: 1 to 40 digits, bare or as a string.
  default String asId(String what) throws Undecodable {
    String text = numberText();
    if (text == null || text.isEmpty() || text.length() > 40 || !digits(text)) {
      throw unexpected(what, "an id of digits");
    }
    return text;
  }

  /// A string that is not empty.
  default String asText(String what) throws Undecodable {
    if (this instanceof Text text && !text.text().isEmpty()) {
      return text.text();
    }
    throw unexpected(what, "a text");
  }

  default boolean asBoolean(String what) throws Undecodable {
    if (this instanceof Bool bool) {
      return bool.value();
    }
    throw unexpected(what, "true or false");
  }

  /// A moment as milliseconds since 1970; from 15 digits on as microseconds (what Binance sends
  /// when it is asked for them has 16).
  default Instant asEpoch(String what) throws Undecodable {
    long value = asWhole(what);
    if (value >= 100_000_000_000_000_000L) {
      throw unexpected(what, "a time in milliseconds or microseconds");
    }
    return value < 100_000_000_000_000L
        ? Instant.ofEpochMilli(value)
        : Instant.ofEpochSecond(value / 1_000_000, value % 1_000_000 * 1_000);
  }

  /// A moment as seconds since 1970, at most in the year 5138.
  default Instant asEpochSeconds(String what) throws Undecodable {
    long value = asWhole(what);
    if (value >= 100_000_000_000L) {
      throw unexpected(what, "a time in seconds");
    }
    return Instant.ofEpochSecond(value);
  }

  /// An ISO 8601 text with an offset, in the years 1 to 9999.
  default Instant asIso(String what) throws Undecodable {
    String text = asText(what);
    try {
      Instant time = DateTimeFormatter.ISO_OFFSET_DATE_TIME.parse(text, Instant::from);
      if (time.isBefore(Instant.parse("0001-01-01T00:00:00Z"))
          || !time.isBefore(Instant.parse("+10000-01-01T00:00:00Z"))) {
        throw unexpected(what, "a time in the years 1 to 9999");
      }
      return time;
    } catch (DateTimeException e) {
      throw new Undecodable(
          offset(), what + " must be an ISO 8601 time with an offset, was " + shown());
    }
  }

  private @Nullable String numberText() {
    return switch (this) {
      case Num number -> number.literal();
      case Text text -> text.text();
      case Obj _, Arr _, Bool _, Nul _ -> null;
    };
  }

  private static boolean digits(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) < '0' || text.charAt(i) > '9') {
        return false;
      }
    }
    return true;
  }

  private Undecodable unexpected(String what, String wanted) {
    return new Undecodable(offset(), what + " must be " + wanted + ", was " + shown());
  }

  /// @param fields in the payload's order; of a repeated name the last
  record Obj(long offset, Map<String, JsonValue> fields) implements JsonValue {
    @Override
    public String shown() {
      return "an object";
    }

    /// Whether the field is there and not `null`.
    public boolean has(String name) {
      return find(name) != null;
    }

    /// The field, or null when it is absent or `null`.
    public @Nullable JsonValue find(String name) {
      JsonValue value = fields.get(name);
      return value instanceof Nul ? null : value;
    }

    /// @throws Undecodable when the field is absent
    public JsonValue get(String name) throws Undecodable {
      JsonValue value = fields.get(name);
      if (value == null) {
        throw new Undecodable(offset, "\"" + name + "\" is missing");
      }
      return value;
    }

    public Decimal decimal(String name) throws Undecodable {
      return get(name).asDecimal(quoted(name));
    }

    public @Nullable Decimal decimalOrNull(String name) throws Undecodable {
      JsonValue value = find(name);
      return value == null ? null : value.asDecimalOrNull(quoted(name));
    }

    public String text(String name) throws Undecodable {
      return get(name).asText(quoted(name));
    }

    /// Null when absent, `null` or empty.
    public @Nullable String textOrNull(String name) throws Undecodable {
      JsonValue value = find(name);
      return value == null || (value instanceof Text text && text.text().isEmpty())
          ? null
          : value.asText(quoted(name));
    }

    public @Nullable Boolean booleanOrNull(String name) throws Undecodable {
      JsonValue value = find(name);
      return value == null ? null : (Boolean) value.asBoolean(quoted(name));
    }

    public @Nullable String idOrNull(String name) throws Undecodable {
      JsonValue value = find(name);
      return value == null ? null : value.asId(quoted(name));
    }

    public @Nullable Instant epochOrNull(String name) throws Undecodable {
      JsonValue value = find(name);
      return value == null ? null : value.asEpoch(quoted(name));
    }

    private static String quoted(String name) {
      return "\"" + name + "\"";
    }
  }

  record Arr(long offset, List<JsonValue> items) implements JsonValue {
    @Override
    public String shown() {
      return "an array of " + items.size();
    }

    /// @throws Undecodable when there are not that many
    public JsonValue at(int index, String what) throws Undecodable {
      if (index >= items.size()) {
        throw new Undecodable(
            offset, "%s is missing: the array has only %d items".formatted(what, items.size()));
      }
      return items.get(index);
    }
  }

  record Text(long offset, String text) implements JsonValue {
    @Override
    public String shown() {
      return text.length() <= 40 ? "\"" + text + "\"" : "\"" + text.substring(0, 40) + "…\"";
    }
  }

  record Num(long offset, String literal) implements JsonValue {
    @Override
    public String shown() {
      return literal.length() <= 40 ? literal : literal.substring(0, 40) + "…";
    }
  }

  record Bool(long offset, boolean value) implements JsonValue {
    @Override
    public String shown() {
      return Boolean.toString(value);
    }
  }

  record Nul(long offset) implements JsonValue {
    @Override
    public String shown() {
      return "null";
    }
  }
}
