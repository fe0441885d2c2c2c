package dev.everfeed.hub.store;

import static dev.everfeed.hub.store.Sample.T0;
import static dev.everfeed.hub.store.Sample.received;
import static dev.everfeed.hub.store.Sample.trade;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.everfeed.hub.journal.Entry;
import dev.everfeed.hub.journal.JournalReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A real journal drained into a real PostgreSQL, whatever of the two is damaged or brought
/// back.
@Timeout(120)
class DrainTest {
  /// Where the first record's payload of a segment begins: after both headers.
  private static final int FIRST_PAYLOAD = 32 + 12;

  private static final String TRADES = "SELECT id FROM trade ORDER BY id::int";

  private static StoreFixture store;

  @TempDir
  Path folder;

  @BeforeAll
  static void open() throws MigrationException {
    store = new StoreFixture();
  }

  @AfterAll
  static void close() {
    store.close();
  }

  @BeforeEach
  void empty() {
    store.empty();
  }

  private static Drain drain(RunningJournal running) throws SQLException {
    Drain drain = new Drain(running.journal, store.writer, () -> T0);
    drain.begin();
    return drain;
  }

  /// Trades with the ids `from` to `to - 1`.
  private static List<Entry> trades(int from, int to) {
    return IntStream.range(from, to)
        .mapToObj(
            i -> received(trade(Integer.toString(i), T0.plusMillis(i), "100"), T0.plusMillis(i)))
        .toList();
  }

  private static List<String> ids(int from, int to) {
    return IntStream.range(from, to).mapToObj(Integer::toString).toList();
  }

  /// A few at a time, so that there are several segments.
  private static void acceptInGroups(RunningJournal running, int from, int to) throws Exception {
    for (int i = from; i < to; i += 20) {
      running.accept(trades(i, Math.min(to, i + 20)));
    }
  }

  private static void untilIdle(Drain drain) throws SQLException, IOException {
    while (!drain.step().idle()) {
      assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }
  }

  private static long offset(RunningJournal running) throws SQLException {
    return store.writer.offset(running.journal.id()).orElseThrow();
  }

  @Test
  void whatIsAcceptedIsWrittenOnceAndInOrderAndTheOffsetsAreTheJournalsEnd() throws Exception {
    try (RunningJournal running = new RunningJournal(folder)) {
      List<Entry> events = new ArrayList<>();
      for (int i = 0; i < 300; i++) {
        events.add(new Entry.Happened("numbered", null, "{\"n\":" + i + "}", T0));
      }
      running.accept(events.subList(0, 150));
      Drain drain = drain(running);
      untilIdle(drain);
      running.accept(events.subList(150, 300));
      untilIdle(drain);

      assertThat(store.rows("SELECT detail ->> 'n' FROM event ORDER BY position"))
          .isEqualTo(ids(0, 300));
      assertThat(offset(running))
          .isEqualTo(running.journal.state().endPosition())
          .isEqualTo(running.journal.reader().drainedPosition());
      assertThat(drain.step().idle()).isTrue();
    }
    try (RunningJournal again = new RunningJournal(folder)) {
      assertThat(drain(again).step().idle()).isTrue();
    }
  }

  /// A byte has changed in an older segment: one entry is lost, and that is told.
  @Test
  void aDamagedSegmentInTheMiddleLosesOneEntryWhichIsDeclaredAndTheRestIsWritten()
      throws Exception {
    try (RunningJournal running = new RunningJournal(folder)) {
      acceptInGroups(running, 0, 400);
    }
    flip(segments().get(2), FIRST_PAYLOAD + 5);
    try (RunningJournal running = new RunningJournal(folder)) {
      untilIdle(drain(running));

      List<String> there = store.rows(TRADES);
      assertThat(there).hasSize(399);
      List<String> lost = new ArrayList<>(ids(0, 400));
      lost.removeAll(there);
      assertThat(lost).hasSize(1);
      assertThat(Integer.parseInt(lost.getFirst())).isBetween(20, 379);
      assertThat(store.one("SELECT type, source, (detail ->> 'to')::bigint > position,"
              + " (detail ->> 'from')::bigint = position, detail ->> 'reason' <> '' FROM event"))
          .isEqualTo("journal_lost|-|t|t|t");
    }
  }

  @Test
  void aMissingSegmentIsDeclaredAndTheRestIsWritten() throws Exception {
    try (RunningJournal running = new RunningJournal(folder)) {
      acceptInGroups(running, 0, 400);
    }
    List<Path> segments = segments();
    assertThat(segments).hasSizeGreaterThan(5);
    Files.delete(segments.get(2));
    try (RunningJournal running = new RunningJournal(folder)) {
      untilIdle(drain(running));

      assertThat(store.rows(TRADES)).contains("0", "399").hasSizeBetween(300, 380);
      assertThat(store.one("SELECT type FROM event")).isEqualTo("journal_lost");
    }
  }

  @Test
  void aDatabaseThatDoesNotKnowTheJournalGetsAllThatItKeeps() throws Exception {
    try (RunningJournal running = new RunningJournal(folder)) {
      acceptInGroups(running, 0, 100);
      Drain drain = drain(running);
      untilIdle(drain);
      store.empty(); // another one, or the same made anew

      running.accept(trades(100, 110));
      untilIdle(drain);

      assertThat(store.rows(TRADES)).isEqualTo(ids(0, 110));
      assertThat(offset(running)).isEqualTo(running.journal.state().endPosition());
    }
  }

  @Test
  void aDatabaseBroughtBackToAnEarlierStateIsGivenTheRestAgain() throws Exception {
    try (RunningJournal running = new RunningJournal(folder)) {
      acceptInGroups(running, 0, 60);
      untilIdle(drain(running));
      final long backup = offset(running);
      acceptInGroups(running, 60, 160);
      Drain drain = drain(running);
      untilIdle(drain);
      store.database.execute(
          "DELETE FROM trade WHERE id::int >= 60",
          "UPDATE journal_offset SET position = " + backup);

      running.accept(trades(160, 170));
      untilIdle(drain); // finds out by itself

      assertThat(store.rows(TRADES)).isEqualTo(ids(0, 170));
      assertThat(offset(running)).isEqualTo(running.journal.state().endPosition());
      assertThat(store.rows("SELECT type FROM event")).isEmpty();
    }
  }

  /// The data directory is an older copy, and the external database went on meanwhile. What the
  /// copy accepts before it knows is at positions that the database takes for written.
  @Test
  void aJournalBroughtBackToAnEarlierStateLosesNothingThatItAcceptsAfterwards() throws Exception {
    Path original = folder.resolve("original");
    Path copy = folder.resolve("copy");
    try (RunningJournal running = new RunningJournal(original)) {
      acceptInGroups(running, 0, 60);
      Drain drain = drain(running);
      untilIdle(drain);
      acceptInGroups(running, 60, 80); // accepted, not drained
    }
    copy(original, copy);
    long stored;
    try (RunningJournal running = new RunningJournal(original)) {
      acceptInGroups(running, 80, 400);
      untilIdle(drain(running));
      stored = offset(running);
    }
    try (RunningJournal running = new RunningJournal(copy)) {
      long early = running.accept(trades(1_000, 1_050));
      assertThat(early).isLessThan(stored);

      Drain drain = drain(running);
      long late = running.accept(trades(1_050, 1_100));
      untilIdle(drain);

      List<String> all = new ArrayList<>(ids(0, 400));
      all.addAll(ids(1_000, 1_100));
      assertThat(store.rows(TRADES)).isEqualTo(all);
      assertThat(late).as("no position has two meanings").isGreaterThan(stored);
      assertThat(store.one("SELECT type, (detail ->> 'stored')::bigint, position >= %d FROM event"
              .formatted(stored)))
          .isEqualTo("journal_went_back|%d|t".formatted(stored));
      assertThat(offset(running)).isEqualTo(running.journal.state().endPosition());
    }
    try (RunningJournal running = new RunningJournal(copy)) {
      running.accept(trades(1_100, 1_110));
      untilIdle(drain(running));

      assertThat(store.rows("SELECT type FROM event")).as("told once").hasSize(1);
      assertThat(store.rows("SELECT id FROM trade WHERE id::int >= 1000 ORDER BY id::int"))
          .isEqualTo(ids(1_000, 1_110));
    }
  }

  /// As above, but the database is away at first, and the hub is started again before it is
  /// back: by then the copy has grown beyond the database's offset.
  @Test
  void aCopyThatHasGrownBeforeTheDatabaseIsBackLosesNothingEither() throws Exception {
    Path original = folder.resolve("original");
    Path copy = folder.resolve("copy");
    try (RunningJournal running = new RunningJournal(original)) {
      acceptInGroups(running, 0, 60);
      untilIdle(drain(running));
    }
    copy(original, copy);
    try (RunningJournal running = new RunningJournal(original)) {
      acceptInGroups(running, 60, 100);
      untilIdle(drain(running));
    }
    try (RunningJournal running = new RunningJournal(copy)) {
      acceptInGroups(running, 1_000, 1_200);
    }
    try (RunningJournal running = new RunningJournal(copy)) {
      assertThat(running.journal.opened().endPosition()).isGreaterThan(offset(running));
      untilIdle(drain(running));

      List<String> all = new ArrayList<>(ids(0, 100));
      all.addAll(ids(1_000, 1_200));
      assertThat(store.rows(TRADES)).isEqualTo(all);
    }
  }

  /// The hub was killed after the database's commit and before its own note of it.
  @Test
  void aBatchThatIsWrittenAndNotNotedIsWrittenAgainAndThereOnce() throws Exception {
    Path note = folder.resolve("drain.offset");
    byte[] before;
    try (RunningJournal running = new RunningJournal(folder)) {
      acceptInGroups(running, 0, 60);
      untilIdle(drain(running));
      before = Files.readAllBytes(note);
      running.accept(trades(60, 80));
      running.accept(List.of(new Entry.Happened("once", null, "{}", T0)));
      untilIdle(drain(running));
    }
    Files.write(note, before);
    try (RunningJournal running = new RunningJournal(folder)) {
      untilIdle(drain(running));

      assertThat(store.rows(TRADES)).isEqualTo(ids(0, 80));
      assertThat(store.rows("SELECT type FROM event")).containsExactly("once");
      assertThat(offset(running)).isEqualTo(running.journal.state().endPosition());
    }
  }

  /// A database that fails while the offset is set back does not make the next try forget it.
  @Test
  void settingBackIsTriedAgainWhenTheDatabaseFailsAtIt() throws Exception {
    try (RunningJournal running = new RunningJournal(folder)) {
      acceptInGroups(running, 0, 60);
      store.writer.begin(running.journal.id(), 1_000_000);
      store.database.execute("""
          CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN RAISE EXCEPTION 'not now' USING ERRCODE = '57P03'; END $$""", """
          CREATE TRIGGER refuse BEFORE UPDATE ON journal_offset
            FOR EACH ROW EXECUTE FUNCTION refuse()""");
      try {
        assertThatThrownBy(() -> drain(running)).hasMessageContaining("not now");
      } finally {
        store.database.execute("DROP TRIGGER refuse ON journal_offset", "DROP FUNCTION refuse");
      }
      untilIdle(drain(running));
      assertThat(store.rows(TRADES)).isEqualTo(ids(0, 60));
    }
  }

  /// All segments are gone, the reader's offset is not: positions go on, nothing is told twice.
  @Test
  void aJournalWithoutItsSegmentsGoesOnWhereTheDatabaseIs() throws Exception {
    try (RunningJournal running = new RunningJournal(folder)) {
      acceptInGroups(running, 0, 100);
      untilIdle(drain(running));
    }
    for (Path segment : segments()) {
      Files.delete(segment);
    }
    try (RunningJournal running = new RunningJournal(folder)) {
      running.accept(trades(100, 120));
      untilIdle(drain(running));

      assertThat(store.rows(TRADES)).isEqualTo(ids(0, 120));
      assertThat(store.rows("SELECT type FROM event")).isEmpty();
    }
  }

  @Test
  void connectionsThatDieBetweenTwoBatchesCostNothing() throws Exception {
    try (RunningJournal running = new RunningJournal(folder)) {
      acceptInGroups(running, 0, 60);
      Drain drain = drain(running);
      untilIdle(drain);
      acceptInGroups(running, 60, 160);
      store.database.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
          + " WHERE datname = current_database() AND pid <> pg_backend_pid()");

      assertThatThrownBy(() -> untilIdle(drain)).isInstanceOf(SQLException.class);

      Drain next = drainWhenItIsBack(running);
      untilIdle(next);
      assertThat(store.rows(TRADES)).isEqualTo(ids(0, 160));
      assertThat(offset(running)).isEqualTo(running.journal.state().endPosition());
    }
  }

  /// The pool may hand out further dead connections before it has thrown all of them away.
  private static Drain drainWhenItIsBack(RunningJournal running) throws SQLException {
    SQLException last = new SQLException("not tried");
    for (int i = 0; i < 20; i++) {
      try {
        return drain(running);
      } catch (SQLException e) {
        last = e;
      }
    }
    throw last;
  }

  @Test
  void catchingUpRestsAsLongAsItWorksAndNoLongerThanThat() throws Exception {
    int many = Drain.MAX_ENTRIES + 100;
    try (RunningJournal running = new RunningJournal(folder)) {
      for (int i = 0; i < many; i += 1_000) {
        running.accept(trades(i, Math.min(many, i + 1_000)));
      }
      Drain drain = drain(running);

      Drain.Step first = drain.step();
      assertThat(first.restNanos()).isPositive().isLessThanOrEqualTo(200_000_000L);
      Written written = Objects.requireNonNull(first.written());
      assertThat(first.restNanos()).isEqualTo(Math.min(200_000_000L, written.tookNanos()));
      Drain.Step last = drain.step();
      assertThat(last.idle()).isFalse();
      assertThat(last.restNanos()).isZero();
      assertThat(drain.step()).isEqualTo(new Drain.Step(null, 0));
      assertThat(store.one("SELECT count(*) FROM trade")).isEqualTo(Integer.toString(many));
    }
  }

  /// A few large entries fill a batch as well as many small ones.
  @Test
  void aBatchThatIsFullOfBytesIsFollowedByARestToo() throws Exception {
    String detail = "{\"text\":\"%s\"}".formatted("x".repeat(1_900));
    List<Entry> large = IntStream.range(0, 2_500)
        .<Entry>mapToObj(_ -> new Entry.Happened("large", null, detail, T0))
        .toList();
    try (RunningJournal running = new RunningJournal(folder)) {
      running.accept(large);
      Drain drain = drain(running);

      assertThat(drain.step().restNanos()).isPositive();
      untilIdle(drain);
      assertThat(store.one("SELECT count(*) FROM event")).isEqualTo("2500");
    }
  }

  @Test
  void anotherReaderOfTheSameOffsetIsNoticedBeforeAnythingIsWritten() throws Exception {
    try (RunningJournal running = new RunningJournal(folder)) {
      acceptInGroups(running, 0, 60);
      Drain drain = drain(running);
      JournalReader.Batch half = running.journal.reader().next(30, 1 << 20);
      store.writer.write(running.journal.id(), half.entries(), half.from(), half.to());
      running.journal.reader().seek(half.from());

      untilIdle(drain);

      assertThat(store.rows(TRADES)).isEqualTo(ids(0, 60));
    }
  }

  private List<Path> segments() throws IOException {
    try (var files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".log")).sorted().toList();
    }
  }

  private static void flip(Path file, int at) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[at] ^= 0x10;
    Files.write(file, bytes);
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    try (var files = Files.list(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(file.getFileName().toString()));
      }
    }
  }
}
