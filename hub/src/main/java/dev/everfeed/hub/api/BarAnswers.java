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
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Replies of the hub as `/v1/bars` tells them: one series, or one of each exchange, as JSON or
/// as CSV.
final class BarAnswers {
  /// Gaps told of one series; the rest is counted.
  static final int GAPS_MAX = 1_000;

  private static final long NANOS_PER_MILLI = 1_000_000;

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
    Reply.Value value =
        Values.valueOf(reply, "%s bars of %s".formatted(asked.interval(), asked.symbol()));
    List<Event.Bar> bars = bars(value);
    JsonText json = new JsonText(strings)
        .open()
        .field("symbol", symbolOf(bars))
        .field("interval", asked.interval().text());
    head(json, value, bars);
    byte[] body = body(value, bars);
    MessageDigest tag = tag();
    addTo(tag, value, bars, body);
    Buffer text = Buffer.buffer(body.length + 2_048);
    text.appendBytes(json.utf8()).appendByte((byte) ',').appendBytes(body).appendByte((byte) '}');
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
        byte[] body = body(value, bars);
        text.appendBytes(json.utf8());
        text.appendByte((byte) ',').appendBytes(body).appendByte((byte) '}');
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
        text.appendBytes(json.close().utf8());
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
      text.appendBytes(json.close().utf8());
    }
    return new Answer(200, Answer.JSON, text.appendString("}}"), text(tag));
  }

  private static void error(JsonText json, String type, String detail, @Nullable Reply reply) {
    json.key("error").open().field("type", "urn:everfeed:problem:" + type).field("detail", detail);
    Values.tried(json, reply == null ? List.of() : reply.tried()).close();
  }

  /// One line a bar, oldest first, the exchanges one after the other; empty fields are null.
  Answer csv(SequencedMap<String, Reply> replies) {
    StringBuilder text =
        new StringBuilder("exchange,time,open,high,low,close,volume,complete,status\n");
    for (Reply reply : replies.values()) {
      if (!(reply instanceof Reply.Value value)) {
        continue;
      }
      Instant receivedAt = view.clock().at(value.served().receivedAtNanos());
      for (Event.Bar bar : bars(value)) {
        text.append(bar.exchange() == null ? "" : bar.exchange())
            .append(',')
            .append(bar.time())
            .append(',')
            .append(bar.open())
            .append(',')
            .append(bar.high())
            .append(',')
            .append(bar.low())
            .append(',')
            .append(bar.close())
            .append(',')
            .append(bar.volume() == null ? "" : bar.volume())
            .append(',')
            .append(complete(bar, receivedAt))
            .append(',')
            .append(value.status().text())
            .append('\n');
      }
    }
    byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
    MessageDigest tag = tag();
    tag.update(bytes);
    return new Answer(200, "text/csv; charset=utf-8", Buffer.buffer(bytes), text(tag));
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
      json.value(null);
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
  private byte[] body(Reply.Value value, List<Event.Bar> bars) {
    Instant receivedAt = view.clock().at(value.served().receivedAtNanos());
    JsonText json = new JsonText(strings);
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
          .field("time", bar.time())
          .field("open", bar.open())
          .field("high", bar.high())
          .field("low", bar.low())
          .field("close", bar.close())
          .field("volume", bar.volume())
          .field("complete", complete(bar, receivedAt))
          .close();
    }
    return json.closeList().utf8();
  }

  /// What is not there between the beginning that was asked (or the first bar) and the end.
  private List<Gap> gaps(Reply.Value value, List<Event.Bar> bars) {
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
    List<Instant> opens =
        bars.stream().map(Event.Bar::time).filter(range::contains).toList();
    return Gap.between(
        opens, interval, range, covered == null ? List.of() : List.of(covered), emptyIntervals);
  }

  /// Where to go on reading forwards, or null: after a full answer, or where the exchange's
  /// pages ended before the range did.
  private @Nullable Instant nextFrom(Reply.Value value, List<Event.Bar> bars) {
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
  private static boolean complete(Event.Bar bar, Instant receivedAt) {
    Boolean said = bar.complete();
    return said != null ? said : !bar.interval().next(bar.time()).isAfter(receivedAt);
  }

  private static List<Event.Bar> bars(Reply.Value value) {
    return value.served().events().stream()
        .filter(Event.Bar.class::isInstance)
        .map(Event.Bar.class::cast)
        .toList();
  }

  /// What an entity tag is made of: it changes when anything does but the age and the time of
  /// reception.
  private void addTo(MessageDigest tag, Reply.Value value, List<Event.Bar> bars, byte[] body) {
    add(tag, value.served().source().name());
    add(tag, exchangeOf(value, bars));
    add(tag, value.status().text());
    add(tag, nextFrom(value, bars));
    add(tag, value.tried().size());
    tag.update(body);
  }

  private static void add(MessageDigest tag, @Nullable Object part) {
    tag.update(String.valueOf(part).getBytes(StandardCharsets.UTF_8));
    tag.update((byte) '|');
  }

  private MessageDigest tag() {
    try {
      MessageDigest tag = MessageDigest.getInstance("SHA-256");
      add(tag, strings);
      return tag;
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /// Weak (RFC 9110, section 8.8.1): the age and the like may differ under one tag.
  private static String text(MessageDigest tag) {
    return "W/\"" + HexFormat.of().formatHex(tag.digest(), 0, 12) + "\"";
  }
}
