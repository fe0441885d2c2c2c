package dev.everfeed.simulator.venue;

import dev.everfeed.core.model.Symbol;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

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

  /// Nobody trades here from that second on; null for every symbol.
  void halt(@Nullable Symbol symbol, long second) {
    books.forEach((name, book) -> {
      if (symbol == null || symbol.equals(name)) {
        book.halt(second);
      }
    });
  }

  /// Ends what [#halt] began, with that second.
  void resume(@Nullable Symbol symbol, long second) {
    books.forEach((name, book) -> {
      if (symbol == null || symbol.equals(name)) {
        book.resume(second);
      }
    });
  }

  List<ExchangeBook> books() {
    return List.copyOf(books.values());
  }
}
