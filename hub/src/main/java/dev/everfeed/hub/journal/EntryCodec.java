package dev.everfeed.hub.journal;

import dev.everfeed.core.model.Failure;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Span;
import dev.everfeed.core.model.Symbol;
import java.nio.ByteBuffer;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Entries as bytes, exactly: what is read equals what was written, to the scale of each decimal
/// and the nanosecond of each instant.
///
/// First byte: the version, 1. Second: the kind. What follows is in the order of the record's
/// components, each as [Encoder] says; enums are written as their text. A change of any of it is
/// a new version, and every old one stays readable: `EntryCodecTest` keeps a sample of each. A
/// further kind is none: a hub that does not know it declares such entries and reads on.
final class EntryCodec {
  static final int VERSION = 1;

  private static final int RECEIVED = 1;
  private static final int REJECTED = 2;
  private static final int RUN_ENDED = 3;
  private static final int HAPPENED = 4;
  private static final int COVERED = 5;

  private final Decoder in = new Decoder();
  private final EventCodec events = new EventCodec();
  private byte[] scratch = new byte[512];

  static void write(Entry entry, Encoder out) {
    out.oneByte(VERSION);
    switch (entry) {
      case Entry.Received received -> {
        out.oneByte(RECEIVED);
        out.instant(received.at());
        EventCodec.write(received.event(), out);
      }
      case Entry.Rejected rejected -> {
        out.oneByte(REJECTED);
        out.instant(rejected.at());
        out.text(rejected.reason());
        EventCodec.write(rejected.event(), out);
      }
      case Entry.RunEnded run -> {
        out.oneByte(RUN_ENDED);
        write(run, out);
      }
      case Entry.Happened happened -> {
        out.oneByte(HAPPENED);
        out.instant(happened.at());
        out.text(happened.type());
        out.optionalText(nameOf(happened.source()));
        out.text(happened.detail());
      }
      case Entry.Covered covered -> {
        out.oneByte(COVERED);
        out.instant(covered.at());
        out.text(covered.exchange());
        out.text(covered.symbol().text());
        out.text(covered.interval().text());
        out.instant(covered.span().from());
        out.instant(covered.span().to());
      }
    }
  }

  private static void write(Entry.RunEnded run, Encoder out) {
    out.instant(run.at());
    out.number(run.number());
    out.instant(run.startedAt());
    out.number(run.questions());
    out.number(run.refreshed());
    out.number(run.errorsDropped());
    out.number(run.errors().size());
    for (Entry.RunError error : run.errors()) {
      out.optionalText(nameOf(error.source()));
      out.text(error.subject());
      out.text(error.kind().text());
      out.text(error.message());
      out.instant(error.at());
    }
    out.number(run.asked().size());
    for (Entry.Asked asked : run.asked()) {
      out.text(asked.what());
      out.instant(asked.at());
    }
  }

  private static @Nullable String nameOf(@Nullable SourceId source) {
    return source == null ? null : source.name();
  }

  /// Reads all of `payload`.
  Entry read(ByteBuffer payload) throws EntryUndecodableException {
    int length = payload.remaining();
    if (scratch.length < length) {
      scratch = new byte[Math.max(length, 2 * scratch.length)];
    }
    payload.get(payload.position(), scratch, 0, length);
    in.read(scratch, length);
    int version = in.oneByte();
    if (version != VERSION) {
      throw new EntryUndecodableException(
          "the entry has version %d, this hub reads version %d".formatted(version, VERSION));
    }
    Entry entry;
    try {
      entry = read(in.oneByte());
    } catch (IllegalArgumentException | DateTimeException e) {
      // The model refuses it: what could be written then is no valid value now.
      throw new EntryUndecodableException("the entry has a value that cannot be: " + e, e);
    }
    if (!in.atEnd()) {
      throw new EntryUndecodableException(
          "%,d of %,d bytes follow the end of the entry".formatted(in.remaining(), length));
    }
    return entry;
  }

  private Entry read(int kind) throws EntryUndecodableException {
    return switch (kind) {
      case RECEIVED -> {
        Instant at = in.instant();
        yield new Entry.Received(events.read(in), at);
      }
      case REJECTED -> {
        Instant at = in.instant();
        String reason = in.text();
        yield new Entry.Rejected(events.read(in), reason, at);
      }
      case RUN_ENDED -> runEnded();
      case HAPPENED -> {
        Instant at = in.instant();
        String type = in.text();
        SourceId source = events.optionalSource(in);
        yield new Entry.Happened(type, source, in.text(), at);
      }
      case COVERED -> {
        Instant at = in.instant();
        String exchange = in.text();
        Symbol symbol = events.symbol(in.text());
        Interval interval = EventCodec.named(Interval.values(), Interval::text, in.text());
        yield new Entry.Covered(
            exchange, symbol, interval, new Span(in.instant(), in.instant()), at);
      }
      default ->
        throw new EntryUndecodableException(
            "entries of version %d have no kind %d".formatted(VERSION, kind));
    };
  }

  private Entry.RunEnded runEnded() throws EntryUndecodableException {
    Instant at = in.instant();
    long number = in.number();
    Instant startedAt = in.instant();
    int questions = (int) in.number();
    int refreshed = (int) in.number();
    int errorsDropped = (int) in.number();
    int errorCount = in.count(16);
    List<Entry.RunError> errors = new ArrayList<>(errorCount);
    for (int i = 0; i < errorCount; i++) {
      SourceId source = events.optionalSource(in);
      String subject = in.text();
      Failure.Kind kind = EventCodec.named(Failure.Kind.values(), Failure.Kind::text, in.text());
      errors.add(new Entry.RunError(source, subject, kind, in.text(), in.instant()));
    }
    int askedCount = in.count(13);
    List<Entry.Asked> asked = new ArrayList<>(askedCount);
    for (int i = 0; i < askedCount; i++) {
      asked.add(new Entry.Asked(in.text(), in.instant()));
    }
    return new Entry.RunEnded(
        number, startedAt, at, questions, refreshed, errors, errorsDropped, asked);
  }
}
