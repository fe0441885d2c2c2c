package dev.everfeed.hub.api;

import dev.everfeed.core.model.Symbol;
import io.vertx.core.Future;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Where failovers are looked at and ordered (REQUIREMENTS C5). Any thread may call it; nothing
/// blocks, and futures complete on any thread. What cannot be done fails with [OrderRefused].
public interface Failovers {

  /// Symbols that are published, and so can be moved; always the same.
  List<Symbol> symbols();

  /// Ids of the gateways that are listened to; always the same.
  List<String> gateways();

  /// At most 250 ms old.
  FailoverHistory history();

  /// Where each symbol is published from now, and where it could go.
  Future<List<StreamRouteView>> routes();

  /// What an operator wants moved.
  ///
  /// @param symbols empty for all that are published from `from`
  /// @param from    a gateway's id, or null where symbols are named
  /// @param to      a gateway's id, or null for the best
  record Move(
      List<Symbol> symbols, @Nullable String from, @Nullable String to) {}

  /// What came of an order.
  ///
  /// @param failovers that it has begun
  /// @param stayed    contracts that cannot move now
  record Moved(List<FailoverView> failovers, List<Stay> stayed) {}

  /// A contract that cannot move.
  ///
  /// @param at       the gateway that it is published from, or null
  /// @param possible gateways that it could move to
  record Stay(String symbol, @Nullable String at, String reason, List<String> possible) {}

  /// Moves contracts, whatever their policy; at least one of them moves.
  Future<Moved> move(Move order);

  /// What came of switching a gateway.
  ///
  /// @param failovers of contracts that leave it
  record Switched(StreamView gateway, List<FailoverView> failovers) {}

  /// Lets a gateway be used again.
  Future<Switched> start(String gateway);

  /// Takes a gateway out of use: contracts leave it, then its connections are closed.
  ///
  /// @param force also when there are contracts that have nowhere to go
  Future<Switched> stop(String gateway, boolean force);

  /// Closes the connections of a gateway and makes them anew.
  Future<Switched> restart(String gateway);
}
