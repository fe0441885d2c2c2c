package dev.everfeed.hub.ledger;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// All passages and their gaps, as the changes of a ledger made them. Of each id from a
/// passage's first to its last exactly one is true: it was published in its place, it is in the
/// store, it is missing, or a gap that it lies in is open.
///
/// Bounds: [#GAPS_MAX] gaps that are over, of which the oldest goes first, and its passage
/// begins behind it from then on; [#PASSAGES_PER_STREAM_MAX] of a stream, [#PASSAGES_MAX] in
/// all. Owned by one thread.
final class Account {
  static final int GAPS_MAX = 5_000;
  static final int PASSAGES_PER_STREAM_MAX = 8;
  static final int PASSAGES_MAX = 20_000;

  static final String DAMAGED =
      "what was written of these ids is damaged: whether they were delivered is not known";
  static final String STOPPED = "the hub ended before they came";

  /// By number.
  private final TreeMap<Long, Passage> passages = new TreeMap<>();

  /// Of each stream, the newest last.
  private final Map<String, List<Passage>> byStream = new TreeMap<>();

  /// Passage of each gap.
  private final TreeMap<Long, Passage> gaps = new TreeMap<>();

  private long lastPassage;
  private long lastGap;

  /// Numbers of gaps that this account had to find out about itself while it was read: negative
  /// until [#settle], since those that follow in the file have theirs.
  private long foundOut;

  /// The newest passage of a stream.
  @Nullable
  Passage current(String stream) {
    List<Passage> own = byStream.get(stream);
    return own == null ? null : own.getLast();
  }

  List<Passage> currents() {
    return byStream.values().stream().map(List::getLast).toList();
  }

  Iterable<Passage> passages() {
    return passages.values();
  }

  @Nullable
  Passage passage(long number) {
    return passages.get(number);
  }

  @Nullable
  Gap gap(long number) {
    Passage passage = gaps.get(number);
    return passage == null ? null : passage.gaps.get(passage.indexOf(number));
  }

  int gapCount() {
    return gaps.size();
  }

  /// The newest first.
  List<Gap> newestGaps() {
    List<Gap> newest = new ArrayList<>(gaps.size());
    gaps.descendingMap()
        .forEach((number, passage) -> newest.add(passage.gaps.get(passage.indexOf(number))));
    return newest;
  }

  long newPassage() {
    return ++lastPassage;
  }

  long newGap() {
    return ++lastGap;
  }

  void apply(Change change) {
    switch (change) {
      case Change.Began began ->
        add(new Passage(
            began.passage(), began.stream(), began.source(), began.firstId(), began.at()));
      case Change.Reached reached -> {
        for (int i = 0; i < reached.ids().length; i++) {
          reached(reached.passages()[i], reached.ids()[i], reached.at());
        }
      }
      case Change.Noted noted -> note(noted.gap());
      case Change.SnapshotPassage kept -> {
        Passage passage = new Passage(
            kept.passage(), kept.stream(), kept.source(), kept.sinceId(), kept.beganAt());
        passage.upToId = kept.upToId();
        passage.movedAt = kept.movedAt();
        add(passage);
      }
      case Change.SnapshotGap kept -> note(kept.gap());
      case Change.SnapshotBegan _ -> {
        // nothing by itself
      }
      case Change.SnapshotEnded ended -> {
        lastPassage = Math.max(lastPassage, ended.lastPassage());
        lastGap = Math.max(lastGap, ended.lastGap());
      }
    }
  }

  private void add(Passage passage) {
    lastPassage = Math.max(lastPassage, passage.number);
    remove(passages.get(passage.number));
    passages.put(passage.number, passage);
    List<Passage> own = byStream.computeIfAbsent(passage.stream, _ -> new ArrayList<>());
    own.add(passage);
    own.sort(Comparator.comparingLong(each -> each.number));
    if (own.size() > PASSAGES_PER_STREAM_MAX) {
      remove(own.getFirst());
    }
    while (passages.size() > PASSAGES_MAX) {
      remove(passages.firstEntry().getValue());
    }
  }

  private void remove(@Nullable Passage passage) {
    if (passage == null) {
      return;
    }
    passages.remove(passage.number);
    passage.gaps.forEach(gap -> gaps.remove(gap.number()));
    byStream.computeIfPresent(passage.stream, (_, own) -> {
      own.remove(passage);
      return own.isEmpty() ? null : own;
    });
  }

  private void reached(long number, long id, Instant at) {
    lastPassage = Math.max(lastPassage, number);
    Passage passage = passages.get(number);
    if (passage == null || id <= passage.upToId) {
      return;
    }
    if (passage.doubtful) {
      doubt(passage, id, at);
    }
    passage.upToId = id;
    passage.movedAt = at;
  }

  /// Of what came between two records, one cannot be read: it may have been of a gap.
  private void doubt(Passage passage, long id, Instant at) {
    passage.doubtful = false;
    IdRanges unknown = IdRanges.of(passage.upToId + 1, id);
    for (Gap gap : List.copyOf(passage.gaps)) {
      if (gap.lastId() > passage.upToId && gap.state().isOpen()) {
        note(gap.withLost(gap.firstId(), gap.lastId(), DAMAGED));
      }
      unknown = unknown.minus(gap.firstId(), gap.lastId());
    }
    for (int i = 0; i < unknown.count(); i++) {
      IdRanges ids = IdRanges.of(unknown.first(i), unknown.last(i));
      note(new Gap(
          --foundOut,
          passage.number,
          null,
          unknown.first(i),
          unknown.last(i),
          Gap.Kind.LEDGER,
          Gap.State.DECLARED_LOST,
          ids,
          ids,
          DAMAGED,
          at,
          at,
          null,
          0));
    }
  }

  private void note(Gap gap) {
    lastGap = Math.max(lastGap, gap.number());
    Passage passage = passages.get(gap.passage());
    if (passage == null) {
      return;
    }
    int at = passage.indexOf(gap.number());
    if (at >= 0) {
      passage.gaps.set(at, gap);
      return;
    }
    if (gap.number() > 0) {
      makeWay(passage, gap);
    }
    if (gap.lastId() >= passage.sinceId && !passage.overlaps(gap.firstId(), gap.lastId())) {
      insert(passage, gap);
    }
  }

  private void insert(Passage passage, Gap gap) {
    passage.insert(gap);
    gaps.put(gap.number(), passage);
  }

  /// What this account has found out by itself gives way to what was written by one who knew.
  private void makeWay(Passage passage, Gap known) {
    for (Gap gap : passage.overlapping(known.firstId(), known.lastId())) {
      if (gap.number() < 0) {
        passage.gaps.remove(passage.indexOf(gap.number()));
        gaps.remove(gap.number());
        if (gap.firstId() < known.firstId()) {
          insert(passage, gap.with(--foundOut, gap.firstId(), known.firstId() - 1));
        }
        if (gap.lastId() > known.lastId()) {
          insert(passage, gap.with(--foundOut, known.lastId() + 1, gap.lastId()));
        }
      }
    }
  }

  /// Something between the last change and the next one cannot be read.
  void doubtAll() {
    passages.values().forEach(passage -> passage.doubtful = true);
  }

  /// Forgets what a passage of a damaged snapshot says unless all its gaps are there.
  ///
  /// @param expected how many it has, by number
  void verify(Map<Long, Integer> expected) {
    for (Passage passage : passages.values()) {
      if (passage.gaps.size() != expected.getOrDefault(passage.number, -1)) {
        passage.gaps.forEach(gap -> gaps.remove(gap.number()));
        passage.gaps.clear();
        passage.sinceId = passage.upToId + 1;
      }
    }
  }

  /// Everything there is to read has been read: what was open is so no more.
  void settle(Instant now) {
    for (Passage passage : passages.values()) {
      passage.doubtful = false;
      for (Gap gap : List.copyOf(passage.gaps)) {
        passage.gaps.remove(passage.indexOf(gap.number()));
        gaps.remove(gap.number());
        if (gap.firstId() > passage.upToId) {
          continue; // nothing was published behind it: it will be found anew
        }
        Gap kept = gap.with(
            gap.number() < 0 ? newGap() : gap.number(),
            gap.firstId(),
            Math.min(gap.lastId(), passage.upToId));
        note(kept.state().isOpen() ? kept.closed(STOPPED, now) : kept);
      }
    }
    bound();
  }

  /// Forgets the oldest gaps that are over. The ids before them are forgotten, too.
  void bound() {
    Iterator<Map.Entry<Long, Passage>> oldest = gaps.entrySet().iterator();
    List<Passage> forgotten = new ArrayList<>();
    for (int most = gaps.size() - GAPS_MAX; most > 0 && oldest.hasNext(); most--) {
      Map.Entry<Long, Passage> entry = oldest.next();
      Passage passage = entry.getValue();
      int at = passage.indexOf(entry.getKey());
      if (at != 0 || passage.gaps.getFirst().state().isOpen()) {
        continue;
      }
      passage.sinceId = passage.gaps.removeFirst().lastId() + 1;
      oldest.remove();
      forgotten.add(passage);
    }
    assert forgotten.stream().allMatch(each -> each.sinceId <= each.upToId + 1);
  }

  /// Everything, as records.
  ///
  /// @return how many there were
  long snapshot(Consumer<Change> out) {
    out.accept(new Change.SnapshotBegan());
    long records = 0;
    for (Passage passage : passages.values()) {
      out.accept(new Change.SnapshotPassage(
          passage.number,
          passage.stream,
          passage.source,
          passage.sinceId,
          passage.upToId,
          passage.beganAt,
          passage.movedAt,
          passage.gaps.size()));
      passage.gaps.forEach(gap -> out.accept(new Change.SnapshotGap(gap)));
      records += 1 + passage.gaps.size();
    }
    out.accept(new Change.SnapshotEnded(records, lastPassage, lastGap));
    return records + 2;
  }
}
