package dev.everfeed.simulator.world;

import dev.everfeed.core.guard.CircuitBreaker;
import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Failure;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.Served;
import dev.everfeed.core.request.Decision;
import dev.everfeed.core.request.Input;
import dev.everfeed.core.request.Reply;
import dev.everfeed.core.request.Tried;

/// FNV-1a of 64 bits over everything that went into the engine and came out of it, with its
/// time. Nothing in it hangs on identity hashes or the order of a hash table, so equal runs
/// have equal hashes in every JVM.
final class TraceHash {
  private static final long OFFSET = 0xcbf29ce484222325L;
  private static final long PRIME = 0x100000001b3L;

  private long hash = OFFSET;
  private long count;

  void input(Input input, long now) {
    add(now);
    switch (input) {
      case Input.Ask ask -> {
        add(1);
        add(ask.requestId());
        add(ask.priority().name());
        query(ask.query());
      }
      case Input.Answered answered -> {
        add(2);
        add(answered.callId());
        add(answered.events().size());
        answered.events().forEach(this::event);
      }
      case Input.Failed failed -> {
        add(3);
        add(failed.callId());
        failure(failed.failure());
      }
      case Input.WeightReported weight -> {
        add(4);
        add(weight.source().name());
        add(weight.used());
        add(weight.limit());
      }
      case Input.TimePassed _ -> add(5);
      case Input.Recalled recalled -> {
        add(6);
        add(recalled.callId());
        recalled.past().forEach(past -> {
          add(past.receivedAtNanos());
          event(past.event());
        });
      }
      case Input.HistoryAvailable history -> add(history.available() ? 7 : -7);
      case Input.Restored restored -> {
        add(8);
        restored.answers().forEach(this::served);
      }
      case Input.Duty duty -> add(duty.mine() ? 9 : -9);
      case Input.AskedBefore before -> {
        add(10);
        before.asked().forEach((what, at) -> {
          add(what);
          add(at.toEpochMilli());
        });
      }
    }
    count++;
  }

  void decision(Decision decision) {
    switch (decision) {
      case Decision.Call call -> {
        add(11);
        add(call.callId());
        add(call.source().name());
        add(call.purpose().name());
        add(call.weight());
        add(call.timeoutNanos());
        query(call.query());
      }
      case Decision.Probe probe -> {
        add(12);
        add(probe.callId());
        add(probe.source().name());
      }
      case Decision.Cancel cancel -> {
        add(13);
        add(cancel.callId());
      }
      case Decision.Answer answer -> {
        add(14);
        add(answer.requestId());
        reply(answer.reply());
      }
      case Decision.CallEnded ended -> {
        add(17);
        add(ended.callId());
        add(ended.latencyNanos());
        if (ended.failure() != null) {
          failure(ended.failure());
        }
      }
      case Decision.CircuitChanged changed -> {
        add(15);
        add(changed.source().name());
        state(changed.from());
        state(changed.to());
        add(changed.cooldownNanos());
      }
      case Decision.SkippedDueToCircuit skipped -> {
        add(16);
        add(skipped.source().name());
      }
      case Decision.Recall recall -> {
        add(18);
        add(recall.callId());
        add(recall.timeoutNanos());
        add(recall.whole() ? 1 : 0);
        query(recall.query());
      }
      case Decision.Fetched fetched -> {
        add(22);
        add(fetched.symbol().text());
        fetched.bars().forEach((exchange, count) -> {
          add(exchange);
          add(count);
        });
        fetched.failed().keySet().forEach(this::add);
      }
      case Decision.Keep keep -> {
        add(19);
        add(keep.served().source().name());
        add(keep.served().events().size());
      }
      case Decision.Reject reject -> {
        add(20);
        add(reject.source().name());
        query(reject.query());
        failure(reject.failure());
      }
    }
    count++;
  }

  private void reply(Reply reply) {
    switch (reply) {
      case Reply.Value value -> {
        add(value.served().source().name());
        add(value.status().name());
        add(value.ageNanos());
        add(value.served().receivedAtNanos());
        add(value.served().events().size());
      }
      case Reply.Unavailable _ -> add(-1);
    }
    for (Tried tried : reply.tried()) {
      add(tried.source().name());
      failure(tried.failure());
    }
  }

  private void served(Served served) {
    add(served.source().name());
    add(served.receivedAtNanos());
    query(served.query());
    served.events().forEach(this::event);
  }

  private void failure(Failure failure) {
    add(failure.kind().name());
    add(failure.retryAfterNanos());
  }

  private void state(CircuitBreaker.State state) {
    add(state.name());
  }

  private void event(Event event) {
    switch (event) {
      case Event.Price price -> {
        add(price.symbol().text());
        add(price.price().toBigDecimal().unscaledValue().longValue());
      }
      case Event.Bar bar -> {
        add(bar.time().getEpochSecond());
        add(bar.close().toBigDecimal().unscaledValue().longValue());
      }
      case Event.Sentiment sentiment ->
        add(sentiment.value().toBigDecimal().unscaledValue().longValue());
      default -> add(event.source().name());
    }
  }

  private void query(Query query) {
    add(query.kind().name());
    switch (query) {
      case Query.Prices prices -> prices.symbols().forEach(symbol -> add(symbol.text()));
      case Query.Bars bars -> {
        add(bars.symbol().text());
        add(bars.interval().name());
        add(bars.limit());
      }
      case Query.Sentiments sentiments -> {
        if (sentiments.symbol() != null) {
          add(sentiments.symbol().text());
        }
      }
      case Query.Trades trades -> add(trades.symbol().text());
      case Query.Listings _ -> {}
    }
  }

  private void add(String text) {
    for (int i = 0; i < text.length(); i++) {
      hash = (hash ^ text.charAt(i)) * PRIME;
    }
  }

  private void add(long value) {
    for (int shift = 0; shift < Long.SIZE; shift += 8) {
      hash = (hash ^ (value >>> shift & 0xff)) * PRIME;
    }
  }

  long value() {
    return hash;
  }

  /// Inputs and decisions taken in.
  long count() {
    return count;
  }

  static long of(String text) {
    TraceHash hash = new TraceHash();
    hash.add(text);
    return hash.hash;
  }

  /// SplitMix64's finaliser.
  static long mix(long value) {
    long z = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
