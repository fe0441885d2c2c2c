package dev.everfeed.hub.store;

import dev.everfeed.hub.journal.Entry;
import dev.everfeed.hub.journal.Journal;
import dev.everfeed.hub.journal.JournalReader;
import dev.everfeed.hub.journal.Positioned;
import dev.everfeed.hub.publish.CanonicalJson;
import java.io.IOException;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Brings the journal into the database, in order: the one way that data takes, whether the
/// database was away for a day or not at all.
///
/// The database's own offset decides where to go on, so that a database that comes back in an
/// earlier state is given again what the journal still has; see [#begin] for a journal that
/// comes back in an earlier state. Of one thread; each step blocks for one transaction at most.
public final class Drain {
  static final int MAX_ENTRIES = 10_000;
  static final long MAX_BYTES = 4 << 20;

  /// The longest rest after a batch while more waits.
  private static final long MAX_REST_NANOS = 200_000_000L;

  private static final Logger LOG = LoggerFactory.getLogger(Drain.class);

  /// What a step has done.
  ///
  /// @param written   null when nothing waited
  /// @param restNanos how long to leave the machine and the database to others before the next
  ///     step: after a batch as long as it took, so that catching up after an outage takes half
  ///     of them at most; 0 when nothing waits
  public record Step(@Nullable Written written, long restNanos) {
    public boolean idle() {
      return written == null;
    }
  }

  private final Journal journal;
  private final JournalReader reader;
  private final StoreWriter writer;
  private final InstantSource wall;
  private long at;

  public Drain(Journal journal, StoreWriter writer, InstantSource wall) {
    this.journal = journal;
    this.reader = journal.reader();
    this.writer = writer;
    this.wall = wall;
  }

  /// Asks the database how far it is. To be called first, and after every failure.
  ///
  /// It may be further than this journal knows of: than what it noted as written, and what was
  /// read since. Either the hub was killed between the database's commit and its own note, which
  /// is one batch; or the journal is an older copy of the one that the database knows, and what
  /// it has accepted since is at positions that the database takes for written. The two cannot
  /// be told apart for certain, and to write again what is there changes nothing: so in both
  /// cases the offset is set back to the journal's own note. The journal goes on beyond the
  /// database's offset, so that no further position has two meanings. An offset beyond the end
  /// that the journal had when it was opened can only be the latter, and is told as that.
  ///
  /// One exception remains: an event, a run or a quarantined row of an older copy, accepted
  /// before this call, that has by chance the very position of one that is in its table.
  public void begin() throws SQLException {
    long first = journal.state().firstPosition();
    at = writer.begin(journal.id(), first);
    long end = journal.opened().endPosition();
    // A new journal begins behind its first segment's header.
    long noted = Math.max(first, Math.max(reader.drainedPosition(), reader.position()));
    if (at > Math.max(noted, end)) {
      wentBack(Math.max(noted, end));
    } else if (at > noted && journal.opened().damagedOffsets().isEmpty()) {
      LOG.info(
          "journal {}: the database has it up to {}, and its own note says {}: what is between is"
              + " written again, which changes nothing that is there",
          journal.id(),
          at,
          noted);
      setBack();
    }
    if (at < first) {
      LOG.error(
          "journal {}: the database has it up to {}, and the journal begins at {}: what was"
              + " between is lost, and noted in table event",
          journal.id(),
          at,
          first);
    }
    reader.seek(at);
  }

  private void wentBack(long known) throws SQLException {
    long stored = at;
    setBack();
    LOG.error(
        "journal {}: the database has it up to {}, and it had nothing beyond {}: its folder was"
            + " brought back to an earlier state, or its disk has lost what it had synced. It is"
            + " written again from {} on, and goes on beyond {}",
        journal.id(),
        stored,
        known,
        at,
        stored);
    String detail = "{\"stored\":%d,\"known\":%d,\"again_from\":%d}".formatted(stored, known, at);
    journal.offer(List.of(new Entry.Happened("journal_went_back", null, detail, wall.instant())));
  }

  private void setBack() throws SQLException {
    long to = Math.max(journal.state().firstPosition(), reader.drainedPosition());
    reader.seek(at); // the journal's next entry is beyond
    reader.seek(to); // and should the database fail now, the next call finds what this one did
    writer.setBack(journal.id(), at, to);
    at = to;
  }

  /// Writes what waits, up to [#MAX_ENTRIES].
  ///
  /// @throws SQLException when the database could not do it: nothing is lost, [#begin] again
  /// @throws IOException  when the journal could not be read
  public Step step() throws SQLException, IOException {
    return step(true);
  }

  /// Asks the database whether it is there and where it was left: to be called now and then
  /// while nothing waits, so that its absence is known before something has to be written.
  ///
  /// @throws SQLException when it does not answer: [#begin] again
  public void look() throws SQLException {
    OptionalLong stored = writer.offset(journal.id());
    if (stored.isEmpty() || stored.getAsLong() != at) {
      begin();
    }
  }

  private Step step(boolean first) throws SQLException, IOException {
    JournalReader.Batch batch = reader.next(MAX_ENTRIES, MAX_BYTES);
    if (batch.to() == at) {
      return new Step(null, 0);
    }
    Written written;
    try {
      written = writer.write(journal.id(), withLosses(batch), at, batch.to());
    } catch (OffsetMovedException moved) {
      LOG.warn("{}", moved.getMessage());
      begin();
      return first ? step(false) : new Step(null, 0);
    }
    at = batch.to();
    reader.drained(at);
    boolean more = at < journal.state().endPosition();
    return new Step(written, more ? Math.min(written.tookNanos(), MAX_REST_NANOS) : 0);
  }

  /// What the journal has lost is a row as well: it is declared where people look for it.
  private List<Positioned> withLosses(JournalReader.Batch batch) {
    if (batch.losses().isEmpty()) {
      return batch.entries();
    }
    List<Positioned> all = new ArrayList<>(batch.entries());
    for (JournalReader.Lost lost : batch.losses()) {
      LOG.error(
          "journal {}: positions {} to {} are lost: {}; the rest is written",
          journal.id(),
          lost.from(),
          lost.to(),
          lost.reason());
      StringBuilder detail = new StringBuilder("{\"from\":")
          .append(lost.from())
          .append(",\"to\":")
          .append(lost.to())
          .append(",\"reason\":");
      CanonicalJson.appendString(detail, lost.reason());
      detail.append('}');
      all.add(new Positioned(
          lost.from(),
          new Entry.Happened("journal_lost", null, detail.toString(), wall.instant())));
    }
    all.sort(Comparator.comparingLong(Positioned::position));
    return all;
  }
}
