package dev.everfeed.hub.api;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What was ordered over the API, by whom, and what came of it. Any thread may call it; nothing
/// blocks.
public interface Audit {

  /// One order.
  ///
  /// @param number   from 1 on, without holes but for what was damaged on the disk
  /// @param at       when it was answered
  /// @param remote   address of who sent it
  /// @param operator name and id of the key that came with it; where no key is needed the
  ///     name that came with it, which nobody has checked; null without one
  /// @param order    method and path with its query
  /// @param body     as it came, without secrets; null without one
  /// @param key      its `Idempotency-Key`; null without one
  /// @param status   of the answer
  /// @param outcome  what was refused or went wrong; null where it was carried out
  record Entry(
      long number,
      Instant at,
      String remote,
      @Nullable String operator,
      String order,
      @Nullable String body,
      @Nullable String key,
      int status,
      @Nullable String outcome) {}

  /// Takes an order down.
  ///
  /// @param entry its number is given here
  void note(Entry entry);

  /// The newest first; the last thousand at most.
  List<Entry> newest();

  /// Why what is noted may be lost; null when all is well.
  @Nullable
  String trouble();
}
