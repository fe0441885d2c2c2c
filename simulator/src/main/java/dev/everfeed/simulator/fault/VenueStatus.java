package dev.everfeed.simulator.fault;

import java.net.URI;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/// How one simulated venue stands and what it has seen since it was started.
///
/// `requests` equals the sum of `paths`.
///
/// @param name of the venue, or of a line of it
/// @param venue whose market it tells: of a line not its own name
/// @param fault in force, or null
/// @param since when the fault began; null without one
/// @param until when it heals itself; null without one, or when it waits for a heal
/// @param delayMillis the delay the fault was ordered with, or null
/// @param symbol that alone is hurt, or null
/// @param channel that alone is hurt, or null
/// @param connectionsOpen connections that are open now
/// @param connectionsAccepted connections since the start
/// @param weightUsed counted by the venue against its limit in the running minute
/// @param paths requests by path; beyond 64 different ones the rest count under `(other)`
public record VenueStatus(
    String name,
    String venue,
    URI url,
    @Nullable FaultKind fault,
    @Nullable Instant since,
    @Nullable Instant until,
    @Nullable Long delayMillis,
    @Nullable String symbol,
    @Nullable String channel,
    long requests,
    long connectionsOpen,
    long connectionsAccepted,
    long weightUsed,
    Map<String, Long> paths) {
  public VenueStatus {
    paths = Collections.unmodifiableMap(new LinkedHashMap<>(paths));
  }

  /// One line for a terminal: `binance: refuse until 2026-…Z`, `binance: healthy`.
  public String line() {
    if (fault == null) {
      return name + ": healthy, no fault in force";
    }
    var options = new StringJoiner(", ", " (", ")").setEmptyValue("");
    if (symbol != null) {
      options.add(symbol);
    }
    if (channel != null) {
      options.add(channel);
    }
    if (delayMillis != null) {
      options.add("delay %d ms".formatted(delayMillis));
    }
    String what = fault.word() + options;
    return until == null
        ? "%s: %s since %s, until healed".formatted(name, what, since)
        : "%s: %s since %s, heals itself at %s".formatted(name, what, since, until);
  }
}
