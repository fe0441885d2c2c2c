package dev.everfeed.hub.ledger;

import java.util.List;

/// What a ledger is told of: streams and gateways by their numbers.
///
/// @param streams  by number, as `trade|BTC/USDT`
/// @param gateways by number: what they are called
/// @param sources  by gateway: whose ids they bring
/// @param dense    whether ids rise by 1 in a stream, as a gateway brings it
/// @param refills  whether they can be asked for by id there
public record LedgerStreams(
    List<String> streams,
    List<String> gateways,
    List<String> sources,
    Matter dense,
    Matter refills) {

  /// Whether something is true of a stream as a gateway brings it.
  public interface Matter {
    boolean is(int gateway, int stream);
  }

  public LedgerStreams {
    streams = List.copyOf(streams);
    gateways = List.copyOf(gateways);
    sources = List.copyOf(sources);
  }
}
