package dev.everfeed.core.request;

import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.Served;
import dev.everfeed.core.model.ValueStatus;
import java.util.List;

/// What the chain answers to one request: a value that says how far it can be trusted, or why
/// there is none.
public sealed interface Reply {

  Query query();

  /// In the order in which they were asked; empty when the first one answered.
  List<Tried> tried();

  /// A value.
  ///
  /// @param status   never better than the truth: [ValueStatus#LIVE] only for an answer to this
  ///     very request or one within the route's `fresh_for`
  /// @param ageNanos since the venue's own stamp where there is one, else since it was received;
  ///     never negative
  record Value(Query query, Served served, ValueStatus status, long ageNanos, List<Tried> tried)
      implements Reply {
    public Value {
      tried = List.copyOf(tried);
    }
  }

  /// `ProviderUnavailable`: nobody answered and nothing is remembered.
  record Unavailable(Query query, List<Tried> tried) implements Reply {
    public Unavailable {
      tried = List.copyOf(tried);
    }

    /// `no provider for prices of BTC/USDT: binance refused the connection; coingecko: …`
    public String message() {
      StringBuilder text = new StringBuilder("no provider answered");
      String separator = ": ";
      for (Tried t : tried) {
        text.append(separator)
            .append(t.source())
            .append(": ")
            .append(t.failure().message());
        separator = "; ";
      }
      return text.toString();
    }
  }
}
