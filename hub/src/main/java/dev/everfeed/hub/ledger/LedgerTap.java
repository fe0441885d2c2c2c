package dev.everfeed.hub.ledger;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/// Where the tick loop tells what it publishes. Owned by that loop; nothing here waits, and an
/// id that goes on from the one before costs two comparisons and a store.
///
/// When the ledger cannot keep up, its account of that stream ends at what it has been told, and
/// a new passage begins with the next event: it never claims what it has not heard of.
public final class LedgerTap {
  /// Told on the tick loop, before the event behind the gap is published.
  public interface Found {
    void gap(int gateway, int stream, long firstId, long lastId, Gap.Kind kind);
  }

  static final long NONE = Long.MIN_VALUE;

  /// An id that has fallen by less, as the first of a life, is one that was published before.
  static final long AGAIN_MAX = 1_000;

  private static final int NOBODY = -1;

  private final BlockingQueue<Note> notes;
  private final AtomicLong overflows;
  private final LongSupplier wallMillis;
  private final Found found;

  /// By gateway: a number for each source.
  private final int[] sourceOf;

  /// Names of sources by their numbers here.
  private final List<String> sources = new ArrayList<>();

  private final LedgerStreams plan;

  /// By stream: whose ids the last ones were.
  private final int[] source;

  /// By stream: everything up to it is published or told of; [#NONE] before the first.
  private final long[] reached;

  /// Streams that something came of since the start.
  private final BitSet heard = new BitSet();

  /// Streams that have moved since the ledger was told.
  private final BitSet moved = new BitSet();

  /// Streams that give once more what was published before the start.
  private final BitSet again = new BitSet();

  /// By gateway and stream.
  private final boolean[] dense;

  /// @param begun by stream: up to where the account of the lives before goes, else [#NONE]
  /// @param begunSources by stream: of which source
  LedgerTap(
      LedgerStreams plan,
      BlockingQueue<Note> notes,
      AtomicLong overflows,
      LongSupplier wallMillis,
      Found found,
      long[] begun,
      String[] begunSources) {
    this.notes = notes;
    this.overflows = overflows;
    this.wallMillis = wallMillis;
    this.found = found;
    this.reached = begun.clone();
    this.plan = plan;
    this.sourceOf = new int[plan.gateways().places()];
    this.source = new int[plan.streams().size()];
    this.dense = new boolean[sourceOf.length * source.length];
    for (int gateway = 0; gateway < sourceOf.length; gateway++) {
      came(gateway);
    }
    for (int i = 0; i < source.length; i++) {
      source[i] = begun[i] == NONE ? NOBODY : numberOf(begunSources[i]);
    }
  }

  /// A gateway has its number from now on.
  public void came(int gateway) {
    sourceOf[gateway] = numberOf(plan.gateways().source(gateway));
    for (int stream = 0; stream < source.length; stream++) {
      dense[gateway * source.length + stream] = plan.dense().is(gateway, stream);
    }
  }

  private int numberOf(String name) {
    int known = sources.indexOf(name);
    if (known >= 0) {
      return known;
    }
    sources.add(name);
    return sources.size() - 1;
  }

  /// An event is about to be published.
  ///
  /// @param id of a trade; anything where ids are not dense
  public void published(int gateway, int stream, long id) {
    if (id == reached[stream] + 1 && sourceOf[gateway] == source[stream] && heard.get(stream)) {
      reached[stream] = id;
      moved.set(stream);
    } else {
      unusual(gateway, stream, id);
    }
  }

  private void unusual(int gateway, int stream, long id) {
    if (!dense[gateway * source.length + stream]) {
      source[stream] = NOBODY;
      return;
    }
    if (id < 0) {
      return; // decoded in a way that does not see it
    }
    boolean first = !heard.get(stream);
    heard.set(stream);
    long before = reached[stream];
    if (sourceOf[gateway] != source[stream] || before == NONE) {
      begin(gateway, stream, id);
    } else if (id > before + 1) {
      Gap.Kind kind = first ? Gap.Kind.HUB_DOWN : Gap.Kind.AWAY;
      missing(gateway, stream, id - 1, kind);
      found.gap(gateway, stream, before + 1, id - 1, kind);
      if (reached[stream] == NONE) {
        begin(gateway, stream, id);
      }
    } else if (id <= before) {
      if ((first || again.get(stream)) && before - id < AGAIN_MAX) {
        again.set(stream);
        return;
      }
      begin(gateway, stream, id);
    }
    if (reached[stream] != NONE) {
      reached[stream] = Math.max(reached[stream], id);
      moved.set(stream);
    }
  }

  private void begin(int gateway, int stream, long id) {
    flush(stream);
    if (tell(stream, new Note.Began(stream, gateway, id, wallMillis.getAsLong()))) {
      source[stream] = sourceOf[gateway];
      reached[stream] = id;
      moved.set(stream);
    }
  }

  /// Ids are asked for, and what comes behind waits.
  public void asked(int gateway, int stream, long firstId, long lastId, boolean severalLines) {
    if (reached[stream] == NONE || source[stream] == NOBODY) {
      return;
    }
    Note note = new Note.Asked(
        stream, gateway, firstId, lastId, kind(severalLines), wallMillis.getAsLong());
    if (!notes.offer(note)) {
      overflows.incrementAndGet(); // what becomes of it will be told all the same
    }
  }

  /// What was not published up to this id is declared lost.
  public void gap(int gateway, int stream, long lastId, boolean severalLines) {
    missing(gateway, stream, lastId, kind(severalLines));
  }

  private static Gap.Kind kind(boolean severalLines) {
    return severalLines ? Gap.Kind.ALL_LINES : Gap.Kind.LINE;
  }

  private void missing(int gateway, int stream, long lastId, Gap.Kind kind) {
    long from = reached[stream] + 1; // what was neither published nor told of is missing, too
    if (reached[stream] == NONE || source[stream] == NOBODY || lastId < from) {
      return;
    }
    Note note = new Note.Missing(stream, gateway, from, lastId, kind, wallMillis.getAsLong());
    if (tell(stream, note)) {
      reached[stream] = lastId;
      moved.clear(stream);
    }
  }

  private void flush(int stream) {
    if (moved.get(stream)) {
      moved.clear(stream);
      tell(
          stream,
          new Note.Reached(
              new int[] {stream}, new long[] {reached[stream]}, wallMillis.getAsLong()));
    }
  }

  private boolean tell(int stream, Note note) {
    if (notes.offer(note)) {
      return true;
    }
    overflows.incrementAndGet();
    reached[stream] = NONE; // of what follows nothing is known
    moved.clear(stream);
    return false;
  }

  /// About once a second: tells how far the streams are that have moved.
  public void tellReached() {
    int count = moved.cardinality();
    if (count == 0) {
      return;
    }
    int[] streams = new int[count];
    long[] ids = new long[count];
    int i = 0;
    for (int at = moved.nextSetBit(0); at >= 0; at = moved.nextSetBit(at + 1)) {
      streams[i] = at;
      ids[i++] = reached[at];
    }
    if (notes.offer(new Note.Reached(streams, ids, wallMillis.getAsLong()))) {
      again.andNot(moved);
      moved.clear();
    } else {
      overflows.incrementAndGet(); // they are told of the next time
    }
  }
}
