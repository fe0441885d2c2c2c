package dev.everfeed.simulator.venue;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/// How the simulated venues' streams are set up. Immutable; `with…` gives a changed copy.
///
/// @param life after which a venue closes a connection; Binance's is 24 h
/// @param sessions played in place of the market, by the name of the venue
public record StreamsConfig(Duration life, Map<String, Session> sessions) {
  public static final StreamsConfig DEFAULT = new StreamsConfig(Duration.ofHours(24), Map.of());

  public StreamsConfig {
    sessions = Map.copyOf(sessions);
    if (life.toMillis() < 1) {
      throw new IllegalArgumentException("life: must be 1 ms or more, was " + life);
    }
  }

  public StreamsConfig withLife(Duration other) {
    return new StreamsConfig(other, sessions);
  }

  public StreamsConfig withSession(String venue, Session session) {
    Map<String, Session> more = new LinkedHashMap<>(sessions);
    more.put(venue, session);
    return new StreamsConfig(life, more);
  }
}
