package dev.everfeed.simulator.venue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.everfeed.core.model.Symbol;
import java.io.IOException;
import java.time.Instant;
import java.util.List;

/// Asks a venue at a moment, without sockets.
final class Asking {
  static final Instant NOW = Instant.parse("2026-03-04T05:06:07.890Z");
  static final ObjectMapper JSON = new ObjectMapper();

  private static final List<String> SYMBOLS =
      List.of("BTC/USDT", "ETH/USDT", "LTC/USDT", "BNB/USDT", "ETH/BTC", "DOGE/USDT");

  private Asking() {}

  static ExchangeMarket market(Exchange exchange) {
    return new ExchangeMarket(
        new SimulatedMarket(1, SYMBOLS.stream().map(Symbol::of).toList()), exchange);
  }

  static Answer answer(Venue venue, String target) {
    return venue.answer(BinanceVenueTest.parse(target), NOW, NOW);
  }

  static Answer answer(Venue venue, String target, Instant at) {
    return venue.answer(BinanceVenueTest.parse(target), at, at);
  }

  static JsonNode json(Venue venue, String target) throws IOException {
    return JSON.readTree(answer(venue, target).body());
  }

  static JsonNode recorded(String name) throws IOException {
    return JSON.readTree(WireCases.file(name).toFile());
  }

  static long seconds(String time) {
    return Instant.parse(time).getEpochSecond();
  }

  /// What `count` requests at one moment are answered with, as the number of those with the
  /// text.
  static int refused(Venue venue, String target, int count, Instant at, String text) {
    int refused = 0;
    for (int i = 0; i < count; i++) {
      refused += answer(venue, target, at).text().contains(text) ? 1 : 0;
    }
    return refused;
  }
}
