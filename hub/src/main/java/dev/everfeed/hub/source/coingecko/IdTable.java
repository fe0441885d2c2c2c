package dev.everfeed.hub.source.coingecko;

import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.hub.source.UnsupportedQueryException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Which coin a ticker means at CoinGecko, where coins have ids (`bitcoin`) and tickers are
/// shared: many coins call themselves `BTC`.
///
/// Asked in this order: what the configuration says of the symbol, a built-in table of the
/// best known coins, and CoinGecko's own list if it was read. A ticker that the list gives to
/// several coins is refused rather than guessed. Immutable.
final class IdTable {
  static final SourceId SOURCE = new SourceId("coingecko");

  /// Ids as in CoinGecko's /coins/list.
  private static final Map<String, String> WELL_KNOWN = Map.ofEntries(
      Map.entry("AAVE", "aave"),
      Map.entry("ADA", "cardano"),
      Map.entry("ALGO", "algorand"),
      Map.entry("APT", "aptos"),
      Map.entry("ARB", "arbitrum"),
      Map.entry("ATOM", "cosmos"),
      Map.entry("AVAX", "avalanche-2"),
      Map.entry("BCH", "bitcoin-cash"),
      Map.entry("BNB", "binancecoin"),
      Map.entry("BTC", "bitcoin"),
      Map.entry("DAI", "dai"),
      Map.entry("DOGE", "dogecoin"),
      Map.entry("DOT", "polkadot"),
      Map.entry("ETC", "ethereum-classic"),
      Map.entry("ETH", "ethereum"),
      Map.entry("FIL", "filecoin"),
      Map.entry("HBAR", "hedera-hashgraph"),
      Map.entry("ICP", "internet-computer"),
      Map.entry("LINK", "chainlink"),
      Map.entry("LTC", "litecoin"),
      Map.entry("NEAR", "near"),
      Map.entry("OP", "optimism"),
      Map.entry("POL", "polygon-ecosystem-token"),
      Map.entry("SHIB", "shiba-inu"),
      Map.entry("SOL", "solana"),
      Map.entry("SUI", "sui"),
      Map.entry("TON", "the-open-network"),
      Map.entry("TRX", "tron"),
      Map.entry("UNI", "uniswap"),
      Map.entry("USDC", "usd-coin"),
      Map.entry("USDT", "tether"),
      Map.entry("XLM", "stellar"),
      Map.entry("XMR", "monero"),
      Map.entry("XRP", "ripple"));

  private final Map<Symbol, String> configured;
  private final Map<String, List<String>> listed;

  private IdTable(Map<Symbol, String> configured, Map<String, List<String>> listed) {
    this.configured = configured;
    this.listed = listed;
  }

  /// @param configured id of a symbol, before any table
  static IdTable of(Map<Symbol, String> configured) {
    return new IdTable(Collections.unmodifiableMap(new TreeMap<>(configured)), Map.of());
  }

  /// The same with CoinGecko's own list behind it.
  IdTable withListings(List<Event> listings) {
    Map<String, List<String>> tickers = new TreeMap<>();
    for (Event event : listings) {
      if (event instanceof Event.Listing coin) {
        tickers.computeIfAbsent(coin.base(), _ -> new ArrayList<>()).add(coin.nativeName());
      }
    }
    return new IdTable(configured, tickers);
  }

  /// The id of a symbol's coin.
  ///
  /// @throws UnsupportedQueryException when it is not known, or not known for sure
  String idOf(Symbol symbol) throws UnsupportedQueryException {
    String set = configured.get(symbol);
    if (set != null) {
      return set;
    }
    String ticker = symbol
        .base()
        .orElseThrow(() -> new UnsupportedQueryException(
            SOURCE, symbol + " is not written BASE/QUOTE, so it names no coin"));
    String known = WELL_KNOWN.get(ticker);
    if (known != null) {
      return known;
    }
    List<String> candidates = listed.getOrDefault(ticker, List.of());
    if (candidates.size() == 1) {
      return candidates.getFirst();
    }
    throw new UnsupportedQueryException(
        SOURCE,
        candidates.isEmpty()
            ? "no id is known for %s: set one for %s".formatted(ticker, symbol)
            : "%s is the ticker of %d coins (%s): set the id for %s"
                .formatted(ticker, candidates.size(), first(candidates), symbol));
  }

  /// The ticker of a coin, where the tables name it: configured first.
  Optional<String> tickerOf(String id) {
    for (Map.Entry<Symbol, String> entry : configured.entrySet()) {
      if (entry.getValue().equals(id) && entry.getKey().base().isPresent()) {
        return entry.getKey().base();
      }
    }
    return WELL_KNOWN.entrySet().stream()
        .filter(e -> e.getValue().equals(id))
        .map(Map.Entry::getKey)
        .findFirst();
  }

  private static String first(List<String> candidates) {
    return String.join(", ", candidates.subList(0, Math.min(5, candidates.size())))
        + (candidates.size() > 5 ? ", …" : "");
  }
}
