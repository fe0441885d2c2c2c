package dev.everfeed.hub.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.Test;

class IdRangesTest {
  private static final int IDS = 60;

  @Test
  void setsOfIdsAreAddedAndTakenAwayAsSetsAre() {
    Random random = new Random(7);
    for (int run = 0; run < 2_000; run++) {
      IdRanges ranges = IdRanges.NONE;
      BitSet ids = new BitSet();
      for (int step = 0; step < 12; step++) {
        int first = random.nextInt(IDS);
        int last = first + random.nextInt(8) - 1;
        if (random.nextBoolean()) {
          ranges = ranges.plus(first, last);
          ids.set(first, last + 1);
        } else {
          ranges = ranges.minus(first, last);
          ids.clear(first, last + 1);
        }
        assertThat(idsOf(ranges)).isEqualTo(ids);
        assertThat(ranges.ids()).isEqualTo(ids.cardinality());
        for (int i = 1; i < ranges.count(); i++) {
          assertThat(ranges.first(i)).isGreaterThan(ranges.last(i - 1) + 1);
        }
        assertThat(idsOf(ranges.and(10, 30))).isEqualTo(within(ids, 10, 30));
      }
    }
  }

  @Test
  void fewerRangesHoldAllAndTheSmallestHolesClose() {
    IdRanges ranges = IdRanges.of(1, 2).plus(4, 5).plus(10, 11).plus(20, 20);
    assertThat(ranges.withAtMost(4)).isSameAs(ranges);
    assertThat(ranges.withAtMost(3)).hasToString("[1..5, 10..11, 20..20]");
    assertThat(ranges.withAtMost(1)).hasToString("[1..20]");
  }

  private static BitSet within(BitSet ids, int first, int last) {
    BitSet within = (BitSet) ids.clone();
    within.clear(0, first);
    within.clear(last + 1, IDS + 10);
    return within;
  }

  static BitSet idsOf(IdRanges ranges) {
    BitSet ids = new BitSet();
    for (int i = 0; i < ranges.count(); i++) {
      ids.set((int) ranges.first(i), (int) ranges.last(i) + 1);
    }
    return ids;
  }
}
