package dev.everfeed.simulator.venue;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/// How the simulated venues' streams are set up. Immutable; `with…` gives a changed copy.
///
/// @param life after which a venue closes a connection; Binance's is 24 h
/// @param sessions played in place of the market, by name; a line without one has its venue's
/// @param connections how many there may be at a time, by name; of a venue that is missing here,
///     as of a line, any number
public record StreamsConfig(
    Duration life, Map<String, Session> sessions, Map<String, ConnectionLimit> connections) {
  public static final StreamsConfig DEFAULT =
      new StreamsConfig(Duration.ofHours(24), Map.of(), Map.of());

  public StreamsConfig {
    sessions = Map.copyOf(sessions);
    connections = Map.copyOf(connections);
    if (life.toMillis() < 1) {
      throw new IllegalArgumentException("life: must be 1 ms or more, was " + life);
    }
  }

  public StreamsConfig withLife(Duration other) {
    return new StreamsConfig(other, sessions, connections);
  }

  public StreamsConfig withSession(String venue, Session session) {
    Map<String, Session> more = new LinkedHashMap<>(sessions);
    more.put(venue, session);
    return new StreamsConfig(life, more, connections);
  }

  /// Of one venue or line.
  public StreamsConfig withConnections(String name, ConnectionLimit limit) {
    Map<String, ConnectionLimit> more = new LinkedHashMap<>(connections);
    more.put(name, limit);
    return new StreamsConfig(life, sessions, more);
  }
}
