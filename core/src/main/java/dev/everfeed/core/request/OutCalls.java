package dev.everfeed.core.request;

import dev.everfeed.core.model.Failure;
import dev.everfeed.core.model.SourceId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The calls that are out, by id and by source, oldest first.
final class OutCalls {
  /// Calls out for longer than usual that make a provider one to avoid.
  static final int OVERDUE_CALLS = 3;

  private final Map<Long, OutCall> byId = new LinkedHashMap<>();
  private final Map<SourceId, LinkedHashMap<Long, OutCall>> bySource = new TreeMap<>();
  private final Map<SourceId, Long> lastAnswerNanos = new TreeMap<>();

  private long lastId;

  /// For a call, a probe or a recall; never used twice.
  long newId() {
    return ++lastId;
  }

  void add(OutCall call) {
    byId.put(call.id, call);
    bySource.computeIfAbsent(call.source, _ -> new LinkedHashMap<>()).put(call.id, call);
  }

  /// Null when it is not out, or not any more.
  @Nullable
  OutCall remove(long id) {
    OutCall call = byId.remove(id);
    if (call != null) {
      LinkedHashMap<Long, OutCall> own = bySource.get(call.source);
      if (own != null) {
        own.remove(id);
      }
    }
    return call;
  }

  boolean isOut(OutCall call) {
    return byId.containsKey(call.id);
  }

  /// A copy: deciding about one may change the others.
  List<OutCall> of(SourceId source) {
    LinkedHashMap<Long, OutCall> own = bySource.get(source);
    return own == null ? List.of() : List.copyOf(own.values());
  }

  int size() {
    return byId.size();
  }

  /// The process stood still: no call is held responsible for that.
  void credit(long nanos) {
    for (OutCall call : byId.values()) {
      call.creditNanos += nanos;
    }
  }

  void answered(SourceId source, long nowNanos) {
    lastAnswerNanos.put(source, nowNanos);
  }

  /// Why a provider whose circuit is still closed is better avoided, or null: enough of its
  /// calls are out for longer than `usualNanos`, and nothing has come back since they began.
  @Nullable
  Failure goneSilent(SourceId source, long usualNanos, long nowNanos) {
    LinkedHashMap<Long, OutCall> own = bySource.get(source);
    if (own == null) {
      return null;
    }
    long lastAnswer = lastAnswerNanos.getOrDefault(source, Long.MIN_VALUE);
    int overdue = 0;
    for (OutCall call : own.values()) {
      long outNanos = nowNanos - call.startedAtNanos;
      if (outNanos <= usualNanos * call.requests) {
        return null; // the rest is younger
      }
      if (call.startedAtNanos > lastAnswer && ++overdue == OVERDUE_CALLS) {
        return Failure.of(
            Failure.Kind.NO_ANSWER_YET,
            "%d calls without an answer, the last of them for %,d ms"
                .formatted(overdue, outNanos / 1_000_000));
      }
    }
    return null;
  }
}
