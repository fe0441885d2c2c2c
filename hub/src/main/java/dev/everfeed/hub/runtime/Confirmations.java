package dev.everfeed.hub.runtime;

import dev.everfeed.core.compact.CoarseTimes;
import dev.everfeed.core.engine.ControlDecision;
import dev.everfeed.core.engine.ControlInput;
import dev.everfeed.core.engine.StreamEngine;
import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Streams;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.core.model.Tick;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Whether a suspect is silent, or its venue is: its source is asked for trades that come after
/// the last one, over HTTP (RESILIENCE section 1, step 4). A venue in a halt has none.
///
/// As long as a gateway is suspected, after 0, 1, 2, 4 s and so on up to a minute; a source is
/// asked once a second at most, whatever is suspected of it, and its answer is about all of its
/// gateways: trades that none of its lines has brought. Owned by the tick loop.
final class Confirmations {
  private static final long FIRST_MILLIS = 1_000;
  private static final int DOUBLED_MOST = 6;
  private static final Duration PACE = Duration.ofSeconds(1);

  /// So much later than an answer over HTTP the lines of the source may have the same trade.
  private static final long LATE_MILLIS = 250;

  private record Suspect(int gateway, int stream) {}

  /// One suspicion, until it is over; another one of the same suspect is another question.
  private static final class Question {
    final Suspect suspect;
    long silentSinceNanos;

    /// How often an answer has shown nothing.
    int times;

    Question(Suspect suspect) {
      this.suspect = suspect;
    }
  }

  private final StreamLoop loop;
  private final StreamPlan plan;
  private final StreamEngine engine;
  private final StreamLoop.Refills refills;
  private final Vertx vertx;

  private final Map<Suspect, Question> open = new LinkedHashMap<>();

  private final Map<SourceId, Long> askedNanos = new HashMap<>();

  Confirmations(
      StreamLoop loop,
      StreamPlan plan,
      StreamEngine engine,
      StreamLoop.Refills refills,
      Vertx vertx) {
    this.loop = loop;
    this.plan = plan;
    this.engine = engine;
    this.refills = refills;
    this.vertx = vertx;
  }

  void begin(ControlDecision.Confirm confirm) {
    Suspect suspect = new Suspect(confirm.gateway(), confirm.stream());
    Question known = open.get(suspect);
    long silentSince = confirm.silentSinceNanos();
    if (known != null && silentSince <= known.silentSinceNanos + CoarseTimes.STEP_NANOS) {
      known.silentSinceNanos = silentSince;
    } else {
      // none before, or it has delivered since
      Question question = new Question(suspect);
      question.silentSinceNanos = silentSince;
      open.put(suspect, question);
      ask(question);
    }
  }

  /// Another gateway comes to a place, or none: what was asked was about the one before.
  void forget(int gateway) {
    open.keySet().removeIf(suspect -> suspect.gateway == gateway);
  }

  private void ask(Question question) {
    Suspect suspect = question.suspect;
    if (loop.isStopped() || !engine.control().isSuspected(suspect.gateway, suspect.stream)) {
      open.remove(suspect);
      return;
    }
    int stream = tradesOf(suspect);
    SourceId source = plan.gateways().get(suspect.gateway).source().id();
    long now = loop.nanos();
    Long before = askedNanos.get(source);
    if (stream == Streams.NONE || (before != null && now - before < PACE.toNanos())) {
      later(question);
      return;
    }
    askedNanos.put(source, now);
    long last = engine.arbiter().lastId(stream);
    refills.ask(
        source,
        plan.streams().stream(stream).symbol(),
        last + 1,
        1,
        trades -> loop.onLoop(() -> answered(question, stream, last, trades)));
  }

  private void answered(Question question, int stream, long last, List<Event.Trade> trades) {
    question.times++;
    if (trades.stream().anyMatch(trade -> isAfter(trade.tradeId(), last))) {
      vertx.setTimer(LATE_MILLIS, _ -> confirm(question, stream, last));
    }
    later(question);
  }

  /// The answer is about all of the source's lines: none of them has brought it, nor anything
  /// else. What is late is not silent: it has had the time to come.
  private void confirm(Question answered, int stream, long last) {
    if (loop.isStopped()
        || !answered.equals(open.get(answered.suspect))
        || engine.arbiter().lastId(stream) > last) {
      return; // it is gone, or a line has brought it meanwhile
    }
    SourceId source = plan.gateways().get(answered.suspect.gateway).source().id();
    Symbol symbol = plan.streams().stream(stream).symbol();
    String how = "asked over HTTP, %s has trades of %s after %d".formatted(source, symbol, last);
    for (Question each : List.copyOf(open.values())) {
      Suspect suspect = each.suspect;
      boolean ofThem = suspect.stream == ControlInput.WHOLE
          || plan.streams().stream(suspect.stream).symbol().equals(symbol);
      if (ofThem
          && plan.gateways().get(suspect.gateway).source().id().equals(source)
          && engine.newestNanos(stream, suspect.gateway)
              <= each.silentSinceNanos + CoarseTimes.STEP_NANOS) {
        loop.tell(new ControlInput.Confirmed(suspect.gateway, suspect.stream, how));
      }
    }
  }

  private void later(Question question) {
    long millis = FIRST_MILLIS << Math.min(Math.max(0, question.times - 1), DOUBLED_MOST);
    vertx.setTimer(millis, _ -> {
      // one that is over, and has been opened anew, is asked by the new one
      if (question.equals(open.get(question.suspect))) {
        ask(question);
      }
    });
  }

  private static boolean isAfter(@Nullable String id, long last) {
    return id != null && id.matches("[0-9]{1,18}") && Long.parseLong(id) > last;
  }

  /// A stream that can be asked for by id: one of the suspected contract, or of a gateway as a
  /// whole the one that has had something last.
  private int tradesOf(Suspect suspect) {
    int best = Streams.NONE;
    for (int stream = 0; stream < plan.streams().size(); stream++) {
      if (!canBeAsked(suspect.gateway, stream)) {
        continue;
      }
      boolean itsContract = suspect.stream != ControlInput.WHOLE
          && plan.streams().stream(stream)
              .symbol()
              .equals(plan.streams().stream(suspect.stream).symbol());
      if (itsContract) {
        return stream;
      }
      boolean newest = best == Streams.NONE
          || engine.newestNanos(stream, suspect.gateway)
              > engine.newestNanos(best, suspect.gateway);
      if (suspect.stream == ControlInput.WHOLE && newest) {
        best = stream;
      }
    }
    return best;
  }

  /// Ids that were published are those of the gateway's source only while a line of it is
  /// active.
  private boolean canBeAsked(int gateway, int stream) {
    int active = engine.arbiter().active(stream);
    return plan.engine().offer().refills(gateway, stream)
        && active >= 0
        && engine.arbiter().lastId(stream) != Tick.NONE
        && plan.gateways()
            .get(active)
            .source()
            .id()
            .equals(plan.gateways().get(gateway).source().id());
  }
}
