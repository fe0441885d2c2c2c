package dev.everfeed.simulator.venue;

import java.util.Map;
import java.util.Set;

/// Where the prices stand in a venue's JSON.
///
/// @param fields whose value is a price, or an object of prices (CoinGecko's `{"usd":…}`)
/// @param arrays by the name of a field that is an array: how many of its elements, from the
///     first, are prices
/// @param columns of a row that begins with a time, how many follow that are prices (klines,
///     candles, OHLC)
/// @param rowsBeginWithPrice whether a row that begins with a text which is no time begins with
///     a price
record PriceMarks(
    Set<String> fields, Map<String, Integer> arrays, int columns, boolean rowsBeginWithPrice) {
  PriceMarks {
    fields = Set.copyOf(fields);
    arrays = Map.copyOf(arrays);
  }

  static PriceMarks of(String... fields) {
    return new PriceMarks(Set.of(fields), Map.of(), 4, false);
  }
}
