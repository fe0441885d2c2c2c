package dev.everfeed.simulator.venue;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Turns a right payload into a plausible lie: the same form, every price times ten.
///
/// Prices are the values of price fields, of objects within them (CoinGecko's `{"usd":…}`), and
/// the second to fifth element of rows that begin with a time in milliseconds (klines, OHLC).
/// The number of digits after the point stays.
final class WrongPrices {
  private static final JsonFactory JSON = new JsonFactory();
  private static final Set<String> PRICES = Set.of(
      "price",
      "p",
      "bidPrice",
      "askPrice",
      "lastPrice",
      "openPrice",
      "highPrice",
      "lowPrice",
      "prevClosePrice",
      "weightedAvgPrice",
      "priceChange",
      "current_price",
      "high_24h",
      "low_24h",
      "price_change_24h",
      "usd",
      "eur",
      "gbp",
      "btc",
      "eth",
      "value");
  private static final long MILLIS_FROM = 1_000_000_000_000L;

  private WrongPrices() {}

  static byte[] timesTen(byte[] body) {
    var out = new ByteArrayOutputStream(body.length + body.length / 8);
    try (JsonParser in = JSON.createParser(body);
        JsonGenerator generator = JSON.createGenerator(out)) {
      for (JsonToken token = in.nextToken(); token != null; token = in.nextToken()) {
        copy(in, token, generator, token.isScalarValue() && isPrice(in));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("the venue's own JSON cannot be read", e);
    }
    return out.toByteArray();
  }

  private static boolean isPrice(JsonParser in) {
    var context = in.getParsingContext();
    if (context.inArray()) {
      // Rows remember their time as the current value of their context (set in copy).
      int index = context.getCurrentIndex();
      return index >= 1 && index <= 4 && Boolean.TRUE.equals(context.getCurrentValue());
    }
    var parent = context.getParent();
    return isPrice(context.getCurrentName())
        || (parent != null && isPrice(parent.getCurrentName()));
  }

  private static boolean isPrice(@Nullable String name) {
    return name != null && PRICES.contains(name);
  }

  private static void copy(JsonParser in, JsonToken token, JsonGenerator out, boolean price)
      throws IOException {
    if (token == JsonToken.VALUE_NUMBER_INT && in.getParsingContext().inArray()) {
      if (in.getParsingContext().getCurrentIndex() == 0) {
        in.getParsingContext().setCurrentValue(in.getLongValue() >= MILLIS_FROM);
      }
    }
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
