package dev.everfeed.hub.api;

import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.Served;
import dev.everfeed.core.model.Span;
import dev.everfeed.core.normalise.Consistency;
import dev.everfeed.core.normalise.Gap;
import dev.everfeed.core.normalise.Primary;
import dev.everfeed.core.request.Reply;
import dev.everfeed.hub.publish.Bytes;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Replies of the hub as `/v1/bars` tells them in JSON: one series, or one of each exchange.
/// [BarLines] tells the same as CSV.
final class BarAnswers {
  /// Gaps told of one series; the rest is counted.
  static final int GAPS_MAX = 1_000;

  private static final long NANOS_PER_MILLI = 1_000_000;

  /// A bar with eight digits a number has 135 bytes.
  private static final int BYTES_OF_A_BAR = 160;

  private static final JsonText.Name TIME = JsonText.Name.of("time");
  private static final JsonText.Name OPEN = JsonText.Name.of("open");
  private static final JsonText.Name HIGH = JsonText.Name.of("high");
  private static final JsonText.Name LOW = JsonText.Name.of("low");
  private static final JsonText.Name CLOSE = JsonText.Name.of("close");
  private static final JsonText.Name VOLUME = JsonText.Name.of("volume");
  private static final JsonText.Name COMPLETE = JsonText.Name.of("complete");

  private final Query.Bars asked;
  private final HubView view;
  private final boolean strings;

  BarAnswers(Query.Bars asked, HubView view, boolean strings) {
    this.asked = asked;
    this.view = view;
    this.strings = strings;
  }

  /// One exchange's bars.
  ///
  /// @throws Problem when there are none
  Answer one(Reply reply) {
    Reply.Value value = valueOf(reply);
    List<Event.Bar> bars = bars(value);
    JsonText json = new JsonText(strings)
        .open()
        .field("symbol", symbolOf(bars))
        .field("interval", asked.interval().text());
    head(json, value, bars);
    JsonText body = body(value, bars);
    MessageDigest tag = tag();
    addTo(tag, value, bars, body);
    Buffer text = Buffer.buffer(json.length() + body.length() + 2);
    json.addTo(text);
    body.addTo(text.appendByte((byte) ','));
    text.appendByte((byte) '}');
    return new Answer(200, Answer.JSON, text, text(tag));
  }

  /// Each exchange by itself: one that has nothing says why, and takes nothing from the others.
  ///
  /// @param unknown names that no source on the route trades at
  Answer each(SequencedMap<String, Reply> replies, List<String> unknown) {
    Map<String, List<Event.Bar>> series = new TreeMap<>();
    replies.forEach((exchange, reply) -> {
      if (reply instanceof Reply.Value value && !bars(value).isEmpty()) {
        series.put(exchange, bars(value));
      }
    });
    Map<String, Consistency.Deviation> deviations = Consistency.of(series);
    Buffer text = Buffer.buffer(new JsonText(strings)
        .open()
        .field("symbol", asked.symbol().text())
        .field("interval", asked.interval().text())
        .field(
            "merged",
            Primary.of(List.copyOf(replies.keySet()), asked.interval(), series).orElse(null))
        .key("exchanges")
        .open()
        .toString());
    MessageDigest tag = tag();
    String separator = "";
    for (Map.Entry<String, Reply> each : replies.entrySet()) {
      text.appendString(separator);
      add(tag, each.getKey());
      separator = ",";
      JsonText json = new JsonText(strings);
      if (each.getValue() instanceof Reply.Value value) {
        List<Event.Bar> bars = bars(value);
        json.key(each.getKey()).open();
        head(json, value, bars);
        deviation(json, deviations.get(each.getKey()));
        JsonText body = body(value, bars);
        json.addTo(text);
        body.addTo(text.appendByte((byte) ','));
        text.appendByte((byte) '}');
        addTo(tag, value, bars, body);
      } else {
        error(
            json.key(each.getKey()).open(),
            "provider-unavailable",
            "exchange %s has no %s bars of %s: %s"
                .formatted(
                    each.getKey(),
                    asked.interval(),
                    asked.symbol(),
                    ((Reply.Unavailable) each.getValue()).message()),
            each.getValue());
        json.close().addTo(text);
      }
    }
    for (String name : unknown) {
      text.appendString(separator);
      separator = ",";
      JsonText json = new JsonText(strings).key(name).open();
      error(
          json,
          "unknown-exchange",
          "exchange \"%s\" has no bars here; known: %s"
              .formatted(name, String.join(", ", Exchanges.ofBars(view))),
          null);
      json.close().addTo(text);
    }
    return new Answer(200, Answer.JSON, text.appendString("}}"), text(tag));
  }

  private static void error(JsonText json, String type, String detail, @Nullable Reply reply) {
    json.key("error").open().field("type", "urn:everfeed:problem:" + type).field("detail", detail);
    Values.tried(json, reply == null ? List.of() : reply.tried()).close();
  }

  /// @throws Problem when there is none
  Reply.Value valueOf(Reply reply) {
    return Values.valueOf(reply, "%s bars of %s".formatted(asked.interval(), asked.symbol()));
  }

  private String symbolOf(List<Event.Bar> bars) {
    return bars.isEmpty() ? asked.symbol().text() : bars.getFirst().symbol().text();
  }

  private void head(JsonText json, Reply.Value value, List<Event.Bar> bars) {
    Served served = value.served();
    Values.origin(json, served.source(), exchangeOf(value, bars), view)
        .field("status", value.status().text())
        .field("age_ms", value.ageNanos() / NANOS_PER_MILLI)
        .field("received_at", view.clock().at(served.receivedAtNanos()))
        .field("next_from", nextFrom(value, bars));
    Values.tried(json, value.tried());
  }

  private @Nullable String exchangeOf(Reply.Value value, List<Event.Bar> bars) {
    return bars.isEmpty()
        ? view.source(value.served().source()).map(SourceView::exchange).orElse(null)
        : bars.getFirst().exchange();
  }

  private static void deviation(JsonText json, Consistency.@Nullable Deviation deviation) {
    json.key("consistency");
    if (deviation == null) {
      json.nothing();
      return;
    }
    json.open()
        .field("quarantined", deviation.disagrees())
        .field("bars_compared", deviation.compared())
        .field("usual_deviation_ppm", deviation.usualPpm())
        .field("worst_deviation_ppm", deviation.worstPpm())
        .field("worst_at", deviation.worstAt())
        .close();
  }

  /// The gaps and the bars, without the braces around them: what an entity tag is made of.
  private JsonText body(Reply.Value value, List<Event.Bar> bars) {
    Instant receivedAt = view.clock().at(value.served().receivedAtNanos());
    JsonText json = new JsonText(strings, Bytes.USUAL + bars.size() * BYTES_OF_A_BAR);
    List<Gap> gaps = gaps(value, bars);
    json.key("gaps").openList();
    for (Gap gap : gaps.subList(0, Math.min(GAPS_MAX, gaps.size()))) {
      json.open()
          .field("from", gap.span().from())
          .field("to", gap.span().to())
          .field("bars", gap.bars())
          .field("kind", gap.kind().text())
          .close();
    }
    json.closeList().field("gaps_dropped", Math.max(0, gaps.size() - GAPS_MAX));
    json.key("bars").openList();
    for (Event.Bar bar : bars) {
      json.open()
          .key(TIME)
          .value(bar.time())
          .key(OPEN)
          .value(bar.open())
          .key(HIGH)
          .value(bar.high())
          .key(LOW)
          .value(bar.low())
          .key(CLOSE)
          .value(bar.close())
          .key(VOLUME)
          .value(bar.volume())
          .key(COMPLETE)
          .value(complete(bar, receivedAt))
          .close();
    }
    return json.closeList();
  }

  /// What is not there between the beginning that was asked (or the first bar) and the end.
  List<Gap> gaps(Reply.Value value, List<Event.Bar> bars) {
    Interval interval = asked.interval();
    Instant from = asked.from() != null
        ? interval.firstOpen(asked.from())
        : bars.isEmpty() ? null : bars.getFirst().time();
    if (from == null) {
      return List.of();
    }
    Instant end = interval.openOf(view.at()); // the running bar is not missing yet
    if (asked.to() != null && asked.to().isBefore(end)) {
      end = interval.firstOpen(asked.to());
    }
    Instant next = nextFrom(value, bars);
    if (next != null && next.isBefore(end)) {
      end = next; // what was cut off comes with the next page
    }
    Span range = Span.between(from, end);
    if (range == null) {
      return List.of();
    }
    Span covered = value.served().covered();
    boolean emptyIntervals = view.source(value.served().source())
        .map(SourceView::bars)
        .map(rules -> rules.emptyIntervals())
        .orElse(true);
    List<Instant> opens = new ArrayList<>(bars.size());
    for (Event.Bar bar : bars) {
      if (range.contains(bar.time())) {
        opens.add(bar.time());
      }
    }
    return Gap.between(
        opens, interval, range, covered == null ? List.of() : List.of(covered), emptyIntervals);
  }

  /// Where to go on reading forwards, or null: after a full answer, or where the exchange's
  /// pages ended before the range did.
  @Nullable
  Instant nextFrom(Reply.Value value, List<Event.Bar> bars) {
    Instant from = asked.from();
    if (from == null) {
      return null;
    }
    Span covered = value.served().covered();
    Instant next = null;
    if (bars.size() >= asked.limit()) {
      next = asked.interval().next(bars.getLast().time());
    } else if (covered != null && covered.to().isAfter(from)) {
      Instant open = asked.interval().openOf(view.at());
      next = covered.to().isBefore(open) ? covered.to() : null;
    }
    Instant to = asked.to();
    boolean over = next == null || next.isAfter(view.at()) || (to != null && !next.isBefore(to));
    return over ? null : next;
  }

  /// What the source says; where it says nothing, whether the interval was over when the bar was
  /// received.
  static boolean complete(Event.Bar bar, Instant receivedAt) {
    Boolean said = bar.complete();
    return said != null ? said : !bar.interval().next(bar.time()).isAfter(receivedAt);
  }

  static List<Event.Bar> bars(Reply.Value value) {
    List<Event> events = value.served().events();
    List<Event.Bar> bars = new ArrayList<>(events.size());
    for (Event event : events) {
      if (event instanceof Event.Bar bar) {
        bars.add(bar);
      }
    }
    return bars;
  }

  /// What an entity tag is made of: it changes when anything does but the age and the time of
  /// reception.
  private void addTo(MessageDigest tag, Reply.Value value, List<Event.Bar> bars, JsonText body) {
    add(tag, value.served().source().name());
    add(tag, exchangeOf(value, bars));
    add(tag, value.status().text());
    add(tag, nextFrom(value, bars));
    add(tag, value.tried().size());
    body.addTo(tag);
  }

  static void add(MessageDigest tag, @Nullable Object part) {
    tag.update(String.valueOf(part).getBytes(StandardCharsets.UTF_8));
    tag.update((byte) '|');
  }

  MessageDigest tag() {
    try {
      MessageDigest tag = MessageDigest.getInstance("SHA-256");
      add(tag, strings);
      return tag;
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /// Weak (RFC 9110, section 8.8.1): the age and the like may differ under one tag.
  static String text(MessageDigest tag) {
    return "W/\"" + HexFormat.of().formatHex(tag.digest(), 0, 12) + "\"";
  }
}
