package dev.everfeed.simulator.venue;

/// JSON as venues write it: no blanks, commas where they belong. Mutable, for one answer.
final class JsonText implements CharSequence {
  private final StringBuilder out = new StringBuilder(512);

  JsonText object() {
    comma();
    out.append('{');
    return this;
  }

  JsonText array() {
    comma();
    out.append('[');
    return this;
  }

  JsonText endObject() {
    out.append('}');
    return this;
  }

  JsonText endArray() {
    out.append(']');
    return this;
  }

  JsonText name(String name) {
    comma();
    out.append('"').append(name).append("\":");
    return this;
  }

  /// A string; the venues' texts have nothing that must be escaped but quotes and backslashes.
  JsonText text(String value) {
    comma();
    out.append('"').append(value.replace("\\", "\\\\").replace("\"", "\\\"")).append('"');
    return this;
  }

  JsonText text(String name, String value) {
    return name(name).text(value);
  }

  /// A number, `true`, `null` or a whole piece of JSON, as it stands.
  JsonText raw(CharSequence value) {
    comma();
    out.append(value);
    return this;
  }

  JsonText raw(String name, CharSequence value) {
    return name(name).raw(value);
  }

  JsonText number(long value) {
    comma();
    out.append(value);
    return this;
  }

  JsonText number(String name, long value) {
    return name(name).number(value);
  }

  /// `3701.23` for 370123000000, `5` for 500000000: no zeros at the end.
  static String plain(long e8) {
    return decimal(e8, 8, 0);
  }

  /// `3701.2300` for 370123000000 and 4 digits; further digits are cut off.
  static String fixed(long e8, int digits) {
    return decimal(e8, digits, digits);
  }

  /// `-0.0068` for -0.00678 and 4 digits, rounded.
  static String share(double value, int digits) {
    double scale = StrictMath.pow(10, digits);
    long e8 = Math.round(value * scale) * Math.round(1e8 / scale);
    return (e8 < 0 ? "-" : "") + fixed(Math.abs(e8), digits);
  }

  private static String decimal(long e8, int digits, int atLeast) {
    long whole = e8 / 100_000_000;
    String fraction = Long.toString(100_000_000 + e8 % 100_000_000).substring(1, 1 + digits);
    int end = digits;
    while (end > atLeast && fraction.charAt(end - 1) == '0') {
      end--;
    }
    return end == 0 ? Long.toString(whole) : whole + "." + fraction.substring(0, end);
  }

  private void comma() {
    if (!out.isEmpty()) {
      char last = out.charAt(out.length() - 1);
      if (last != '{' && last != '[' && last != ':') {
        out.append(',');
      }
    }
  }

  @Override
  public int length() {
    return out.length();
  }

  @Override
  public char charAt(int index) {
    return out.charAt(index);
  }

  @Override
  public CharSequence subSequence(int start, int end) {
    return out.subSequence(start, end);
  }

  @Override
  public String toString() {
    return out.toString();
  }
}
