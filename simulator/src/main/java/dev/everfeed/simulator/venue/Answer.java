package dev.everfeed.simulator.venue;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/// What a venue answers: status, headers and the very bytes of the body.
@SuppressWarnings("ArrayRecordComponent") // handed from the venue to its server, never compared
record Answer(int status, String contentType, Map<String, String> headers, byte[] body) {
  static final String JSON = "application/json;charset=UTF-8";

  static Answer json(int status, CharSequence text) {
    return new Answer(status, JSON, Map.of(), text.toString().getBytes(StandardCharsets.UTF_8));
  }

  static Answer html(int status, String text) {
    return new Answer(
        status, "text/html; charset=utf-8", Map.of(), text.getBytes(StandardCharsets.UTF_8));
  }

  Answer with(String header, String value) {
    Map<String, String> more = new LinkedHashMap<>(headers);
    more.put(header, value);
    return new Answer(status, contentType, more, body);
  }

  Answer withBody(byte[] other) {
    return new Answer(status, contentType, headers, other);
  }

  String text() {
    return new String(body, StandardCharsets.UTF_8);
  }
}
