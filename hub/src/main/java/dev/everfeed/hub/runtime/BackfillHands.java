package dev.everfeed.hub.runtime;

import dev.everfeed.core.model.Query;
import dev.everfeed.core.request.Reply;
import dev.everfeed.hub.api.BackfillOrder;
import dev.everfeed.hub.journal.NotAcceptedException;
import dev.everfeed.hub.source.BarRules;
import dev.everfeed.hub.store.History;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a backfill does to the rest of the hub. Called on its own threads; may block.
interface BackfillHands {

  /// Who may be asked for a series.
  ///
  /// @param rules   of the first source of the exchange that can be asked; null when there is
  ///     none
  /// @param refusal why it is not to be asked, or null
  /// @param known   whether there is such an exchange
  record Candidate(
      String exchange, @Nullable BarRules rules, @Nullable String refusal, boolean known) {}

  /// Every exchange on the route of bars, in its order, and every one that the order names.
  List<Candidate> candidates(BackfillOrder order) throws InterruptedException;

  /// Puts a question; when it returns, what the answer brought is on disk.
  ///
  /// @throws NotAcceptedException when it is not, since the journal did not take it
  Reply ask(Query.Bars query) throws InterruptedException, NotAcceptedException;

  /// Whether all bars of a question are on disk already.
  boolean isCovered(Query.Bars query) throws InterruptedException;

  /// Why nothing should be asked at present, because it could not be kept; null when all is
  /// well.
  @Nullable
  String holdUp();

  /// A question to the store.
  interface Reading<T> {
    T from(History history) throws SQLException;
  }

  /// Why the store cannot be asked now, or null when it can.
  @Nullable
  String storeMissing();

  /// Asks the store; of all backfills one at a time, since others need its connections too.
  ///
  /// @throws SQLException also while the database is not there
  <T> T read(Reading<T> reading) throws InterruptedException, SQLException;

  /// Up to where the journal has accepted entries, and up to where they are in the database.
  long acceptedTo();

  long drainedTo();

  /// Writes an event down.
  void happened(String type, String detail);
}
