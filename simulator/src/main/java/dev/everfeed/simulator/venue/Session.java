package dev.everfeed.simulator.venue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;

/// A recorded session with a venue, to be played in place of the simulated market: to each
/// connection by itself, from its first subscription on, once.
///
/// The file has a line `{"dir":"server","t":1633998512.06,"raw":"…"}` for each frame, packed
/// with gzip where its name says so, as `everfeed record` writes it (docs/recording.md); lines
/// of other directions, frames that are no text, and recorded acknowledgements are left out,
/// because the simulated venue acknowledges by itself, whatever is asked for. Frames come as
/// they were recorded, whichever streams were subscribed to; a combined frame of Binance loses
/// its wrapper on a raw connection. Of the faults those of whole connections hold, and `stall`
/// and `silent`, which lose the frames that come due.
///
/// @param frames in order
/// @param speed times that of the recording; 0 for as fast as the reader reads
public record Session(List<Frame> frames, double speed) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /// How they begin: Binance's, Coinbase's, Kraken's, OKX's and Bybit's.
  private static final List<String> ACKNOWLEDGEMENTS = List.of(
      "{\"result\":",
      "{\"type\":\"subscriptions\"",
      "{\"method\":\"subscribe\"",
      "{\"event\":\"subscribe\"",
      "{\"success\":");

  /// @param atMillis since the first frame
  /// @param raw the payload
  public record Frame(long atMillis, String raw) {}

  public Session {
    frames = List.copyOf(frames);
    if (!(speed >= 0 && speed <= 1e6)) {
      throw new IllegalArgumentException(
          "speed: must be 0 (no pauses) to 1000000 times, was " + speed);
    }
  }

  /// @throws IllegalArgumentException when the file is not a recorded session
  public static Session of(Path file, double speed) {
    List<String> lines;
    try (InputStream in = Files.newInputStream(file);
        InputStream text = file.toString().endsWith(".gz") ? new GZIPInputStream(in) : in) {
      lines = new String(text.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": cannot be read", e);
    }
    List<Frame> frames = new ArrayList<>();
    double start = 0;
    for (int i = 0; i < lines.size(); i++) {
      JsonNode line = json(file + ":" + (i + 1), lines.get(i));
      if (!line.path("dir").asText().equals("server")) {
        continue;
      }
      String raw = line.path("raw").asText();
      if (raw.isEmpty() || isAcknowledgement(raw)) {
        continue;
      }
      double at = line.path("t").asDouble();
      start = frames.isEmpty() ? at : start;
      frames.add(new Frame(Math.max(0, Math.round((at - start) * 1_000)), raw));
    }
    if (frames.isEmpty()) {
      throw new IllegalArgumentException(
          file + ": has no line {\"dir\":\"server\",\"raw\":…} with data");
    }
    return new Session(frames, speed);
  }

  /// Without one frame: what the venue did not send.
  ///
  /// @param number of the frame, the first is 1
  public Session without(int number) {
    if (number < 1 || number > frames.size()) {
      throw new IllegalArgumentException(
          "frame: must be 1 to %d, was %d".formatted(frames.size(), number));
    }
    List<Frame> rest = new ArrayList<>(frames);
    rest.remove(number - 1);
    return new Session(rest, speed);
  }

  /// When a frame is due, since the start of playing.
  long dueMillis(int index) {
    return speed == 0 ? 0 : (long) (frames.get(index).atMillis() / speed);
  }

  private static boolean isAcknowledgement(String raw) {
    return ACKNOWLEDGEMENTS.stream().anyMatch(raw::startsWith);
  }

  private static JsonNode json(String where, String line) {
    try {
      return JSON.readTree(line);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(where + ": not a line of a recorded session", e);
    }
  }
}
