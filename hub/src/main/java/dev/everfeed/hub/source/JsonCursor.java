package dev.everfeed.hub.source;

import dev.everfeed.core.model.Tick;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/// Looks at one JSON text in its bytes and allocates nothing: the fields of an object by name,
/// in any order, then numbers, times and texts where they stand.
///
/// It is a shortcut and not a judge: what it takes is what [JsonReader] takes, with the same
/// meaning, and whatever it is not sure of it declines, so that the reader may decide. Declined
/// are escapes, a field that is there twice, more than 18 digits, exponents, depth beyond
/// [#DEPTH_MAX], and all that is not JSON (RFC 8259) in strict UTF-8.
///
/// Usage: [#reset], then [#object], then read values at the places that it found. A place is an
/// index into the bytes of the frame. Owned by one thread.
public final class JsonCursor {
  /// The place of a field that is not there.
  public static final int ABSENT = -1;

  /// Objects and arrays within each other; frames that come all day have two.
  static final int DEPTH_MAX = 16;

  /// Bytes of a name or a number; [JsonReader] takes 1,000.
  private static final int TOKEN_MAX = 255;

  private static final int DIGITS_MAX = 18;
  private static final int SCALE_MAX = 18;
  private static final int ID_MAX = 40;

  /// Moments up to the year 2255 fit into nanoseconds of the epoch.
  private static final long MILLIS_END = 9_000_000_000_000L;

  private static final long MICROS_BEGIN = 100_000_000_000_000L;
  private static final long MICROS_END = MILLIS_END * 1_000;
  private static final int YEAR_MIN = 1970;
  private static final int YEAR_MAX = 2254;

  private static final int FAILED = -1;

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final int EIGHT = 8;
  private static final long LONG_OF_BYTES = 0x0101_0101_0101_0101L;
  private static final long ZEROS = LONG_OF_BYTES * '0';

  private byte[] bytes = {};
  private int to;
  private int at;

  private long mantissa;
  private int scale;
  private int textFrom;
  private int textTo;

  /// Begins with the first value of `frame[from, to)`.
  public void reset(byte[] frame, int from, int to) {
    this.bytes = frame;
    this.to = to;
    this.at = blank(from);
  }

  /// Goes to a value that [#object] found.
  public void moveTo(int place) {
    at = place;
  }

  /// Whether nothing but blanks is left.
  public boolean atEnd() {
    return blank(at) == to;
  }

  /// Reads the object at the cursor to its end, whatever is in it.
  ///
  /// @param names  the fields that matter
  /// @param places takes where their values begin, by the number of the name, or [#ABSENT]
  /// @return false when it was declined
  public boolean object(NameTable names, int[] places) {
    Arrays.fill(places, ABSENT);
    int i = at;
    if (i >= to || bytes[i] != '{') {
      return false;
    }
    i = blank(i + 1);
    if (i < to && bytes[i] == '}') {
      at = i + 1;
      return true;
    }
    while (true) {
      int name = i;
      i = name(i);
      if (i == FAILED) {
        return false;
      }
      int field = names.find(bytes, name + 1, textTo);
      if (field != NameTable.NONE) {
        if (places[field] != ABSENT) {
          return false;
        }
        places[field] = i;
      }
      i = value(i, 1);
      if (i == FAILED) {
        return false;
      }
      i = blank(i);
      if (i >= to) {
        return false;
      }
      if (bytes[i] == '}') {
        at = i + 1;
        return true;
      }
      if (bytes[i] != ',') {
        return false;
      }
      i = blank(i + 1);
    }
  }

  /// The place of the first item of the array at a place that [#object] found; [#ABSENT] when
  /// there is none, or no array.
  public int firstItem(int place) {
    if (place == ABSENT || bytes[place] != '[') {
      return ABSENT;
    }
    int i = blank(place + 1);
    return bytes[i] == ']' ? ABSENT : i;
  }

  /// The place of the item behind one that was found so; [#ABSENT] behind the last.
  public int nextItem(int item) {
    int i = blank(value(item, 1));
    return bytes[i] == ',' ? blank(i + 1) : ABSENT;
  }

  /// Whether there is an array at a place, and nothing in it.
  public boolean isEmptyArray(int place) {
    return place != ABSENT && bytes[place] == '[' && bytes[blank(place + 1)] == ']';
  }

  /// A name and its colon; leaves the end of the name in [#textTo] and gives where the value
  /// begins.
  private int name(int begin) {
    if (begin >= to || bytes[begin] != '"') {
      return FAILED;
    }
    int end = string(begin);
    if (end == FAILED || end - begin > TOKEN_MAX) {
      return FAILED;
    }
    textTo = end - 1;
    int colon = blank(end);
    return colon < to && bytes[colon] == ':' ? blank(colon + 1) : FAILED;
  }

  /// Where the value that begins at `i` ends.
  private int value(int i, int depth) {
    if (i >= to) {
      return FAILED;
    }
    return switch (bytes[i]) {
      case '"' -> string(i);
      case '{' -> depth < DEPTH_MAX ? members(i + 1, depth + 1) : FAILED;
      case '[' -> depth < DEPTH_MAX ? items(i + 1, depth + 1) : FAILED;
      case 't' -> word(i, 'r', 'u', 'e');
      case 'n' -> word(i, 'u', 'l', 'l');
      case 'f' -> i + 5 <= to && bytes[i + 1] == 'a' ? word(i + 1, 'l', 's', 'e') : FAILED;
      case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9' -> bare(i);
      default -> FAILED;
    };
  }

  private int members(int begin, int depth) {
    int i = blank(begin);
    if (i < to && bytes[i] == '}') {
      return i + 1;
    }
    while (true) {
      i = name(i);
      if (i == FAILED) {
        return FAILED;
      }
      i = value(i, depth);
      if (i == FAILED) {
        return FAILED;
      }
      i = blank(i);
      if (i >= to) {
        return FAILED;
      }
      if (bytes[i] == '}') {
        return i + 1;
      }
      if (bytes[i] != ',') {
        return FAILED;
      }
      i = blank(i + 1);
    }
  }

  private int items(int begin, int depth) {
    int i = blank(begin);
    if (i < to && bytes[i] == ']') {
      return i + 1;
    }
    while (true) {
      i = value(i, depth);
      if (i == FAILED) {
        return FAILED;
      }
      i = blank(i);
      if (i >= to) {
        return FAILED;
      }
      if (bytes[i] == ']') {
        return i + 1;
      }
      if (bytes[i] != ',') {
        return FAILED;
      }
      i = blank(i + 1);
    }
  }

  /// The three letters after the one at `i`.
  private int word(int i, char second, char third, char fourth) {
    return i + 4 <= to && bytes[i + 1] == second && bytes[i + 2] == third && bytes[i + 3] == fourth
        ? i + 4
        : FAILED;
  }

  private int bare(int begin) {
    int i = bytes[begin] == '-' ? begin + 1 : begin;
    if (i >= to) {
      return FAILED;
    }
    if (bytes[i] == '0') {
      i++;
    } else {
      int first = i;
      i = digits(i);
      if (i == first) {
        return FAILED;
      }
    }
    if (i < to && bytes[i] == '.') {
      int first = i + 1;
      i = digits(first);
      if (i == first) {
        return FAILED;
      }
    }
    if (i < to && (bytes[i] == 'e' || bytes[i] == 'E')) {
      i++;
      if (i < to && (bytes[i] == '+' || bytes[i] == '-')) {
        i++;
      }
      int first = i;
      i = digits(first);
      if (i == first) {
        return FAILED;
      }
    }
    return i - begin <= TOKEN_MAX ? i : FAILED;
  }

  /// Where the digits that begin at `begin` end, eight bytes at a time.
  private int digits(int begin) {
    byte[] frame = bytes;
    int end = to;
    int i = begin;
    while (i + EIGHT <= end) {
      long others = othersThanDigits((long) LONG.get(frame, i));
      if (others != 0) {
        return i + (Long.numberOfTrailingZeros(others) >>> 3);
      }
      i += EIGHT;
    }
    while (i < end && (frame[i] - '0' & 0xff) <= 9) {
      i++;
    }
    return i;
  }

  /// The highest bit of the first byte that is no digit is set, and none before it; what comes
  /// after it says nothing.
  private static long othersThanDigits(long word) {
    long digits = word ^ ZEROS; // 0 to 9, or more
    return (digits + LONG_OF_BYTES * (0x7f - 9) | digits) & LONG_OF_BYTES << 7;
  }

  /// The highest bit of the first byte that is not of the plain text of a string is set, and none
  /// before it; what comes after it says nothing. Not plain are a quote, a backslash, a control
  /// character, and all that is not ASCII.
  private static long othersThanText(long word) {
    long quotes = word ^ LONG_OF_BYTES * '"';
    long backslashes = word ^ LONG_OF_BYTES * '\\';
    return (quotes - LONG_OF_BYTES & ~quotes
            | backslashes - LONG_OF_BYTES & ~backslashes
            | word - LONG_OF_BYTES * ' ' & ~word
            | word)
        & LONG_OF_BYTES << 7;
  }

  /// The number of eight digits (D. Lemire, "Quickly parsing eight digits", 2018).
  private static long numberOfEight(long word) {
    long digits = word - ZEROS;
    long pairs = digits * 10 + (digits >>> 8);
    return ((pairs & 0xff_0000_00ffL) * (100 + (1_000_000L << 32))
            + (pairs >>> 16 & 0xff_0000_00ffL) * (1 + (10_000L << 32)))
        >>> 32;
  }

  /// From the opening quote to behind the closing one.
  private int string(int begin) {
    byte[] frame = bytes;
    int end = to;
    int i = begin + 1;
    while (i < end) {
      if (i + EIGHT <= end) {
        long others = othersThanText((long) LONG.get(frame, i));
        if (others == 0) {
          i += EIGHT;
          continue;
        }
        i += Long.numberOfTrailingZeros(others) >>> 3;
      }
      byte b = frame[i];
      if (b == '"') {
        return i + 1;
      }
      if (b >= ' ' && b != '\\') {
        i++;
      } else if (b < 0) {
        int length = character(i);
        if (length == FAILED) {
          return FAILED;
        }
        i += length;
      } else {
        return FAILED;
      }
    }
    return FAILED;
  }

  /// Bytes of the character beyond ASCII at `i` (RFC 3629, section 4).
  private int character(int i) {
    int first = bytes[i] & 0xff;
    int least = 0x80;
    int most = 0xbf;
    int length;
    if (first >= 0xc2 && first <= 0xdf) {
      length = 2;
    } else if (first >= 0xe0 && first <= 0xef) {
      length = 3;
      least = first == 0xe0 ? 0xa0 : least;
      most = first == 0xed ? 0x9f : most;
    } else if (first >= 0xf0 && first <= 0xf4) {
      length = 4;
      least = first == 0xf0 ? 0x90 : least;
      most = first == 0xf4 ? 0x8f : most;
    } else {
      return FAILED;
    }
    if (i + length > to) {
      return FAILED;
    }
    for (int k = 1; k < length; k++) {
      int next = bytes[i + k] & 0xff;
      if (next < least || next > most) {
        return FAILED;
      }
      least = 0x80;
      most = 0xbf;
    }
    return length;
  }

  /// The first byte from `begin` on that is no blank; mostly there is none.
  private int blank(int begin) {
    return begin < to && bytes[begin] > ' ' ? begin : behindBlanks(begin);
  }

  private int behindBlanks(int begin) {
    int i = begin;
    while (i < to
        && (bytes[i] == ' ' || bytes[i] == '\n' || bytes[i] == '\r' || bytes[i] == '\t')) {
      i++;
    }
    return i;
  }

  /// Reads the decimal number at a place, bare or in a string, into [#mantissa] and [#scale].
  ///
  /// @return false when it is none, or does not fit
  public boolean number(int place) {
    if (place == ABSENT) {
      return false;
    }
    byte[] frame = bytes;
    boolean quoted = frame[place] == '"';
    int i = quoted ? place + 1 : place;
    boolean negative = frame[i] == '-';
    if (negative) {
      i++;
    }
    long value = 0;
    int first = i;
    int digit = frame[i] - '0' & 0xff;
    while (digit <= 9) {
      value = value * 10 + digit;
      digit = frame[++i] - '0' & 0xff;
    }
    int whole = i - first;
    int fraction = 0;
    if (frame[i] == '.') {
      int point = i;
      digit = frame[++i] - '0' & 0xff;
      while (digit <= 9) {
        value = value * 10 + digit;
        digit = frame[++i] - '0' & 0xff;
      }
      fraction = i - point - 1;
      if (fraction == 0) {
        return false;
      }
    }
    byte end = frame[i];
    int most = frame[first] == '0' ? DIGITS_MAX + 1 : DIGITS_MAX;
    if (whole == 0
        || whole + fraction > most
        || fraction > SCALE_MAX
        || (quoted ? end != '"' : end == 'e' || end == 'E')) {
      return false;
    }
    mantissa = negative ? -value : value;
    scale = fraction;
    return true;
  }

  /// What [#number] read: `mantissa * 10^-scale`, less than 10^18 either way.
  public long mantissa() {
    return mantissa;
  }

  /// 0 to 18.
  public int scale() {
    return scale;
  }

  /// Reads the number at a place into the tick.
  ///
  /// @return false when it is none, or does not fit
  public boolean number(int place, Tick tick, int index) {
    if (!number(place)) {
      return false;
    }
    tick.setNumber(index, mantissa, scale);
    return true;
  }

  /// The whole number at a place, bare or in a string, of at most 18 digits and not negative;
  /// [Tick#NONE] when it is none.
  public long whole(int place) {
    if (!id(place) || textTo - textFrom > SCALE_MAX) {
      return Tick.NONE;
    }
    long value = 0;
    int i = textFrom;
    while (i + EIGHT <= textTo) {
      value = value * 100_000_000 + numberOfEight((long) LONG.get(bytes, i));
      i += EIGHT;
    }
    for (; i < textTo; i++) {
      value = value * 10 + (bytes[i] - '0');
    }
    return value;
  }

  /// Reads the id at a place, 1 to 40 digits, bare or in a string; its digits are at
  /// [#textFrom].
  public boolean id(int place) {
    if (place == ABSENT) {
      return false;
    }
    boolean quoted = bytes[place] == '"';
    int from = quoted ? place + 1 : place;
    int end = digits(from);
    byte next = end < to ? bytes[end] : 0;
    if (end == from
        || end - from > ID_MAX
        || (quoted ? next != '"' : next == '.' || next == 'e' || next == 'E')) {
      return false;
    }
    textFrom = from;
    textTo = end;
    return true;
  }

  /// Reads the string at a place; its bytes are from [#textFrom] to [#textTo].
  ///
  /// @return false when it is no string, or an empty one
  public boolean text(int place) {
    if (place == ABSENT || bytes[place] != '"') {
      return false;
    }
    textFrom = place + 1;
    textTo = string(place) - 1;
    return textTo > textFrom;
  }

  /// Where the digits or the text begin that were read last.
  public int textFrom() {
    return textFrom;
  }

  /// The byte behind them.
  public int textTo() {
    return textTo;
  }

  /// The number of the text at a place in a table, [NameTable#NONE] when it is no text or not
  /// there.
  public int name(int place, NameTable table) {
    return text(place) ? table.find(bytes, textFrom, textTo) : NameTable.NONE;
  }

  public boolean isTrue(int place) {
    return place != ABSENT && bytes[place] == 't';
  }

  public boolean isFalse(int place) {
    return place != ABSENT && bytes[place] == 'f';
  }

  /// The moment at a place in nanoseconds of the epoch, given as milliseconds, or from 15 digits
  /// on as microseconds; [Tick#NONE] when it is none ([JsonValue#asEpoch]).
  public long epochNanos(int place) {
    long value = whole(place);
    if (value == Tick.NONE || value >= MICROS_END) {
      return Tick.NONE;
    }
    if (value >= MICROS_BEGIN) {
      return value * 1_000;
    }
    return value < MILLIS_END ? value * 1_000_000 : Tick.NONE;
  }

  /// The moment at a place in nanoseconds of the epoch, given as `2021-04-17T16:43:37.121358Z`
  /// with up to nine digits after the point; [Tick#NONE] for every other form
  /// ([JsonValue#asIso] knows more).
  public long isoNanos(int place) {
    if (!text(place)) {
      return Tick.NONE;
    }
    int from = textFrom;
    int length = textTo - from;
    if (length < 20
        || bytes[from + 4] != '-'
        || bytes[from + 7] != '-'
        || bytes[from + 10] != 'T'
        || bytes[from + 13] != ':'
        || bytes[from + 16] != ':'
        || bytes[textTo - 1] != 'Z') {
      return Tick.NONE;
    }
    int year = two(from) * 100 + two(from + 2);
    int month = two(from + 5);
    int day = two(from + 8);
    int hour = two(from + 11);
    int minute = two(from + 14);
    int second = two(from + 17);
    // of what is no digit the pair is far below 0, and so is a year made of one
    if (year < YEAR_MIN
        || year > YEAR_MAX
        || month < 1
        || month > 12
        || day < 1
        || day > daysOf(year, month)
        || hour < 0
        || hour > 23
        || minute < 0
        || minute > 59
        || second < 0
        || second > 59) {
      return Tick.NONE;
    }
    int nanos = length == 20 ? 0 : fraction(from + 19, textTo - 1);
    if (nanos < 0) {
      return Tick.NONE;
    }
    long seconds = epochDay(year, month, day) * 86_400 + hour * 3_600L + minute * 60L + second;
    return seconds * 1_000_000_000 + nanos;
  }

  /// Two digits, or less than -9,999.
  private int two(int i) {
    int tens = bytes[i] - '0';
    int ones = bytes[i + 1] - '0';
    return tens < 0 || tens > 9 || ones < 0 || ones > 9 ? -1_000_000 : tens * 10 + ones;
  }

  /// `.121358` in nanoseconds, or less than 0.
  private int fraction(int from, int end) {
    int count = end - from - 1;
    if (bytes[from] != '.' || count < 1 || count > 9) {
      return -1;
    }
    int value = 0;
    for (int i = 1; i <= 9; i++) {
      int digit = i <= count ? bytes[from + i] - '0' : 0;
      if (digit < 0 || digit > 9) {
        return -1;
      }
      value = value * 10 + digit;
    }
    return value;
  }

  private static int daysOf(int year, int month) {
    return switch (month) {
      case 2 -> isLeap(year) ? 29 : 28;
      case 4, 6, 9, 11 -> 30;
      default -> 31;
    };
  }

  private static boolean isLeap(int year) {
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  }

  /// Days since 1970-01-01, the year beginning in March so that the leap day is its last
  /// (the proleptic calendar of [java.time.LocalDate#toEpochDay]).
  private static long epochDay(int year, int month, int day) {
    int y = month <= 2 ? year - 1 : year;
    int era = y / 400;
    int ofEra = y - era * 400;
    int ofYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    int days = ofEra * 365 + ofEra / 4 - ofEra / 100 + ofYear;
    return era * 146_097L + days - 719_468;
  }
}
