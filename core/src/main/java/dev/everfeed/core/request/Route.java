package dev.everfeed.core.request;

import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Symbol;
import java.util.List;
import java.util.SortedMap;

/// Who is asked for one kind of data, in which order, and how long a remembered answer may
/// stand in. Lengths are nanoseconds.
///
/// @param providers   in order of preference, none twice
/// @param equivalents for a symbol, what a source may be asked for instead (`BTC/USDT` at
///     coingecko: `BTC/USD`); only what is named here is ever substituted
/// @param freshForNanos a remembered answer this young is served at once and still counts as
///     live
/// @param staleWhileRevalidateNanos for this long after that it is served at once as `cached`,
///     while it is fetched anew (RFC 5861)
/// @param staleAfterNanos an answer older than this is `stale`; a provider whose newest value
///     is older than this has frozen
/// @param staleIfErrorNanos how old a remembered answer may be to be served when nobody answers
/// @param patienceNanos how long after the moment of the hedge a user waits for a provider
///     while a remembered answer is there
/// @param deadlineNanos when a user's request is answered, come what may
public record Route(
    List<SourceId> providers,
    SortedMap<Symbol, SortedMap<SourceId, Symbol>> equivalents,
    long freshForNanos,
    long staleWhileRevalidateNanos,
    long staleAfterNanos,
    long staleIfErrorNanos,
    long patienceNanos,
    long deadlineNanos) {

  public Route {
    providers = List.copyOf(providers);
    if (providers.stream().distinct().count() != providers.size()) {
      throw new IllegalArgumentException("a route names each provider once, had " + providers);
    }
    if (freshForNanos < 0
        || staleWhileRevalidateNanos < 0
        || staleAfterNanos < 0
        || staleIfErrorNanos < 0
        || patienceNanos < 0
        || deadlineNanos <= 0) {
      throw new IllegalArgumentException("lengths of a route must not be negative");
    }
  }

  /// What `source` is asked for when somebody wants `symbol`.
  public Symbol symbolAt(SourceId source, Symbol symbol) {
    SortedMap<SourceId, Symbol> named = equivalents.get(symbol);
    return named == null ? symbol : named.getOrDefault(source, symbol);
  }
}
