package dev.everfeed.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.everfeed.core.model.Tick;
import dev.everfeed.core.model.ValueStatus;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TickEngineTest {
  private static final int TRADES = 0;
  private static final int QUOTES = 1;

  private final TickEngine engine = new TickEngine(2);
  private final List<String> seen = new ArrayList<>();
  private final TickEngine.Output out = new TickEngine.Output() {
    @Override
    public void publish(int gateway, Tick tick, ValueStatus status, long seq) {
      seen.add("%d:%d seq %d".formatted(tick.stream(), tick.idNumber(), seq));
    }

    @Override
    public void gap(int gateway, int stream, long firstId, long lastId) {
      seen.add("%d: gap %d-%d".formatted(stream, firstId, lastId));
    }
  };

  @Test
  void eachStreamHasItsOwnNumbersFromOneOn() {
    engine.route(TRADES, 0, true);
    engine.route(QUOTES, 0, false);
    trade(0, 7);
    quote(0);
    trade(0, 8);
    assertThat(seen).containsExactly("0:7 seq 1", "1:-9223372036854775808 seq 1", "0:8 seq 2");
  }

  @Test
  void whatHasBeenHadIsDroppedWhereIdsAreDense() {
    engine.route(TRADES, 0, true);
    trade(0, 7);
    trade(0, 8);
    trade(0, 7);
    trade(0, 8);
    trade(0, 9);
    assertThat(seen).containsExactly("0:7 seq 1", "0:8 seq 2", "0:9 seq 3");
    assertThat(engine.duplicates()).isEqualTo(2);
  }

  @Test
  void aHoleInDenseIdsIsOneGapToldBeforeWhatFollows() {
    engine.route(TRADES, 0, true);
    trade(0, 7);
    trade(0, 11);
    trade(0, 12);
    assertThat(seen).containsExactly("0:7 seq 1", "0: gap 8-10", "0:11 seq 2", "0:12 seq 3");
    assertThat(engine.gaps()).isEqualTo(1);
    assertThat(engine.missing()).isEqualTo(3);
  }

  @Test
  void oneWrongIdFarFromAllOthersCostsThatTradeAndNoOther() {
    engine.route(TRADES, 0, true);
    trade(0, 1_000);
    trade(0, 999_999_999_999_999_999L);
    trade(0, 1_001);
    trade(0, 1);
    trade(0, 1_002);
    assertThat(seen).containsExactly("0:1000 seq 1", "0:1001 seq 2", "0:1002 seq 3");
    assertThat(engine.doubts()).isEqualTo(1);
    assertThat(engine.duplicates()).isEqualTo(1);
  }

  @Test
  void afterALongAbsenceTheSecondTradeSaysThatTheFirstWasRight() {
    engine.route(TRADES, 0, true);
    trade(0, 1_000);
    trade(0, 9_000_000);
    trade(0, 9_000_001);
    trade(0, 9_000_002);
    assertThat(seen)
        .containsExactly(
            "0:1000 seq 1", "0: gap 1001-9000000", "0:9000001 seq 2", "0:9000002 seq 3");
  }

  @Test
  void aVenueThatCountsAnewIsFollowed() {
    engine.route(TRADES, 0, true);
    trade(0, 50_000_000);
    trade(0, 1);
    trade(0, 2);
    trade(0, 3);
    assertThat(seen).containsExactly("0:50000000 seq 1", "0: gap 1-1", "0:2 seq 2", "0:3 seq 3");
  }

  @Test
  void aWrongNewestIdOfAVenueMovesNothing() {
    engine.route(TRADES, 0, true);
    trade(0, 1_000);
    engine.newest(0, TRADES, 999_999_999_999_999_999L, out);
    engine.newest(0, TRADES, 1_000, out);
    trade(0, 1_001);
    assertThat(seen).containsExactly("0:1000 seq 1", "0:1001 seq 2");
  }

  @Test
  void nothingIsAGapWhereIdsAreNotDense() {
    engine.route(TRADES, 0, false);
    trade(0, 7);
    trade(0, 11);
    trade(0, 7);
    assertThat(seen).containsExactly("0:7 seq 1", "0:11 seq 2", "0:7 seq 3");
  }

  @Test
  void theFirstEventsOfAGatewayAreNoGap() {
    engine.route(TRADES, 0, true);
    trade(0, 7);
    engine.route(TRADES, 1, true);
    trade(1, 1_000);
    engine.route(TRADES, 1, true);
    trade(1, 1_002);
    assertThat(seen)
        .containsExactly("0:7 seq 1", "0:1000 seq 2", "0: gap 1001-1001", "0:1002 seq 3");
  }

  @Test
  void onlyTheActiveGatewayIsPublished() {
    engine.route(TRADES, 0, true);
    trade(1, 6);
    trade(0, 7);
    engine.newest(1, TRADES, 99, out);
    engine.newest(1, TRADES, 99, out);
    assertThat(seen).containsExactly("0:7 seq 1");
  }

  @Test
  void whatTheVenueCallsItsNewestIsMissingWhenItHasNotComeByTheNextTime() {
    engine.route(TRADES, 0, true);
    engine.newest(0, TRADES, 6, out);
    trade(0, 7);
    engine.newest(0, TRADES, 8, out);
    trade(0, 8); // said before it came
    engine.newest(0, TRADES, 9, out);
    engine.newest(0, TRADES, 9, out);
    trade(0, 10);
    assertThat(seen).containsExactly("0:7 seq 1", "0:8 seq 2", "0: gap 9-9", "0:10 seq 3");
  }

  /// Whatever is dropped, doubled and swapped: what is published rises, and every id between the
  /// first and the last is either published or in exactly one gap.
  @Test
  void everyIdIsPublishedOrInOneGap() {
    for (long seed = 0; seed < 300; seed++) {
      TickEngine fresh = new TickEngine(1);
      fresh.route(0, 0, true);
      List<Long> published = new ArrayList<>();
      List<Long> missing = new ArrayList<>();
      long[] last = {0};
      TickEngine.Output counting = new TickEngine.Output() {
        @Override
        public void publish(int gateway, Tick tick, ValueStatus status, long seq) {
          assertThat(seq).isEqualTo(++last[0]);
          published.add(tick.idNumber());
        }

        @Override
        public void gap(int gateway, int stream, long firstId, long lastId) {
          for (long id = firstId; id <= lastId; id++) {
            missing.add(id);
          }
        }
      };
      Random random = new Random(seed);
      long id = 1 + random.nextInt(1_000_000);
      long first = id;
      Tick tick = new Tick();
      fill(tick, 0, id);
      fresh.on(0, tick, counting);
      for (int i = 0; i < 200; i++) {
        int what = random.nextInt(10);
        id += what == 0 ? 1 + random.nextInt(5) : what == 1 ? -random.nextInt(3) : 1;
        fill(tick, 0, id);
        fresh.on(0, tick, counting);
      }
      assertThat(published).as("seed " + seed).isSorted().doesNotHaveDuplicates();
      List<Long> all = new ArrayList<>(published);
      all.addAll(missing);
      all.sort(null);
      assertThat(all).as("seed " + seed).doesNotHaveDuplicates();
      assertThat(all.getFirst()).isEqualTo(first);
      assertThat(all.getLast() - all.getFirst() + 1).as("seed " + seed).isEqualTo(all.size());
      assertThat(fresh.missing()).isEqualTo(missing.size());
    }
  }

  private void trade(int gateway, long id) {
    Tick tick = new Tick();
    fill(tick, TRADES, id);
    engine.on(gateway, tick, out);
  }

  private static void fill(Tick tick, int stream, long id) {
    byte[] text = Long.toString(id).getBytes(StandardCharsets.US_ASCII);
    tick.begin(stream);
    tick.setId(text, 0, text.length);
  }

  private void quote(int gateway) {
    Tick tick = new Tick();
    tick.begin(QUOTES);
    engine.on(gateway, tick, out);
  }
}
