package dev.everfeed.hub.source;

import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Symbol;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the request would have told about an answer: REST bars rarely name their symbol.
///
/// @param symbol   the one that was asked for, or null
/// @param interval of the bars that were asked for, or null
/// @param batch    all symbols that were asked for together; they decide how a glued name
///     (`USDTUSD`) is split
public record DecodeContext(
    @Nullable Symbol symbol, @Nullable Interval interval, List<Symbol> batch) {
  public static final DecodeContext NONE = new DecodeContext(null, null, List.of());

  public DecodeContext {
    batch = List.copyOf(batch);
  }

  public static DecodeContext of(Symbol symbol) {
    return new DecodeContext(symbol, null, List.of());
  }

  public static DecodeContext of(Symbol symbol, Interval interval) {
    return new DecodeContext(symbol, interval, List.of());
  }
}
