package dev.everfeed.simulator.venue;

import dev.everfeed.core.model.Symbol;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What trades at one [Exchange]: the common market's symbols at nearly its prices.
///
/// Confined to the thread of the common market.
final class ExchangeMarket {
  private final Map<Symbol, ExchangeBook> books = new LinkedHashMap<>();

  ExchangeMarket(SimulatedMarket common, Exchange exchange) {
    for (Listing listing : common.listings()) {
      if (exchange.lists(listing.symbol().text())) {
        books.put(listing.symbol(), new ExchangeBook(common, listing, listing.symbol(), exchange));
      }
    }
    for (Listing listing : common.listings()) {
      if (exchange.hasDollars()
          && listing.quote().equals("USDT")
          && Exchange.IN_DOLLARS.contains(listing.base())) {
        Symbol dollars = Symbol.of(listing.base() + "/USD");
        books.computeIfAbsent(dollars, s -> new ExchangeBook(common, listing, s, exchange));
      }
    }
  }

  List<ExchangeBook> books() {
    return List.copyOf(books.values());
  }
}
