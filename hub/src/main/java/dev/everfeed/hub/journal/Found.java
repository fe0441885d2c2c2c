package dev.everfeed.hub.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What is in a log's directory when it is opened.
///
/// @param writer of the last segment, null when nothing can be appended to it
record Found(View view, Offsets offsets, @Nullable SegmentWriter writer, SegmentLog.Opened opened) {

  static Found in(Disk disk, Path directory, ByteBuffer buffer) throws IOException {
    disk.makeDirectory(directory);
    List<String> names = disk.names(directory);
    Offsets offsets = Offsets.read(disk, directory, names);
    List<String> remarks = new ArrayList<>();
    List<Segment> segments = new ArrayList<>();
    for (String name : names) {
      Long base = Format.baseOf(name);
      if (base != null) {
        segments.add(Segment.of(disk, directory.resolve(name), base));
      } else if (name.endsWith(Format.UNFINISHED)) {
        deleteUnfinished(disk, directory.resolve(name), remarks);
      }
    }
    segments.sort(Comparator.comparingLong(Segment::base));
    if (segments.isEmpty()) {
      // All segments are gone, or there were none: go on where the readers have been.
      View empty = View.of(List.of(), offsets.greatest());
      return new Found(empty, offsets, null, opened(empty, 0, 0, offsets, remarks));
    }
    return withLast(disk, directory, segments, offsets, remarks, buffer);
  }

  private static Found withLast(
      Disk disk,
      Path directory,
      List<Segment> segments,
      Offsets offsets,
      List<String> remarks,
      ByteBuffer buffer)
      throws IOException {
    Segment last = segments.getLast();
    long end = endOfRecords(disk, last);
    long cutFrom = last.fileBytes() < Format.SEGMENT_HEADER ? last.base() : end;
    long cutBytes = last.base() + last.fileBytes() - cutFrom;
    if (cutBytes > 0) {
      remarks.add("log %s: the tail was torn: %,d bytes from position %,d hold no whole record"
              .formatted(directory, cutBytes, cutFrom)
          + "; they are left out and the log goes on in a new segment");
    }
    for (Segment segment : segments) {
      if (!segment.headerIsWhole()) {
        remarks.add("log %s: the header of segment %s is damaged; its records are read all the same"
            .formatted(directory, segment.file().getFileName()));
      }
    }
    SegmentWriter writer = null;
    if (cutBytes == 0 && last.headerIsWhole()) {
      try {
        writer = SegmentWriter.goOn(disk, last, buffer);
      } catch (IOException e) {
        remarks.add("log %s: segment %s cannot be appended to (%s); the log goes on in a new one"
            .formatted(directory, last.file().getFileName(), e));
      }
    }
    View view = View.of(segments, end);
    return new Found(view, offsets, writer, opened(view, cutFrom, cutBytes, offsets, remarks));
  }

  /// Reads the last segment to the end of its last whole record.
  private static long endOfRecords(Disk disk, Segment last) throws IOException {
    long end = last.dataStart();
    long position = end;
    try (SegmentReader reader = new SegmentReader(disk, last)) {
      while (position < last.fileEnd()) {
        Read read = reader.read(position, last.fileEnd());
        if (read instanceof Read.Record record) {
          position = record.nextPosition();
          end = position;
        } else if (read instanceof Read.Lost lost) {
          position = lost.to();
        }
      }
    }
    return end;
  }

  private static void deleteUnfinished(Disk disk, Path file, List<String> remarks) {
    try {
      disk.delete(file);
    } catch (IOException e) {
      remarks.add("log: the unfinished %s cannot be deleted (%s)".formatted(file, e));
    }
  }

  private static SegmentLog.Opened opened(
      View view, long cutFrom, long cutBytes, Offsets offsets, List<String> remarks) {
    for (String reader : offsets.damaged()) {
      remarks.add("log: the offset of reader %s is damaged; it begins at the oldest record"
          .formatted(reader));
    }
    return new SegmentLog.Opened(
        view.segments().size(),
        view.first(),
        view.durable(),
        cutFrom,
        cutBytes,
        offsets.damaged(),
        String.join("\n", remarks));
  }
}
