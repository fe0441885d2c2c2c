package dev.everfeed.hub.config;

import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Symbol;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// The routes by kind of data.
public record RouteSettings(
    @Knob(
        defaults = {
          "providers: [binance, coingecko]",
          "equivalents: {\"*/USDT\": {coingecko: \"*/USD\"}}",
          "fresh_for: 100ms",
          "stale_while_revalidate: 0s",
          "patience: 100ms",
          "deadline: 1s"
        },
        means = "Latest prices.")
    Route prices,

    @Knob(
        defaults = {
          "providers: [binance, coinbase_exchange, coinbase_advanced, kraken, okx, bybit]",
          "fresh_for: 5s",
          "stale_while_revalidate: 1m",
          "stale_after: 10m",
          "stale_if_error: 7d",
          "deadline: 5s"
        },
        means = "Bars.")
    Route bars,

    @Knob(
        defaults = {
          "providers: [binance, coinbase_exchange, kraken, okx, bybit]",
          "fresh_for: 500ms",
          "stale_while_revalidate: 0s",
          "stale_after: 1m",
          "stale_if_error: 1d",
          "deadline: 3s"
        },
        means = "Trades.")
    Route trades,

    @Knob(
        defaults = {
          "providers: [alternative_me, coingecko]",
          "fresh_for: 5m",
          "stale_while_revalidate: 1h",
          "stale_after: 2d",
          "stale_if_error: 7d",
          "deadline: 3s"
        },
        means = "The mood of the market.")
    Route sentiment) {

  /// Who is asked for one kind of data, and how long an answer is good. From young to old, a
  /// remembered value is served at once (`fresh_for`), served while a new one is fetched
  /// (`stale_while_revalidate`), served only because nobody answers (`stale_if_error`), and then
  /// forgotten.
  public record Route(
      @Knob(
          means = "Sources in the order in which they are asked.",
          touch = "to prefer another source or leave one out")
      List<SourceId> providers,

      @Knob(
          value = "primary",
          means =
              "From how many exchanges the schedule fetches bars: `primary` takes the first that answers, `primary_secondary` two, `all` each of them; they are stored by exchange. Other kinds of data are always fetched from the first that answers.",
          touch =
              "to have every exchange's own bars, and to see when one of them tells another story; each exchange costs its own calls")
      Fetch fetch,

      @Knob(
          means =
              "What a source may serve instead, as `ASKED: {source: SERVED}`; a `*` stands for the base. Such values say `equivalent_of`.",
          touch = "to forbid equivalents with `{}`, or to name one for another quote currency")
      Map<SymbolPattern, Map<SourceId, SymbolPattern>> equivalents,

      @Knob(
          value = "1s",
          min = "0s",
          max = "1d",
          means = "A value this young is served without asking again.",
          touch = "longer to spare a source's budget, shorter for newer values")
      Duration freshFor,

      @Knob(
          value = "10s",
          min = "0s",
          max = "7d",
          means =
              "After `fresh_for`, a value this old is served at once, labelled, while a new one is fetched.",
          touch = "0s makes every reader wait for a fresh value")
      Duration staleWhileRevalidate,

      @Knob(
          value = "60s",
          min = "1s",
          max = "365d",
          means =
              "An older value is labelled `stale`, and a source whose newest value is older has frozen: the next one is asked.",
          touch = "with what your programs may act on")
      Duration staleAfter,

      @Knob(
          value = "1d",
          min = "0s",
          max = "365d",
          means = "An older value is not served any more, even when nobody answers.",
          touch = "shorter when an old value is worse than none")
      Duration staleIfError,

      @Knob(
          value = "50ms",
          min = "1ms",
          max = "1m",
          means =
              "While a remembered value is there, a reader waits this much longer for a source after the next one was asked as well, which happens at its 95th percentile and not before 50 ms.",
          touch = "longer for newer values, shorter for faster answers while a source hangs")
      Duration patience,

      @Knob(
          value = "3s",
          min = "10ms",
          max = "1m",
          means = "A reader has an answer after this, whatever it is.",
          touch = "with your readers' own timeouts")
      Duration deadline)
      implements Checked {

    /// From how many exchanges the schedule fetches a series (REQUIREMENTS B7).
    public enum Fetch {
      PRIMARY,
      PRIMARY_SECONDARY,
      ALL;

      /// As it is written in the file.
      public String text() {
        return name().toLowerCase(Locale.ROOT);
      }

      /// Of so many exchanges.
      public int wanted(int exchanges) {
        return switch (this) {
          case PRIMARY -> Math.min(1, exchanges);
          case PRIMARY_SECONDARY -> Math.min(2, exchanges);
          case ALL -> exchanges;
        };
      }
    }

    /// What `source` may serve for `asked`; an entry for the very symbol goes before a pattern.
    public Optional<Symbol> equivalent(Symbol asked, SourceId source) {
      Optional<Symbol> byPattern = Optional.empty();
      for (Map.Entry<SymbolPattern, Map<SourceId, SymbolPattern>> entry : equivalents.entrySet()) {
        SymbolPattern served = entry.getValue().get(source);
        if (served == null || !entry.getKey().matches(asked)) {
          continue;
        }
        if (!entry.getKey().hasWildcard()) {
          return Optional.of(served.fill(asked));
        }
        byPattern = byPattern.or(() -> Optional.of(served.fill(asked)));
      }
      return byPattern;
    }

    @Override
    public void check(Complaints complaints) {
      if (providers.isEmpty()) {
        complaints.add("providers", "must name at least one source, found none");
      }
      if (new LinkedHashSet<>(providers).size() < providers.size()) {
        complaints.add("providers", "must not name a source twice, found " + providers);
      }
      if (patience.compareTo(deadline) > 0) {
        complaints.add(
            "patience",
            "must not be longer than deadline (%s), was %s"
                .formatted(Durations.format(deadline), Durations.format(patience)));
      }
      if (staleAfter.compareTo(freshFor) < 0) {
        complaints.add(
            "stale_after",
            "must not be shorter than fresh_for (%s), was %s"
                .formatted(Durations.format(freshFor), Durations.format(staleAfter)));
      }
      equivalents.forEach((asked, served) -> served.forEach((source, symbol) -> {
        if (symbol.hasWildcard() && !asked.hasWildcard()) {
          complaints.add(
              "equivalents", "%s has no '*' to put into %s of %s".formatted(asked, symbol, source));
        }
      }));
    }
  }
}
