package dev.everfeed.hub.ledger;

import java.util.List;

/// What a ledger is told of: streams and gateways by their numbers.
///
/// @param streams  by number, as `trade|BTC/USDT`
/// @param gateways that come and go
/// @param dense    whether ids rise by 1 in a stream, as a gateway brings it
/// @param refills  whether they can be asked for by id there
public record LedgerStreams(List<String> streams, Gateways gateways, Matter dense, Matter refills) {

  /// Whether something is true of a stream as a gateway brings it.
  public interface Matter {
    boolean is(int gateway, int stream);
  }

  /// The gateways, for any thread. One that has left is called as it was until another one has its
  /// number.
  public interface Gateways {
    /// How many numbers there are, from 0 on.
    int places();

    /// What a gateway is called; empty where there never was one.
    String id(int gateway);

    /// Whose ids it brings; empty where there never was one.
    String source(int gateway);
  }

  public LedgerStreams {
    streams = List.copyOf(streams);
  }

  /// Of gateways that stay.
  ///
  /// @param ids     what they are called, by number
  /// @param sources whose ids they bring, by gateway
  public LedgerStreams(
      List<String> streams, List<String> ids, List<String> sources, Matter dense, Matter refills) {
    this(streams, new Fixed(ids, sources), dense, refills);
  }

  private record Fixed(List<String> ids, List<String> sources) implements Gateways {
    @Override
    public int places() {
      return ids.size();
    }

    @Override
    public String id(int gateway) {
      return ids.get(gateway);
    }

    @Override
    public String source(int gateway) {
      return sources.get(gateway);
    }
  }
}
