package dev.everfeed.hub.api;

import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.normalise.Gap;
import dev.everfeed.core.request.Reply;
import dev.everfeed.core.request.Tried;
import io.vertx.core.buffer.Buffer;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/// Replies of the hub as `/v1/bars?format=csv` tells them: one line a bar, oldest first; empty
/// fields are null. What lines of bars cannot tell (who has none, what is absent, where to go
/// on) is in headers, so that an answer with a part missing does not look whole.
final class BarLines {
  private static final String TITLES = "exchange,time,open,high,low,close,volume,complete,status\n";

  private final Query.Bars asked;
  private final HubView view;
  private final BarAnswers answers;

  /// @param answers the same as JSON: what is absent and what follows is decided there
  BarLines(Query.Bars asked, HubView view, BarAnswers answers) {
    this.asked = asked;
    this.view = view;
    this.answers = answers;
  }

  /// One exchange's bars.
  ///
  /// @param again address of the same question from another moment on
  /// @throws Problem when there are none
  Answer one(Reply reply, Function<Instant, String> again) {
    Reply.Value value = answers.valueOf(reply);
    SequencedMap<String, String> headers = new LinkedHashMap<>();
    Instant next = answers.nextFrom(value, BarAnswers.bars(value));
    if (next != null) {
      headers.put("link", "<%s>; rel=\"next\"".formatted(again.apply(next))); // RFC 8288
    }
    return answer(List.of(value), headers);
  }

  /// The exchanges one after the other.
  ///
  /// @param unknown names that no source on the route trades at
  /// @throws Problem when nobody answered
  Answer each(SequencedMap<String, Reply> replies, List<String> unknown) {
    List<Reply.Value> values = new ArrayList<>();
    Set<Tried> tried = new LinkedHashSet<>();
    List<String> next = new ArrayList<>();
    List<String> without = new ArrayList<>();
    replies.forEach((exchange, reply) -> {
      tried.addAll(reply.tried());
      if (reply instanceof Reply.Value value) {
        values.add(value);
        List<Event.Bar> bars = BarAnswers.bars(value);
        Instant from = answers.nextFrom(value, bars);
        if (from != null) {
          next.add(exchange + "=" + from);
        }
        if (bars.isEmpty()) {
          without.add(exchange + " (no_bars)");
        }
      } else {
        without.add(exchange + " (unavailable)");
      }
    });
    if (values.isEmpty()) {
      answers.valueOf(new Reply.Unavailable(asked, List.copyOf(tried)));
    }
    unknown.forEach(name -> without.add(encoded(name) + " (unknown)"));
    SequencedMap<String, String> headers = new LinkedHashMap<>();
    if (!without.isEmpty()) {
      headers.put("everfeed-without", String.join(", ", without));
    }
    if (!next.isEmpty()) {
      headers.put("everfeed-next-from", String.join(", ", next));
    }
    return answer(values, headers);
  }

  /// A name may be any text, and a header may not.
  private static String encoded(String name) {
    return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private Answer answer(List<Reply.Value> values, SequencedMap<String, String> headers) {
    StringBuilder text = new StringBuilder(TITLES);
    Map<Gap.Kind, Long> absent = new LinkedHashMap<>();
    for (Reply.Value value : values) {
      List<Event.Bar> bars = BarAnswers.bars(value);
      bars.forEach(bar -> addLine(text, bar, value));
      for (Gap gap : answers.gaps(value, bars)) {
        absent.merge(gap.kind(), gap.bars(), Long::sum);
      }
    }
    headers.put(
        "everfeed-gaps",
        Arrays.stream(Gap.Kind.values())
            .map(kind -> kind.text() + "=" + absent.getOrDefault(kind, 0L))
            .collect(Collectors.joining(", ")));
    byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
    MessageDigest tag = answers.tag();
    BarAnswers.add(tag, headers);
    tag.update(bytes);
    return new Answer(
        200, "text/csv; charset=utf-8", Buffer.buffer(bytes), BarAnswers.text(tag), headers);
  }

  private void addLine(StringBuilder text, Event.Bar bar, Reply.Value value) {
    Instant receivedAt = view.clock().at(value.served().receivedAtNanos());
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
        .append(BarAnswers.complete(bar, receivedAt))
        .append(',')
        .append(value.status().text())
        .append('\n');
  }
}
