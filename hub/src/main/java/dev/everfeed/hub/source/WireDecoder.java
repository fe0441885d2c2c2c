package dev.everfeed.hub.source;

import dev.everfeed.core.model.Event;
import java.util.List;
import java.util.Set;

/// Bytes of one source in, canonical events out (wire/CANONICAL.md).
///
/// Pure and safe to share between threads. Whatever the bytes are, it answers with events or
/// with [Undecodable], in time and memory proportional to their number.
public interface WireDecoder {

  /// The kinds of message it knows: `rest_bars`, `ws_trade`.
  Set<String> kinds();

  /// All events of one message, in its order (bars oldest first); none for a message that is
  /// well formed and carries nothing that we publish.
  ///
  /// @throws IllegalArgumentException when `kind` is not one of [#kinds] or the context lacks
  ///     what this kind needs: a mistake of the caller, not of the bytes
  List<Event> decode(String kind, byte[] bytes, DecodeContext context) throws Undecodable;
}
