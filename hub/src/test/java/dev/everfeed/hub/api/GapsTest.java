package dev.everfeed.hub.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.everfeed.hub.ledger.Gap;
import dev.everfeed.hub.ledger.IdRanges;
import dev.everfeed.hub.ledger.LedgerView;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// `/v1/gaps`. That each answer fits the reference is checked by the fixture.
class GapsTest {
  private static final Instant START = Instant.parse("2026-11-22T12:00:00Z");
  private final RunningServer hub = new RunningServer();

  @AfterEach
  void stop() {
    hub.close();
  }

  private static LedgerView.OfStream gap(long number, String stream, Gap.State state) {
    IdRanges ids = IdRanges.of(100 * number, 100 * number + 4);
    boolean whole = state == Gap.State.FILLED;
    return new LedgerView.OfStream(
        stream,
        "binance",
        new Gap(
            number,
            1,
            "binance",
            100 * number,
            100 * number + 9,
            Gap.Kind.LINE,
            state,
            ids,
            whole ? IdRanges.NONE : ids,
            whole ? null : "asked for, and not brought in time",
            START.plusSeconds(number),
            state.isOpen() ? null : START.plusSeconds(number + 1),
            whole ? Gap.FilledBy.FILLED_LATER : null,
            1));
  }

  private void keep(LedgerView.OfStream... gaps) {
    hub.desk.ledger = new LedgerView(
        true,
        null,
        List.of(gaps),
        List.of(new LedgerView.PassageView(
            "trade|BTC/USDT", "binance", 1, 1_000, START, START, 990, 5, 4, 6, 0, 3)),
        0,
        4_096);
  }

  private List<String> ids(String query) {
    List<String> ids = new ArrayList<>();
    hub.get("/v1/gaps" + query)
        .json()
        .get("gaps")
        .forEach(gap -> ids.add(gap.get("id").asText()));
    return ids;
  }

  @Test
  void aHubThatListensToNobodyHasNoGaps() {
    JsonNode answer = hub.get("/v1/gaps").json();
    assertThat(answer.get("gaps")).isEmpty();
    assertThat(answer.at("/summary/kept").asText()).isEqualTo("nothing");
  }

  @Test
  void theNewestComeFirstPageByPageAndEachOnce() {
    keep(
        gap(9, "trade|BTC/USDT", Gap.State.RECOVERING),
        gap(7, "trade|ETH/USDT", Gap.State.FILLED),
        gap(4, "trade|BTC/USDT", Gap.State.DECLARED_LOST));
    JsonNode page = hub.get("/v1/gaps?limit=2").json();
    assertThat(page.get("gaps")).hasSize(2);
    assertThat(page.get("gaps").get(0).get("id").asText()).isEqualTo("9");
    String cursor = page.get("next_cursor").asText();
    assertThat(ids("?limit=2&cursor=" + cursor)).containsExactly("4");
    assertThat(hub.get("/v1/gaps?limit=3").json().get("next_cursor").isNull()).isTrue();
  }

  @Test
  void theyAreChosenByStreamSymbolStateAndTime() {
    keep(
        gap(9, "trade|BTC/USDT", Gap.State.RECOVERING),
        gap(7, "trade|ETH/USDT", Gap.State.FILLED),
        gap(4, "trade|BTC/USDT", Gap.State.DECLARED_LOST));
    assertThat(ids("?stream=trade%7CBTC/USDT")).containsExactly("9", "4");
    assertThat(ids("?symbol=BTC/USDT")).containsExactly("9", "4");
    assertThat(ids("?state=filled")).containsExactly("7");
    assertThat(ids("?from=2026-11-22T12:00:05Z")).containsExactly("9", "7");
    assertThat(ids("?to=2026-11-22T12:00:07Z")).containsExactly("4");
    JsonNode other = hub.get("/v1/gaps?stream=trade%7CETH/USDT").json();
    assertThat(other.at("/summary/streams")).isEmpty();
  }

  @Test
  void aGapSaysWhatIsMissingAndWhy() {
    keep(gap(4, "trade|BTC/USDT", Gap.State.DECLARED_LOST));
    JsonNode answer = hub.get("/v1/gaps").json();
    JsonNode gap = answer.get("gaps").get(0);
    assertThat(gap.get("ticks").asLong()).isEqualTo(10);
    assertThat(gap.get("refilled").asLong()).isEqualTo(5);
    assertThat(gap.get("reason").asText()).isEqualTo("asked for, and not brought in time");
    assertThat(gap.get("missing").toString())
        .isEqualTo("[{\"first_id\":\"400\",\"last_id\":\"404\"}]");
    JsonNode stream = answer.at("/summary/streams/0");
    long all = stream.get("delivered").asLong()
        + stream.get("filled_later").asLong()
        + stream.get("lost").asLong()
        + stream.get("open").asLong();
    assertThat(all)
        .isEqualTo(stream.get("up_to_id").asLong() - stream.get("since_id").asLong() + 1);
  }

  @Test
  void whatIsNotUnderstoodIsRefused() {
    assertThat(hub.get("/v1/gaps?state=gone").status()).isEqualTo(400);
    assertThat(hub.get("/v1/gaps?cursor=x").status()).isEqualTo(400);
    assertThat(hub.get("/v1/gaps?limit=0").status()).isEqualTo(400);
    assertThat(hub.get("/v1/gaps?symbol=NO/ONE").status()).isEqualTo(404);
  }
}
