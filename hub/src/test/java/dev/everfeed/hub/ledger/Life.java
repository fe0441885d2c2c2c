package dev.everfeed.hub.ledger;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What a hub would do to its ledger, drawn from a seed: trades of two streams of two sources,
/// holes that are refilled in part, moves to the other source and back, repairs, and lives that
/// end at any moment. Beside it, what is true.
final class Life {
  static final String STREAM = "trade|BTC/USDT";
  static final String OTHER = "trade|ETH/USDT";
  private static final int STREAMS = 2;

  static final LedgerStreams PLAN = new LedgerStreams(
      List.of(STREAM, OTHER),
      List.of("a1", "a2", "b"),
      List.of("a", "a", "b"),
      (_, _) -> true,
      (_, _) -> true);

  /// What happened to the ids of one stream of one source.
  static final class Truth {
    final BitSet published = new BitSet();
    final BitSet filled = new BitSet();
  }

  private final Path folder;
  private final Random random;
  private final boolean moves;
  private final Map<String, Truth> truth = new TreeMap<>();

  /// By stream and source: the venue's next id.
  private final int[][] next = new int[STREAMS][2];

  private final int[] gateway = new int[STREAMS];
  private final Instant time = Instant.parse("2026-11-22T12:00:00Z");
  private long seconds;
  private @Nullable LedgerTap lastTap;

  /// @param moves whether streams change between the sources
  Life(Path folder, long seed, boolean moves) {
    this.folder = folder;
    this.random = new Random(seed);
    this.moves = moves;
    for (int[] each : next) {
      each[0] = 100 + random.nextInt(50);
      each[1] = 500 + random.nextInt(50);
    }
  }

  Truth truth(String stream, String source) {
    return truth.computeIfAbsent(stream + "@" + source, _ -> new Truth());
  }

  int nextId(int stream, int source) {
    return next[stream][source];
  }

  Ledger open() throws IOException {
    return Ledger.open(folder, PLAN, true, () -> time.plusSeconds(seconds));
  }

  /// One life, in which it does so many things. What was told last has not been taken in.
  Ledger live(int steps) throws IOException {
    Ledger ledger = open();
    LedgerTap tap = ledger.tap((_, _, _, _, _) -> {});
    BitSet begun = new BitSet();
    for (int i = 0; i < steps; i++) {
      seconds++;
      int stream = random.nextInt(STREAMS);
      if (!begun.get(stream)) {
        begun.set(stream);
        for (int source = 0; source < 2; source++) {
          next[stream][source] += random.nextInt(3) == 0 ? 0 : random.nextInt(12);
        }
        publish(tap, stream, 1);
        continue;
      }
      switch (random.nextInt(10)) {
        case 0 -> hole(tap, stream);
        case 1 -> {
          int first = next[stream][source(stream)];
          next[stream][source(stream)] += 1 + random.nextInt(4);
          tap.gap(gateway[stream], stream, next[stream][source(stream)] - 1, first % 2 == 0);
          publish(tap, stream, 1);
        }
        case 2 -> tap.tellReached();
        case 3, 4 -> ledger.step();
        case 5 -> repair(ledger);
        case 6 -> {
          if (moves && random.nextInt(3) == 0) {
            gateway[stream] = random.nextInt(3);
            next[stream][source(stream)] += random.nextInt(3);
          }
          publish(tap, stream, 1);
        }
        default -> publish(tap, stream, 1 + random.nextInt(5));
      }
    }
    lastTap = tap;
    return ledger;
  }

  /// Everything that was published is told, and taken in.
  void tellAll(Ledger ledger) {
    Objects.requireNonNull(lastTap).tellReached();
    ledger.step();
  }

  private int source(int stream) {
    return gateway[stream] < 2 ? 0 : 1;
  }

  private void publish(LedgerTap tap, int stream, int count) {
    for (int i = 0; i < count; i++) {
      int id = next[stream][source(stream)]++;
      tap.published(gateway[stream], stream, id);
      of(stream).published.set(id);
    }
  }

  private Truth of(int stream) {
    return truth(PLAN.streams().get(stream), PLAN.gateways().source(gateway[stream]));
  }

  /// Is asked for, and comes in part.
  private void hole(LedgerTap tap, int stream) {
    int first = next[stream][source(stream)];
    int count = 1 + random.nextInt(6);
    tap.asked(gateway[stream], stream, first, first + count - 1, false);
    for (int i = 0; i < count; i++) {
      if (random.nextBoolean()) {
        publish(tap, stream, 1);
      } else {
        next[stream][source(stream)]++;
        tap.gap(gateway[stream], stream, next[stream][source(stream)] - 1, false);
      }
      if (random.nextInt(8) == 0) {
        tap.tellReached();
      }
    }
    if (random.nextInt(4) != 0) {
      publish(tap, stream, 1);
    }
  }

  private void repair(Ledger ledger) {
    List<LedgerView.OfStream> gaps = ledger.view().gaps();
    if (gaps.isEmpty()) {
      return;
    }
    LedgerView.OfStream each = gaps.get(random.nextInt(gaps.size()));
    Gap gap = each.gap();
    if (gap.missing().isEmpty() || gap.state() == Gap.State.RECOVERING) {
      return;
    }
    ledger.asked(gap.number());
    if (random.nextBoolean()) {
      long first = gap.firstId() + random.nextInt((int) gap.ticks());
      IdRanges found = gap.missing().and(first, random.nextBoolean() ? gap.lastId() : first);
      ledger.filled(gap.number(), found);
      truth(each.stream(), each.source()).filled.or(IdRangesTest.idsOf(found));
    }
    if (random.nextInt(3) != 0) {
      ledger.ended(gap.number(), "not there");
    }
  }
}
