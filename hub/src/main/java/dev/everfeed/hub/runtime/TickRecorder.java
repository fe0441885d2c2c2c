package dev.everfeed.hub.runtime;

import dev.everfeed.core.model.Channel;
import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Side;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Stream;
import dev.everfeed.hub.journal.Entry;
import dev.everfeed.hub.journal.Journal;
import dev.everfeed.hub.publish.LogReader;
import dev.everfeed.hub.publish.Publications;
import dev.everfeed.hub.publish.Wake;
import dev.everfeed.hub.source.JsonReader;
import dev.everfeed.hub.source.JsonValue;
import dev.everfeed.hub.source.Undecodable;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Writes published trades, finished bars and events of the hub down in the journal. It reads
/// the log like every other reader: publishing never waits for the disk. What it was too late
/// for, or the journal refused, is counted, and an event `ticks_not_stored` says how much and
/// when.
///
/// Quotes are not kept: they are most of what is published, and the last one is in the
/// snapshot.
///
/// Run by one thread until [#close].
final class TickRecorder implements Runnable, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("everfeed.stream");

  private static final int BATCH = 500;

  /// How long it sleeps at most. The writer wakes it; what the journal has refused meanwhile, and
  /// whether there is room again, it sees when this is over.
  private static final Duration NAP = Duration.ofSeconds(1);

  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(2);

  private final Publications publications;
  private final Journal journal;
  private final InstantSource wall;
  private final long napNanos;
  private final LogReader reader;
  private final Wake wake;
  private final AtomicLong stored = new AtomicLong();
  private final AtomicLong notStored = new AtomicLong();
  private final List<Entry> batch = new ArrayList<>();

  /// What the journal did not accept; its thread adds, this one takes. It holds as many as the
  /// journal's intake has room for.
  private final Queue<Returned> returned = new ConcurrentLinkedQueue<>();

  /// @param messages of a batch
  /// @param told     how many messages before it the batch said were not stored
  private record Returned(int messages, long told, @Nullable Instant since) {}

  private long untold;
  private @Nullable Instant untoldSince;
  private volatile @Nullable Thread thread;
  private volatile boolean closed;

  TickRecorder(Publications publications, Journal journal, InstantSource wall) {
    this(publications, journal, wall, NAP);
  }

  TickRecorder(Publications publications, Journal journal, InstantSource wall, Duration nap) {
    this.publications = publications;
    this.journal = journal;
    this.wall = wall;
    this.napNanos = nap.toNanos();
    this.reader = publications.log().reader();
    this.wake = publications.log().onAppended(() -> LockSupport.unpark(thread));
  }

  @Override
  public void run() {
    thread = Thread.currentThread();
    try {
      while (step()) {
        // as long as it is open, and then until it has read all there is
      }
    } finally {
      wake.close();
    }
  }

  private boolean step() {
    takeBack();
    switch (reader.poll()) {
      case RECORD -> {
        read();
        if (batch.size() >= BATCH) {
          offer();
        }
      }
      case LOST -> {
        if (isKept(reader.stream())) {
          lost(reader.lostTo() - reader.lostFrom() + 1);
        }
      }
      case NOTHING -> {
        offer();
        if (closed) {
          return false;
        }
        wake.arm();
        if (publications.log().end() <= reader.position() && !closed) {
          LockSupport.parkNanos(this, napNanos);
        }
        wake.disarm();
      }
    }
    return true;
  }

  private boolean isKept(int number) {
    return publications.isEvent(number)
        || publications.streams().stream(number).channel() != Channel.QUOTE;
  }

  private void read() {
    int number = reader.stream();
    try {
      if (publications.isEvent(number)) {
        JsonValue.Obj event = message();
        batch.add(new Entry.Happened(event.text("event_type"), null, text(), wall.instant()));
        return;
      }
      Stream stream = publications.streams().stream(number);
      if (stream.channel() == Channel.QUOTE) {
        return;
      }
      JsonValue.Obj message = message();
      Event event =
          stream.channel() == Channel.TRADE ? trade(stream, message) : bar(stream, message);
      if (event != null) {
        batch.add(new Entry.Received(event, message.get("received_at").asIso("received_at")));
      }
    } catch (Undecodable e) {
      LOG.error("ticks: a published message cannot be read, and is not stored: {}", text(), e);
      lost(1);
    }
  }

  private JsonValue.Obj message() throws Undecodable {
    return JsonReader.read(Arrays.copyOf(reader.bytes(), reader.length())).asObject("a message");
  }

  private String text() {
    return new String(reader.bytes(), 0, reader.length(), StandardCharsets.UTF_8);
  }

  private static Event trade(Stream stream, JsonValue.Obj message) throws Undecodable {
    String side = message.textOrNull("side");
    return new Event.Trade(
        stream.symbol(),
        message.textOrNull("exchange"),
        new SourceId(message.text("source")),
        message.decimal("price"),
        message.decimal("size"),
        side == null ? null : side.equals("buy") ? Side.BUY : Side.SELL,
        message.textOrNull("trade_id"),
        timeOf(message));
  }

  private static @Nullable Instant timeOf(JsonValue.Obj message) throws Undecodable {
    JsonValue time = message.find("time");
    return time == null ? null : time.asIso("time");
  }

  /// Null for one that is not final yet, or was built here (docs/adr/0021).
  private static @Nullable Event bar(Stream stream, JsonValue.Obj message) throws Undecodable {
    if (!Boolean.TRUE.equals(message.booleanOrNull("complete"))
        || stream.interval() == null
        || message.find("built") != null) {
      return null;
    }
    return new Event.Bar(
        stream.symbol(),
        message.textOrNull("exchange"),
        new SourceId(message.text("source")),
        stream.interval(),
        message.get("time").asIso("time"),
        message.decimal("open"),
        message.decimal("high"),
        message.decimal("low"),
        message.decimal("close"),
        message.decimalOrNull("volume"),
        true);
  }

  private void offer() {
    Instant since = untoldSince;
    if (batch.isEmpty() && since == null) {
      return;
    }
    int messages = batch.size();
    long told = untold;
    if (since != null) {
      batch.addFirst(new Entry.Happened(
          "ticks_not_stored",
          null,
          "{\"messages\":%d,\"since\":\"%s\"}".formatted(told, since),
          wall.instant()));
    }
    untold = 0;
    untoldSince = null;
    journal.submit(List.copyOf(batch)).whenComplete((_, refused) -> {
      if (refused == null) {
        stored.addAndGet(messages);
      } else {
        returned.add(new Returned(messages, told, since));
      }
    });
    batch.clear();
  }

  /// What the journal has refused was not stored, and what it was to say of others is not told
  /// yet.
  private void takeBack() {
    for (Returned back = returned.poll(); back != null; back = returned.poll()) {
      untold += back.told;
      if (back.since != null && (untoldSince == null || back.since.isBefore(untoldSince))) {
        untoldSince = back.since;
      }
      if (back.messages > 0) {
        lost(back.messages);
      }
    }
  }

  private void lost(long messages) {
    if (untoldSince == null) {
      untoldSince = wall.instant();
      LOG.warn("ticks: not everything that is published is stored; the event ticks_not_stored will"
          + " say how much");
    }
    untold += messages;
    notStored.addAndGet(messages);
  }

  /// Messages that the journal has accepted.
  long stored() {
    return stored.get();
  }

  /// Messages that were overwritten before this thread came to them, or that the journal
  /// refused.
  long notStored() {
    return notStored.get();
  }

  /// Reads what there is, and ends.
  @Override
  public void close() {
    closed = true;
    Thread runs = thread;
    if (runs != null) {
      LockSupport.unpark(runs);
      try {
        runs.join(CLOSE_WITHIN);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
