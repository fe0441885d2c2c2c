package dev.everfeed.hub.api;

import dev.everfeed.core.engine.FailoverPolicy;
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
  /// @param dryRun  whether it is only told what would happen
  record Move(
      List<Symbol> symbols, @Nullable String from, @Nullable String to, boolean dryRun) {}

  /// What came of an order.
  ///
  /// @param failovers that it has begun; none of a dry run
  /// @param would     contracts that would move, of a dry run
  /// @param stayed    contracts that cannot move now
  record Moved(List<FailoverView> failovers, List<Would> would, List<Stay> stayed) {}

  /// A contract that would move.
  ///
  /// @param sameContent whether the two are lines of one content, so that nothing is lost
  /// @param connected   whether the target is, and so is subscribed to at once
  record Would(String symbol, String from, String to, boolean sameContent, boolean connected) {}

  /// A contract that cannot move.
  ///
  /// @param at       the gateway that it is published from, or null
  /// @param possible gateways that it could move to
  record Stay(String symbol, @Nullable String at, String reason, List<String> possible) {}

  /// Moves contracts, whatever their policy; at least one of them moves.
  Future<Moved> move(Move order);

  /// Lets contracts return to the best gateway that can have them, without waiting until it has
  /// been well for long enough; at least one of them returns. They may move by themselves again.
  ///
  /// @param order without `to`
  Future<Moved> back(Move order);

  /// What was ordered and not taken back.
  Future<StandingOrders> standing();

  /// Nothing moves by itself until [#unfreeze]. What is on its way arrives.
  ///
  /// @param reason for those who read it
  Future<StandingOrders> freeze(@Nullable String reason);

  Future<StandingOrders> unfreeze();

  /// Holds symbols where they are, whatever happens to the gateway.
  Future<StandingOrders> pin(List<Symbol> symbols);

  Future<StandingOrders> unpin(List<Symbol> symbols);

  /// Gives symbols another policy.
  ///
  /// @param policy null for the one that is configured
  Future<StandingOrders> policy(List<Symbol> symbols, @Nullable FailoverPolicy policy);

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
