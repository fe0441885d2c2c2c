package dev.everfeed.core.engine;

import dev.everfeed.core.model.GatewayState;
import dev.everfeed.core.model.ValueStatus;
import java.util.List;
import java.util.SortedSet;

/// What the [Control] wants done or known.
public sealed interface ControlDecision {
  /// Exactly these streams are to be subscribed at a gateway.
  record Want(int gateway, SortedSet<Integer> streams) implements ControlDecision {}

  /// A stream is published from these lines.
  ///
  /// @param lines a bit for each gateway, the active one among them
  /// @param anew  whether the content is another one than before
  record Route(int stream, int gateway, long lines, boolean anew) implements ControlDecision {}

  /// The first event of a gateway makes it the active one of a stream; [Control#NOBODY] takes
  /// that back.
  record Candidate(int stream, int gateway) implements ControlDecision {}

  /// How far the newest value of a stream can be trusted now.
  record Status(int stream, ValueStatus status) implements ControlDecision {}

  /// The connections of a gateway are to be closed and made anew.
  record Reconnect(int gateway, String reason) implements ControlDecision {}

  /// It may be asked in another way whether there is newer data than a suspect gave.
  record Confirm(int gateway, int stream, long silentSinceNanos) implements ControlDecision {}

  record Became(int gateway, GatewayState from, GatewayState to, String reason)
      implements ControlDecision {}

  /// A failover has begun, or waits for its time or for an operator.
  record Began(Failover failover) implements ControlDecision {}

  /// A failover is over, whatever came of it.
  record Ended(Failover failover) implements ControlDecision {}

  /// A contract is published from other content than before.
  record SourceChanged(int contract, int from, int to, long failoverId)
      implements ControlDecision {}

  /// What there is to say of the prices of a contract has changed.
  ///
  /// @param gateway whose prices they are; [Control#NOBODY] where several differ
  /// @param how     the evidence
  record PriceJudged(int contract, int gateway, PriceVerdict verdict, String how)
      implements ControlDecision {}

  enum PriceVerdict {
    /// A gateway is not used for the contract before it has agreed with the others for a while.
    QUARANTINED,
    /// Nobody can tell who is right, or too many gateways ail to do without one.
    UNDECIDED,
    /// Nothing of that any more.
    AGREES
  }

  /// Contracts whose gateway ails have no other one to go to.
  record NoBackup(int gateway, List<Integer> contracts, String reason) implements ControlDecision {}
}
