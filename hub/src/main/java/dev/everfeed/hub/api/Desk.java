package dev.everfeed.hub.api;

import dev.everfeed.core.model.Query;
import dev.everfeed.core.request.Reply;
import dev.everfeed.core.verdict.VerdictRule;
import dev.everfeed.hub.account.Accounts;
import dev.everfeed.hub.ledger.LedgerView;
import dev.everfeed.hub.publish.Publications;
import io.vertx.core.Future;
import java.util.Optional;

/// What the API may ask of the hub. All methods are called on the server's event loop and never
/// block.
public interface Desk {

  /// Puts a question with a user's priority and the route's deadline. The future completes on
  /// any thread; it fails only when the hub itself is broken, never because a source is.
  Future<Reply> ask(Query query);

  /// The hub's latest picture of itself, renewed at least every 250 ms. The same object is
  /// returned until there is a newer one, and pages drawn from it are kept by its identity.
  HubView view();

  /// Where backfills are ordered; empty in a hub that keeps nothing.
  default Optional<Backfiller> backfills() {
    return Optional.empty();
  }

  /// Where failovers are looked at and ordered; empty in a hub that listens to no source.
  default Optional<Failovers> failovers() {
    return Optional.empty();
  }

  /// Where orders are taken down; empty in a hub that does not.
  default Optional<Audit> audit() {
    return Optional.empty();
  }

  /// What became of every event; empty in a hub that listens to no source.
  default Optional<LedgerView> ledger() {
    return Optional.empty();
  }

  /// The gateways that operators make; empty in a hub that does nothing but fill in history.
  default Optional<Accounts> accounts() {
    return Optional.empty();
  }

  /// May programs trade? Of what is published; empty in a hub that listens to no source.
  default VerdictBoard verdicts() {
    return VerdictBoard.NONE;
  }

  /// By which it is judged; always the same.
  VerdictRule verdictRule();

  /// What is published as it happens; empty in a hub that listens to no source. The same object
  /// from the first time on that there is one.
  default Optional<Publications> publications() {
    return Optional.empty();
  }
}
