package dev.everfeed.hub.record;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Reads a recording: all parts that were named, in order, each up to its last whole block. What
/// is damaged or not there is told by [#remarks], and never returned.
///
/// Owned by one thread.
public final class RecordingReader implements Closeable {
  private final List<Part> parts;
  private final List<String> remarks = new ArrayList<>();
  private int next;
  private @Nullable Blocks open;
  private byte[] block = {};
  private int at;
  private long lines;
  private boolean ended;
  private boolean damaged;

  private record Part(Path file, RecordingHeader header) {}

  /// @param unreadable what is to be told of parts of which not even the header can be read
  private RecordingReader(List<Part> parts, List<String> unreadable) {
    this.parts = parts;
    this.damaged = !unreadable.isEmpty();
    remarks.addAll(unreadable);
    int last = 0;
    for (Part part : parts) {
      int number = part.header().part();
      if (number > last + 1) {
        remarks.add("%s: %s missing: deleted to make room, or not named"
            .formatted(
                part.file(),
                number == last + 2
                    ? "part %d before it is".formatted(last + 1)
                    : "parts %d to %d before it are".formatted(last + 1, number - 1)));
      }
      last = number;
    }
  }

  /// Opens files that are parts of one recording, in any order, or folders that hold them. A part
  /// that is empty, or damaged before its first block ends, is left out and told: a disk that was
  /// full leaves such a one, and it is no reason to lose the others.
  ///
  /// @throws RecordingException when one is not there, is no recording, has another version, or
  ///     is of another recording than the first
  public static RecordingReader open(List<Path> paths) throws RecordingException {
    List<Part> parts = new ArrayList<>();
    List<String> unreadable = new ArrayList<>();
    for (Path path : paths) {
      for (Path file : filesOf(path)) {
        try (Blocks blocks = new Blocks(file)) {
          byte[] first = blocks.next();
          if (first != null) {
            parts.add(new Part(file, headerOf(file, first)));
          } else {
            String damage = blocks.damage();
            unreadable.add(
                "%s is no recording: %s".formatted(file, damage == null ? "it is empty" : damage));
          }
        } catch (RecordingException e) {
          throw e;
        } catch (IOException e) {
          throw new RecordingException("replay: %s cannot be read: %s".formatted(file, e), e);
        }
      }
    }
    if (parts.isEmpty()) {
      throw new RecordingException("replay: " + String.join("; ", unreadable));
    }
    TreeSet<String> ids = parts.stream()
        .map(part -> part.header().id())
        .collect(Collectors.toCollection(TreeSet::new));
    if (ids.size() != 1) {
      throw new RecordingException(
          "replay: files of one recording are needed, these are of %d: %s; name those of one, as in %s.*"
              .formatted(ids.size(), String.join(", ", ids), ids.isEmpty() ? "ID" : ids.first()));
    }
    parts.sort(Comparator.comparingInt(part -> part.header().part()));
    for (int i = 1; i < parts.size(); i++) {
      if (parts.get(i).header().part() == parts.get(i - 1).header().part()) {
        throw new RecordingException(
            "replay: %s and %s are the same part, %d, of %s; name one of them"
                .formatted(
                    parts.get(i - 1).file(),
                    parts.get(i).file(),
                    parts.get(i).header().part(),
                    ids.first()));
      }
    }
    return new RecordingReader(parts, unreadable);
  }

  private static List<Path> filesOf(Path path) throws RecordingException {
    if (!Files.exists(path)) {
      throw new RecordingException("replay: %s does not exist".formatted(path));
    }
    if (!Files.isDirectory(path)) {
      return List.of(path);
    }
    try (Stream<Path> inside = Files.list(path)) {
      List<Path> files = inside
          .filter(file -> file.toString().endsWith(RecordingWriter.SUFFIX))
          .sorted()
          .toList();
      if (files.isEmpty()) {
        throw new RecordingException(
            "replay: the folder %s holds no recording, no file ends with %s"
                .formatted(path, RecordingWriter.SUFFIX));
      }
      return files;
    } catch (RecordingException e) {
      throw e;
    } catch (IOException e) {
      throw new RecordingException("replay: %s cannot be read: %s".formatted(path, e), e);
    }
  }

  private static RecordingHeader headerOf(Path file, byte[] first) throws RecordingException {
    try {
      return LineReader.header(first, 0, endOfLine(first, 0));
    } catch (LineReader.BadLine e) {
      throw new RecordingException(
          "replay: %s cannot be replayed: %s".formatted(file, e.getMessage()));
    }
  }

  /// Of the first part.
  public RecordingHeader header() {
    return parts.getFirst().header();
  }

  public int parts() {
    return parts.size();
  }

  /// What happened next, or null when there is nothing more.
  ///
  /// @throws RecordingException when the disk fails
  public @Nullable Recorded next() throws RecordingException {
    while (true) {
      if (at == block.length && !nextBlock()) {
        return null;
      }
      int begin = at;
      int end = endOfLine(block, begin);
      at = Math.min(block.length, end + 1);
      if (end == begin) {
        continue;
      }
      lines++;
      try {
        Recorded recorded = LineReader.line(block, begin, end);
        if (recorded != null) {
          ended |= recorded instanceof Recorded.Ended;
          return recorded;
        }
      } catch (LineReader.BadLine e) {
        giveUp("line %,d: %s".formatted(lines, e.getMessage()));
      }
    }
  }

  /// Whether something could not be read so far.
  public boolean isDamaged() {
    return damaged;
  }

  /// What is to be told of the recording, once it is read to its end.
  public List<String> remarks() {
    List<String> all = new ArrayList<>(remarks);
    if (next == parts.size() && open == null && !ended) {
      all.add("%s: the recording was not ended in order: its recorder was killed, or still runs"
          .formatted(parts.getLast().file()));
    }
    return all;
  }

  private boolean nextBlock() throws RecordingException {
    while (true) {
      Blocks from = open;
      if (from == null) {
        if (next == parts.size()) {
          return false;
        }
        from = opened(parts.get(next).file());
        open = from;
        next++;
        lines = 0;
      }
      byte[] read = read(from);
      if (read != null) {
        block = read;
        at = 0;
        return true;
      }
      String damage = from.damage();
      if (damage != null) {
        giveUp(damage);
      } else {
        closePart();
      }
    }
  }

  private static Blocks opened(Path file) throws RecordingException {
    try {
      return new Blocks(file);
    } catch (IOException e) {
      throw new RecordingException("replay: %s cannot be read: %s".formatted(file, e), e);
    }
  }

  private byte @Nullable [] read(Blocks from) throws RecordingException {
    try {
      return from.next();
    } catch (IOException e) {
      throw new RecordingException(
          "replay: %s cannot be read: %s".formatted(parts.get(next - 1).file(), e), e);
    }
  }

  /// What stands behind damage is not read: nobody knows where its next line begins.
  private void giveUp(String damage) throws RecordingException {
    damaged = true;
    remarks.add("%s: damaged: %s; read up to there, %,d lines%s"
        .formatted(
            parts.get(next - 1).file(),
            damage,
            lines,
            next < parts.size() ? ", and on with the next part" : ""));
    closePart();
  }

  private void closePart() throws RecordingException {
    Blocks from = open;
    open = null;
    block = new byte[0];
    at = 0;
    if (from != null) {
      try {
        from.close();
      } catch (IOException e) {
        throw new RecordingException(
            "replay: %s cannot be closed: %s".formatted(parts.get(next - 1).file(), e), e);
      }
    }
  }

  private static int endOfLine(byte[] bytes, int from) {
    int end = from;
    while (end < bytes.length && bytes[end] != '\n') {
      end++;
    }
    return end;
  }

  @Override
  public void close() throws RecordingException {
    next = parts.size();
    closePart();
  }
}
