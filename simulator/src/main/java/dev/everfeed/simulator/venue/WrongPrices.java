package dev.everfeed.simulator.venue;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/// Turns a right payload into a plausible lie: the same form, every price times ten.
///
/// The venue's [PriceMarks] tell which values are prices. A row is an array within an array; it
/// begins with a time when its first element is a whole number of at least nine digits, as text
/// or not. The number of digits after the point stays.
final class WrongPrices {
  private static final JsonFactory JSON = new JsonFactory();
  private static final int TIME_DIGITS = 9;

  private WrongPrices() {}

  static byte[] timesTen(byte[] body, PriceMarks marks) {
    var out = new ByteArrayOutputStream(body.length + body.length / 8);
    try (JsonParser in = JSON.createParser(body);
        JsonGenerator generator = JSON.createGenerator(out)) {
      for (JsonToken token = in.nextToken(); token != null; token = in.nextToken()) {
        noteTime(in, token);
        copy(in, token, generator, token.isScalarValue() && isPrice(in, marks));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("the venue's own JSON cannot be read", e);
    }
    return out.toByteArray();
  }

  /// A row remembers as its current value whether it begins with a time.
  private static void noteTime(JsonParser in, JsonToken token) throws IOException {
    var context = in.getParsingContext();
    if (token.isScalarValue() && context.inArray() && context.getCurrentIndex() == 0) {
      String first = in.getText();
      context.setCurrentValue(
          first.length() >= TIME_DIGITS && first.chars().allMatch(Character::isDigit));
    }
  }

  private static boolean isPrice(JsonParser in, PriceMarks marks) {
    var context = in.getParsingContext();
    var parent = context.getParent();
    if (!context.inArray()) {
      return isPrice(context.getCurrentName(), marks)
          || (parent != null && isPrice(parent.getCurrentName(), marks));
    }
    int index = context.getCurrentIndex();
    if (parent != null && parent.inArray()) {
      return Boolean.TRUE.equals(context.getCurrentValue())
          ? index >= 1 && index <= marks.columns()
          : index == 0 && in.hasToken(JsonToken.VALUE_STRING) && marks.rowsBeginWithPrice();
    }
    String name = parent == null ? null : parent.getCurrentName();
    return name != null && index < marks.arrays().getOrDefault(name, 0);
  }

  private static boolean isPrice(@Nullable String name, PriceMarks marks) {
    return name != null && marks.fields().contains(name);
  }

  private static void copy(JsonParser in, JsonToken token, JsonGenerator out, boolean price)
      throws IOException {
    if (token.isNumeric()) {
      out.writeNumber(price ? timesTen(in.getText()) : in.getText());
    } else if (token == JsonToken.VALUE_STRING && price && isNumber(in.getText())) {
      out.writeString(timesTen(in.getText()));
    } else {
      out.copyCurrentEvent(in);
    }
  }

  private static boolean isNumber(String text) {
    return text.matches("-?[0-9]{1,30}(\\.[0-9]{1,30})?");
  }

  private static String timesTen(String number) {
    var value = new BigDecimal(number);
    return value.multiply(BigDecimal.TEN).setScale(value.scale()).toPlainString();
  }
}
