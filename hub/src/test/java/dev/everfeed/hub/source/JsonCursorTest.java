package dev.everfeed.hub.source;

import static org.assertj.core.api.Assertions.assertThat;

import dev.everfeed.core.model.Decimal;
import dev.everfeed.core.model.Tick;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What the cursor takes, the reader takes too, with the same meaning.
class JsonCursorTest {
  private static final NameTable NAMES = new NameTable(List.of("a", "b"));

  private final JsonCursor cursor = new JsonCursor();
  private final int[] places = new int[NAMES.size()];
  private final RandomGenerator random =
      RandomGeneratorFactory.of("L64X128MixRandom").create(20_261_122);

  @Test
  void itemsOfAnArrayAreFoundOneAfterTheOther() {
    String json = "{\"a\": [ 1.5 , [2,3] ,{\"b\":[4]}, \"]\" ],\"b\":[ ]}";
    byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
    cursor.reset(bytes, 0, bytes.length);
    assertThat(cursor.object(NAMES, places)).isTrue();

    StringBuilder found = new StringBuilder();
    for (int item = cursor.firstItem(places[0]);
        item != JsonCursor.ABSENT;
        item = cursor.nextItem(item)) {
      found.append((char) bytes[item]);
    }
    assertThat(found).hasToString("1[{\"");
    assertThat(cursor.isEmptyArray(places[0])).isFalse();
    assertThat(cursor.firstItem(places[1])).isEqualTo(JsonCursor.ABSENT);
    assertThat(cursor.isEmptyArray(places[1])).isTrue();
    int number = cursor.firstItem(places[0]);
    assertThat(cursor.firstItem(number)).as("of what is no array").isEqualTo(JsonCursor.ABSENT);
    assertThat(cursor.isEmptyArray(number)).isFalse();
    assertThat(cursor.firstItem(JsonCursor.ABSENT)).isEqualTo(JsonCursor.ABSENT);
    assertThat(cursor.isEmptyArray(JsonCursor.ABSENT)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        " {\t\"a\" : 1 ,\n\"b\":{\"a\":[1,{},[]]},\r\"c\":null} ",
        "{\"c\":true,\"b\":false,\"a\":-0.5e+10}",
        "{\"b\":\"\u00e9\u5e01\ud83d\ude00\u007f\",\"a\":\"\"}",
        "{\"\":[0,-0,1.0,10,1E5,1e-5]}"
      })
  void jsonIsTaken(String json) throws Undecodable {
    assertThat(isTaken(json)).isTrue();
    JsonReader.read(json.getBytes(StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "7",
        "[]",
        "null",
        "{",
        "{}}",
        "{}x",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{,\"a\":1}",
        "{\"a\":1 \"b\":2}",
        "{\"a\":1;\"b\":2}",
        "{a:1}",
        "{'a':1}",
        "{\"a\":01}",
        "{\"a\":1.}",
        "{\"a\":.5}",
        "{\"a\":+1}",
        "{\"a\":-}",
        "{\"a\":1e}",
        "{\"a\":1e+}",
        "{\"a\":0x1}",
        "{\"a\":NaN}",
        "{\"a\":nul}",
        "{\"a\":nulll}",
        "{\"a\":True}",
        "{\"a\":falsy}",
        "{\"a\":fals",
        "{\"a\":\"1}",
        "{\"a\":\"\n\"}",
        "{\"a\":\"\u0000\"}",
        "{\"a\":[1,]}",
        "{\"a\":[1 2]}",
        "{\"a\":[1}",
        "{\"a\":{]}",
        "{\"a\":1}{\"a\":1}",
        "\ufeff{\"a\":1}",
        "{\"a\":1}\u0000",
        "{/**/}"
      })
  void whatIsNotJsonIsDeclined(String json) {
    assertThat(isTaken(json)).isFalse();
  }

  /// JSON, but left to the reader.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"a\":1,\"a\":2}",
        "{\"\\u0061\":1}",
        "{\"c\":\"\\n\"}",
        "{\"c\":[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]}"
      })
  void whatIsUnusualIsDeclined(String json) throws Undecodable {
    assertThat(isTaken(json)).isFalse();
    JsonReader.read(json.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void bytesThatAreNotUtf8AreDeclinedAsTheReaderRefusesThem() {
    byte[] frame = "{\"a\":\"......\"}".getBytes(StandardCharsets.UTF_8);
    int taken = 0;
    for (int i = 0; i < 500_000; i++) {
      for (int k = 0; k < 4; k++) {
        // mostly lead and following bytes near the borders
        frame[6 + k] = (byte)
            (random.nextInt(4) == 0
                ? random.nextInt(256)
                : k == 0 ? 0xc0 + random.nextInt(64) : 0x7e + random.nextInt(68));
      }
      if (isTaken(frame)) {
        taken++;
        assertThat(isRead(frame))
            .as("%x %x %x %x", frame[6], frame[7], frame[8], frame[9])
            .isTrue();
      } else if (i % 20 == 0) {
        boolean plain = true;
        for (int k = 6; k < 10; k++) {
          plain &= frame[k] != '"' && frame[k] != '\\' && (frame[k] < 0 || frame[k] >= ' ');
        }
        if (plain) {
          assertThat(isRead(frame))
              .as("%x %x %x %x", frame[6], frame[7], frame[8], frame[9])
              .isFalse();
        }
      }
    }
    assertThat(taken).isGreaterThan(1_000);
  }

  @Test
  void everyPlaceIsThatOfTheValue() {
    byte[] frame =
        "{\"x\":[{\"a\":9}], \"b\" : \"12.50\",\"a\":7}".getBytes(StandardCharsets.UTF_8);

    assertThat(isTaken(frame)).isTrue();
    assertThat(cursor.number(places[1])).isTrue();
    assertThat(cursor.mantissa()).isEqualTo(1_250);
    assertThat(cursor.scale()).isEqualTo(2);
    assertThat(cursor.whole(places[0])).isEqualTo(7);
    assertThat(cursor.number(JsonCursor.ABSENT)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0",
        "-0",
        "1",
        "-1.5",
        "0.001",
        "33.82000000",
        "999999999999999999",
        "0.999999999999999999",
        "-0.000000000000000001",
        "123456789.123456789"
      })
  void aNumberIsThatOfTheReader(String text) {
    for (String value : List.of(text, "\"" + text + "\"")) {
      assertThat(isTaken("{\"a\":" + value + "}")).isTrue();
      assertThat(cursor.number(places[0])).as(value).isTrue();
      assertThat(Decimal.of(cursor.mantissa(), cursor.scale()))
          .hasToString(Decimal.parse(text).toString());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1000000000000000000",
        "0.0000000000000000001",
        "1e3",
        "1.5E-2",
        "\"\"",
        "\"-\"",
        "\"+1\"",
        "\".5\"",
        "\"5.\"",
        "\"1.2.3\"",
        "\"1 \"",
        "\" 1\"",
        "\"NaN\"",
        "\"1e3\"",
        "null",
        "true",
        "[1]",
        "{}"
      })
  void whatIsNoSmallNumberIsDeclined(String value) {
    assertThat(isTaken("{\"a\":" + value + "}")).isTrue();
    assertThat(cursor.number(places[0])).isFalse();
  }

  @Test
  void aMomentIsThatOfTheReader() throws Undecodable {
    int taken = 0;
    for (int i = 0; i < 100_000; i++) {
      String text = "%04d-%02d-%02dT%02d:%02d:%02d%sZ"
          .formatted(
              1960 + random.nextInt(310),
              random.nextInt(14),
              random.nextInt(33),
              random.nextInt(26),
              random.nextInt(62),
              random.nextInt(62),
              random.nextInt(3) == 0
                  ? ""
                  : "." + Long.toString(random.nextLong(1L << 40)).substring(0, 1));
      long nanos = iso(text);
      Instant read = read("\"" + text + "\"");
      if (nanos != Tick.NONE) {
        taken++;
        assertThat(Instant.ofEpochSecond(0, nanos)).as(text).isEqualTo(read);
      } else if (read != null) {
        assertThat(read.toString())
            .as("declined without need")
            .matches(t -> t.compareTo("1970") < 0 || t.compareTo("2255") >= 0);
      }
    }
    assertThat(taken).isGreaterThan(50_000);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "2021-04-17T16:43:37.121358+02:00",
        "2021-04-17T16:43Z",
        "2021-04-17t16:43:37z",
        "2021-04-17 16:43:37Z",
        "2021-04-17T16:43:37",
        "2021-04-17T16:43:37.Z",
        "2021-04-17T16:43:37.1234567890Z",
        "2021-04-17T16:43:37,5Z",
        "2021-04-17T16:43:37.12x4Z",
        "2021/04/17T16:43:37Z",
        "2021-4-17T16:43:37.1Z",
        "+2021-04-17T16:43:37Z",
        "-021-04-17T16:43:37Z",
        "2o21-04-17T16:43:37Z",
        "20210417T164337Z",
        "Z"
      })
  void otherFormsOfAMomentAreDeclined(String text) {
    assertThat(iso(text)).isEqualTo(Tick.NONE);
  }

  @Test
  void nineDigitsOfASecondAreKept() {
    assertThat(iso("2021-04-17T16:43:37.000000001Z")).isEqualTo(1_618_677_817_000_000_001L);
    assertThat(iso("2020-02-29T00:00:00.999999999Z")).isEqualTo(1_582_934_400_999_999_999L);
    assertThat(iso("1970-01-01T00:00:00Z")).isZero();
  }

  @Test
  void millisecondsAndMicrosecondsAreThoseOfTheReader() throws Undecodable {
    for (int i = 0; i < 20_000; i++) {
      String text = Long.toString(random.nextLong(Long.MAX_VALUE)).substring(0, 1)
          + Long.toString(random.nextLong(Long.MAX_VALUE >> random.nextInt(60)));
      assertThat(isTaken("{\"a\":" + text + "}")).isTrue();
      long nanos = cursor.epochNanos(places[0]);
      if (nanos != Tick.NONE) {
        assertThat(Instant.ofEpochSecond(0, nanos))
            .as(text)
            .isEqualTo(new JsonValue.Num(0, text).asEpoch("the time"));
      } else {
        assertThat(text.length()).isGreaterThan(12);
      }
    }
  }

  @Test
  void anIdIsDigits() {
    assertThat(isTaken("{\"a\":12345678901234567890,\"b\":\"007\"}")).isTrue();
    assertThat(cursor.id(places[0])).isTrue();
    assertThat(cursor.textTo() - cursor.textFrom()).isEqualTo(20);
    assertThat(cursor.whole(places[0])).isEqualTo(Tick.NONE);
    assertThat(cursor.id(places[1])).isTrue();
    assertThat(cursor.whole(places[1])).isEqualTo(7);
    for (String value : List.of("-1", "1.0", "1e2", "\"\"", "\"1a\"", "\"1.0\"", "null", "[]")) {
      assertThat(isTaken("{\"a\":" + value + "}")).isTrue();
      assertThat(cursor.id(places[0])).as(value).isFalse();
    }
  }

  /// Digits are looked at eight at a time: each byte there is, behind each number of them, with
  /// each other byte behind that.
  @Test
  void digitsEndWhereTheFirstOtherByteIs() {
    for (int count = 0; count <= 20; count++) {
      for (int other = 0; other < 256; other++) {
        byte[] frame = new byte[32];
        for (int i = 0; i < frame.length; i++) {
          frame[i] = (byte) (i < count ? '0' + random.nextInt(10) : random.nextInt(256));
        }
        frame[count] = (byte) other;
        if (other < '0' || other > '9') {
          cursor.reset(frame, 0, count + 1 + random.nextInt(frame.length - count));
          boolean isOne = count > 0 && other != '.' && other != 'e' && other != 'E';
          assertThat(cursor.id(0)).as("%d digits, then %d", count, other).isEqualTo(isOne);
          if (isOne) {
            assertThat(cursor.textTo()).isEqualTo(count);
          }
        }
      }
    }
  }

  /// A string, too: each byte there is at each place among eight, in a text that goes on.
  @Test
  void aTextEndsAtItsQuoteAndTakesNoByteThatTheReaderDoesNot() {
    for (int place = 0; place < 20; place++) {
      for (int other = 0; other < 256; other++) {
        byte[] text = "{\"a\":\"abcdefghij klmnopqrst\"}".getBytes(StandardCharsets.US_ASCII);
        text[6 + place] = (byte) other;
        boolean isPlain = other >= ' ' && other < 0x80 && other != '"' && other != '\\';
        assertThat(isTaken(text)).as("%d at %d", other, place).isEqualTo(isPlain);
        if (isPlain) {
          assertThat(cursor.text(places[0])).isTrue();
          assertThat(cursor.textTo() - cursor.textFrom()).isEqualTo(21);
        }
      }
    }
  }

  @Test
  void aWholeNumberIsThatOfItsDigits() {
    for (int i = 0; i < 100_000; i++) {
      long number = random.nextLong(1_000_000_000_000_000_000L) >> random.nextInt(60);
      byte[] frame = Long.toString(number).getBytes(StandardCharsets.US_ASCII);
      cursor.reset(frame, 0, frame.length);
      assertThat(cursor.whole(0)).isEqualTo(number);
    }
  }

  private boolean isTaken(String json) {
    return isTaken(json.getBytes(StandardCharsets.UTF_8));
  }

  private boolean isTaken(byte[] frame) {
    cursor.reset(frame, 0, frame.length);
    return cursor.object(NAMES, places) && cursor.atEnd();
  }

  private static boolean isRead(byte[] frame) {
    try {
      JsonReader.read(frame);
      return true;
    } catch (Undecodable e) {
      return false;
    }
  }

  private long iso(String text) {
    assertThat(isTaken("{\"a\":\"" + text + "\"}")).isTrue();
    return cursor.isoNanos(places[0]);
  }

  private static @Nullable Instant read(String json) throws Undecodable {
    JsonValue value = JsonReader.read(json.getBytes(StandardCharsets.UTF_8));
    try {
      return value.asIso("the time");
    } catch (Undecodable e) {
      return null;
    }
  }
}
