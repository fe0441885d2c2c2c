package dev.everfeed.hub.source;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// A file of frames, one a line, either bare or as a recorder wrapped them:
/// `{"dir":"server","raw":"…"}`. Of wrapped ones only those of the server count
/// (wire/CANONICAL.md, reading 1). A wrapped one need not be JSON.
public final class RecordedSession {

  /// Takes one frame of the server.
  public interface Frames {
    void frame(byte[] frame) throws Undecodable;
  }

  private RecordedSession() {}

  /// @throws Undecodable when a line or a frame is, its offset counted from the session's begin,
  ///     or when there is none
  public static void read(byte[] bytes, Frames frames) throws Undecodable {
    boolean any = false;
    int begin = 0;
    while (begin < bytes.length) {
      int end = begin;
      while (end < bytes.length && bytes[end] != '\n') {
        end++;
      }
      byte[] line = Arrays.copyOfRange(bytes, begin, end);
      if (!isBlank(line)) {
        any = true;
        try {
          line(line, frames);
        } catch (Undecodable e) {
          throw new Undecodable(begin + e.offset(), e.reason());
        }
      }
      begin = end + 1;
    }
    if (!any) {
      throw new Undecodable(bytes.length, "the session has no frame");
    }
  }

  private static void line(byte[] line, Frames frames) throws Undecodable {
    JsonValue value = JsonReader.read(line);
    if (!(value instanceof JsonValue.Obj object) || !object.has("dir")) {
      frames.frame(line);
      return;
    }
    if (!object.text("dir").equals("server")) {
      return;
    }
    JsonValue raw = object.get("raw");
    byte[] frame = raw.asText("\"raw\"").getBytes(StandardCharsets.UTF_8);
    try {
      frames.frame(frame);
    } catch (Undecodable e) {
      throw new Undecodable(raw.offset(), "in \"raw\" " + e.getMessage());
    }
  }

  private static boolean isBlank(byte[] line) {
    for (byte b : line) {
      if (b != ' ' && b != '\t' && b != '\r') {
        return false;
      }
    }
    return true;
  }
}
