package dev.everfeed.hub.journal;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Reads a [SegmentLog] in order, up to what is durable, beside its writer. For one thread.
///
/// What is damaged is stepped over and declared, never returned. Nothing here waits for the
/// writer.
public final class LogReader implements Closeable {
  private final SegmentLog log;
  private final @Nullable String name;
  private long position;
  private @Nullable SegmentReader open;

  LogReader(SegmentLog log, @Nullable String name, long position) {
    this.log = log;
    this.name = name;
    this.position = position;
  }

  /// Where the next record is looked for.
  public long position() {
    return position;
  }

  /// The next record, what is lost before it, or that everything durable has been read.
  ///
  /// @throws IOException when the disk cannot be read now; asking again is safe
  public Read next() throws IOException {
    while (true) {
      View view = log.view();
      if (position >= view.durable()) {
        return new Read.UpToDate(position);
      }
      int index = view.indexOf(position);
      if (index < 0) {
        Read.@Nullable Lost lost = beforeTheFirst(view.segments().getFirst());
        if (lost != null) {
          return lost;
        }
        continue;
      }
      Segment segment = view.segments().get(index);
      long limit = view.limitOf(index);
      position = Math.max(position, segment.dataStart());
      if (position < limit) {
        Read read = readFrom(segment, limit);
        position =
            read instanceof Read.Record record ? record.nextPosition() : ((Read.Lost) read).to();
        return read;
      }
      Segment next = view.after(index);
      if (next == null) {
        return new Read.UpToDate(position);
      }
      position = next.dataStart();
    }
  }

  private Read.@Nullable Lost beforeTheFirst(Segment first) {
    long from = position;
    long to = first.headerIsWhole() ? first.previousEnd() : first.base();
    position = first.dataStart();
    return from < to
        ? new Read.Lost(
            from,
            to,
            "the log begins at segment %s: those before were released, or are missing"
                .formatted(first.file().getFileName()))
        : null;
  }

  private Read readFrom(Segment segment, long limit) throws IOException {
    try {
      return opened(segment).read(position, limit);
    } catch (NoSuchFileException e) {
      return new Read.Lost(
          position, limit, "segment %s is gone".formatted(segment.file().getFileName()));
    } catch (IOException e) {
      close(); // a file that failed once is opened anew
      throw e;
    }
  }

  private SegmentReader opened(Segment segment) throws IOException {
    SegmentReader reader = open;
    if (reader == null || reader.segment().base() != segment.base()) {
      close();
      reader = new SegmentReader(log.disk(), segment);
      open = reader;
    }
    return reader;
  }

  /// Goes on from `position`, the position of a record or one that a read gave as the next. A
  /// position beyond the end of the log makes the log go on from there: a reader that knows of
  /// positions which this log has lost must not miss what is appended next.
  public void seek(long position) {
    if (position < 0) {
      throw new IllegalArgumentException("position must not be negative, was " + position);
    }
    this.position = position;
    log.goOnFrom(position);
  }

  /// Says that everything before `position` is done with: after a start this reader goes on from
  /// there, and the log may release what is before. Returns when it is durable.
  ///
  /// @throws IllegalStateException for a reader without a name
  public void commit(long position) throws IOException {
    if (name == null) {
      throw new IllegalStateException("only a named reader commits; this one has no name");
    }
    if (position < 0) {
      throw new IllegalArgumentException(
          "reader %s: position must not be negative, was %d".formatted(name, position));
    }
    log.goOnFrom(position);
    log.offsets().commit(name, position);
  }

  /// What was last committed.
  public long committed() {
    return name == null ? position : Objects.requireNonNullElse(log.offsets().of(name), 0L);
  }

  @Override
  public void close() throws IOException {
    SegmentReader reader = open;
    open = null;
    if (reader != null) {
      reader.close();
    }
  }
}
