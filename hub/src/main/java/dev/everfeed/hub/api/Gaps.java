package dev.everfeed.hub.api;

import dev.everfeed.hub.ledger.Gap;
import dev.everfeed.hub.ledger.IdRanges;
import dev.everfeed.hub.ledger.LedgerView;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// `/v1/gaps`: what was not delivered when it was due, and what became of it. On the server's
/// event loop, from a picture at most a second old.
final class Gaps {
  private static final int USUAL = 100;
  private static final int MAX = 1_000;

  private final Desk desk;

  Gaps(Desk desk) {
    this.desk = desk;
  }

  List<Endpoint> endpoints() {
    return List.of(Endpoint.of(
        "/v1/gaps",
        List.of("stream", "symbol", "from", "to", "state", "limit", "cursor"),
        p -> Answer.json(gaps(p))));
  }

  private record Wanted(
      @Nullable String stream,
      @Nullable String symbol,
      @Nullable Instant from,
      @Nullable Instant to,
      Gap.@Nullable State state,
      long below) {

    static Wanted of(Parameters p, HubView view) {
      return new Wanted(
          p.text("stream").orElse(null),
          p.text("symbol").map(text -> p.symbol(text, view).text()).orElse(null),
          p.time("from"),
          p.time("to"),
          p.text("state").map(Wanted::state).orElse(null),
          p.text("cursor").map(Wanted::cursor).orElse(Long.MAX_VALUE));
    }

    private static Gap.State state(String text) {
      for (Gap.State state : Gap.State.values()) {
        if (state.text().equals(text)) {
          return state;
        }
      }
      throw Problem.badParameter("state must be one of %s, was \"%s\""
          .formatted(
              Arrays.stream(Gap.State.values())
                  .map(Gap.State::text)
                  .collect(Collectors.joining(", ")),
              Parameters.shown(text)));
    }

    private static long cursor(String text) {
      if (!text.matches("[0-9]{1,18}")) {
        throw Problem.badParameter("cursor must be the next_cursor of an earlier answer, was \"%s\""
            .formatted(Parameters.shown(text)));
      }
      return Long.parseLong(text);
    }

    boolean isOf(String name) {
      return (stream == null || stream.equals(name))
          && (symbol == null || symbol.equals(symbolOf(name)));
    }

    boolean is(LedgerView.OfStream each) {
      Gap gap = each.gap();
      return gap.number() < below
          && isOf(each.stream())
          && (state == null || gap.state() == state)
          && (from == null || !gap.detectedAt().isBefore(from))
          && (to == null || gap.detectedAt().isBefore(to));
    }
  }

  private static String symbolOf(String stream) {
    return stream.split("\\|", -1)[1];
  }

  private String gaps(Parameters p) {
    Wanted wanted = Wanted.of(p, desk.view());
    int limit = p.limit(USUAL, MAX);
    LedgerView ledger = desk.ledger().orElse(null);
    JsonText json = new JsonText().open().key("gaps").openList();
    Gap last = null;
    String next = null;
    int count = 0;
    for (LedgerView.OfStream each :
        ledger == null ? List.<LedgerView.OfStream>of() : ledger.gaps()) {
      if (!wanted.is(each)) {
        continue;
      }
      if (count++ == limit) {
        next = last == null ? null : Long.toString(last.number());
        break;
      }
      last = each.gap();
      gap(json, each);
    }
    json.closeList().field("next_cursor", next).key("summary");
    summary(json, ledger, wanted);
    return json.close().toString();
  }

  private static void gap(JsonText json, LedgerView.OfStream each) {
    Gap gap = each.gap();
    json.open()
        .field("id", Long.toString(gap.number()))
        .field("stream", each.stream())
        .field("symbol", symbolOf(each.stream()))
        .field("source", each.source())
        .field("gateway", gap.gateway())
        .field("first_id", Long.toString(gap.firstId()))
        .field("last_id", Long.toString(gap.lastId()))
        .field("ticks", gap.ticks())
        .field("kind", gap.kind().text())
        .field("state", gap.state().text())
        .field("reason", gap.reason())
        .field("detected_at", gap.detectedAt())
        .field("closed_at", gap.closedAt())
        .field("filled_by", gap.filledBy() == null ? null : gap.filledBy().text())
        .field(
            "refilled",
            gap.state().isOpen() ? 0 : gap.ticks() - gap.undelivered().ids())
        .field("filled_later", gap.filledLater())
        .field("tries", gap.tries())
        .key("missing");
    ranges(json, gap.missing());
    json.close();
  }

  private static void ranges(JsonText json, IdRanges ranges) {
    json.openList();
    for (int i = 0; i < ranges.count(); i++) {
      json.open()
          .field("first_id", Long.toString(ranges.first(i)))
          .field("last_id", Long.toString(ranges.last(i)))
          .close();
    }
    json.closeList();
  }

  private static void summary(JsonText json, @Nullable LedgerView ledger, Wanted wanted) {
    json.open()
        .field("kept", ledger == null ? "nothing" : ledger.durable() ? "disk" : "memory")
        .field("remark", ledger == null ? null : ledger.remark())
        .field("overflows", ledger == null ? 0 : ledger.overflows())
        .key("streams")
        .openList();
    for (LedgerView.PassageView each :
        ledger == null ? List.<LedgerView.PassageView>of() : ledger.passages()) {
      if (wanted.isOf(each.stream())) {
        json.open()
            .field("stream", each.stream())
            .field("symbol", symbolOf(each.stream()))
            .field("source", each.source())
            .field("since_id", Long.toString(each.sinceId()))
            .field("up_to_id", Long.toString(each.upToId()))
            .field("since", each.since())
            .field("as_of", each.asOf())
            .field("delivered", each.delivered())
            .field("refilled", each.refilled())
            .field("filled_later", each.filled())
            .field("lost", each.lost())
            .field("open", each.open())
            .field("gaps", each.gaps())
            .close();
      }
    }
    json.closeList().close();
  }
}
