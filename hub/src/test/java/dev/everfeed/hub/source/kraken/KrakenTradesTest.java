package dev.everfeed.hub.source.kraken;

import static dev.everfeed.hub.source.Answers.answer;
import static dev.everfeed.hub.source.Answers.eventsOf;
import static dev.everfeed.hub.source.Answers.failureOf;
import static dev.everfeed.hub.source.kraken.KrakenRestTest.BTC;
import static dev.everfeed.hub.source.kraken.KrakenRestTest.KRAKEN;
import static dev.everfeed.hub.source.kraken.KrakenRestTest.result;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Failure;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.hub.source.HttpResult;
import dev.everfeed.hub.source.Outcome;
import dev.everfeed.hub.source.Shared;
import dev.everfeed.hub.source.UnsupportedQueryException;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import org.junit.jupiter.api.Test;

/// Kraken's trades: a moment in nanoseconds, and a cursor that lives for one question.
class KrakenTradesTest {
  private static final Instant NOON = Instant.parse("2024-03-13T12:00:00Z");

  @Test
  void theNewestAreAskedForByNumber() throws Exception {
    Query.Trades query = new Query.Trades(BTC, null, 50);
    assertThat(KRAKEN.request(query).path()).isEqualTo("/0/public/Trades?pair=XBTUSD&count=50");
    assertThat(KRAKEN.weight(query)).isEqualTo(1);
  }

  @Test
  void aMomentIsAskedForInNanoseconds() throws Exception {
    assertThat(KRAKEN.request(from(NOON.plusNanos(123_456_789), 50)).path())
        .isEqualTo("/0/public/Trades?pair=XBTUSD&count=150&since=1710331200123456788");
    assertThat(KRAKEN.request(from(NOON, 1_000)).path())
        .isEqualTo("/0/public/Trades?pair=XBTUSD&count=1000&since=1710331199999999999");
    assertThat(KRAKEN.request(from(Instant.EPOCH, 50)).path()).endsWith("&since=0");
    assertThat(KRAKEN.request(from(Instant.MIN, 50)).path()).endsWith("&since=0");
    assertThat(KRAKEN.request(from(Instant.parse("9999-01-01T00:00:00Z"), 50)).path())
        .endsWith("&since=253370764799999999999");
  }

  @Test
  void anIdIsNotSomethingToAskFrom() {
    assertThatThrownBy(() -> KRAKEN.request(new Query.Trades(BTC, "6324366", 50)))
        .isInstanceOf(UnsupportedQueryException.class)
        .hasMessage("kraken: gives trades from a moment on, not from an id on");
  }

  @Test
  void theRecordedTradesAreBelieved() throws IOException {
    byte[] body = Files.readAllBytes(Shared.wire("cases/kraken_rest/rest_trades/0001.json"));
    assertThat(eventsOf(
            KRAKEN.interpret(new Query.Trades(BTC, null, 20), new HttpResult(200, Map.of(), body))))
        .hasSize(14);
  }

  /// The recorded trade was filed 0.4 ms after the time that it shows: asked for what lies in
  /// between, the venue gives it, and it is not what was asked for.
  @Test
  void aTradeOfJustBeforeTheMomentIsCutOff() throws IOException {
    byte[] body = Files.readAllBytes(Shared.wire("cases/kraken_rest/rest_trades/0003.json"));
    HttpResult result = new HttpResult(200, Map.of(), body);
    Symbol symbol = Symbol.of("BTC/USDT");
    Instant shown = Instant.parse("2024-03-13T11:05:59.1733468Z");
    assertThat(eventsOf(KRAKEN.interpret(new Query.Trades(symbol, null, shown, 5, null), result)))
        .hasSize(1);
    assertThat(eventsOf(KRAKEN.interpret(
            new Query.Trades(symbol, null, shown.plusNanos(100), 5, null), result)))
        .isEmpty();
  }

  @Test
  void noMoreComeThanWereAskedFor() {
    String rows = rows(1, 10, NOON);
    assertThat(ids(eventsOf(KRAKEN.interpret(new Query.Trades(BTC, null, 3), page(rows)))))
        .containsExactly("8", "9", "10");
    assertThat(ids(eventsOf(KRAKEN.interpret(from(NOON, 3), page(rows)))))
        .containsExactly("1", "2", "3");
  }

  /// A page that is full, and shorter than what was asked for without its first trades: whoever
  /// asked would think that there are no more.
  @Test
  void aFullPageWithStraysIsGoneOnFromItsCursor() throws Exception {
    Query.Trades query = from(NOON, 950);
    assertThat(KRAKEN.weight(query)).isEqualTo(2);
    // 60 of before, 940 of after
    HttpResult first = page(rows(1, KrakenTrades.PAGE_MAX, NOON.minusMillis(60)));
    Outcome outcome = KRAKEN.interpret(query, first);
    assertThat(outcome).isInstanceOf(Outcome.More.class);
    Outcome.More more = (Outcome.More) outcome;
    assertThat(more.next().path())
        .isEqualTo("/0/public/Trades?pair=XBTUSD&count=1000&since=1710331200777");
    // a venue that includes the cursor says the last one again
    HttpResult second = page(rows(1_000, 30, NOON.plusMillis(939)));
    List<Event> events = eventsOf(KRAKEN.interpret(query, more.events(), second));
    assertThat(ids(events)).hasSize(950).startsWith("61", "62").endsWith("1009", "1010");
    assertThat(ids(events)).doesNotHaveDuplicates();
  }

  @Test
  void aPageThatIsNotFullIsAllThereIs() throws Exception {
    assertThat(eventsOf(KRAKEN.interpret(from(NOON, 950), page(rows(1, 900, NOON)))))
        .hasSize(900);
    assertThat(KRAKEN.weight(from(NOON, 900))).isEqualTo(1);
    assertThat(eventsOf(KRAKEN.interpret(
            from(NOON, 900), page(rows(1, KrakenTrades.PAGE_MAX, NOON.minusMillis(100))))))
        .hasSize(900);
  }

  @Test
  void aVenueThatDidNotHearTheMomentIsWrong() {
    Failure failure =
        failureOf(KRAKEN.interpret(from(NOON, 10), page(rows(1, 110, NOON.minusSeconds(3_600)))));
    assertThat(failure.kind()).isEqualTo(Failure.Kind.WRONG_DATA);
    assertThat(failure.message())
        .isEqualTo("kraken: answered with 110 trades of BTC/USD from before "
            + "2024-03-13T12:00:00Z when asked for those since");
  }

  @Test
  void aFullPageWithoutACursorCannotBeGoneOn() {
    String body = result("{\"XXBTZUSD\":" + rows(1, 1_000, NOON.minusMillis(60)) + "}");
    assertThat(failureOf(KRAKEN.interpret(from(NOON, 950), answer(200, body))).kind())
        .isEqualTo(Failure.Kind.UNDECODABLE);
  }

  @Test
  void impossibleTradesAreWrong() {
    for (String rows : List.of(
        rows(1, 2, NOON).replace("\"0.5\"", "\"0\""),
        rows(1, 2, NOON).replace("\"2\"", "\"-2\""),
        "[" + row(5, NOON) + "," + row(5, NOON) + "]",
        "[" + row(5, NOON) + "," + row(4, NOON) + "]")) {
      assertThat(failureOf(KRAKEN.interpret(new Query.Trades(BTC, null, 5), page(rows)))
              .kind())
          .as(rows)
          .isEqualTo(Failure.Kind.WRONG_DATA);
    }
  }

  @Test
  void anAnswerForAnotherPairIsWrong() {
    String body = result("{\"XETHZUSD\":" + rows(1, 1, NOON) + ",\"last\":\"1\"}");
    assertThat(failureOf(KRAKEN.interpret(new Query.Trades(BTC, null, 5), answer(200, body)))
            .kind())
        .isEqualTo(Failure.Kind.WRONG_DATA);
  }

  private static Query.Trades from(Instant moment, int limit) {
    return new Query.Trades(BTC, null, moment, limit, null);
  }

  /// One a millisecond.
  private static String rows(int firstId, int count, Instant first) {
    StringJoiner rows = new StringJoiner(",", "[", "]");
    for (int i = 0; i < count; i++) {
      rows.add(row(firstId + i, first.plusMillis(i)));
    }
    return rows.toString();
  }

  private static String row(int id, Instant time) {
    return "[\"2\",\"0.5\",%d.%03d,\"b\",\"m\",\"\",%d]"
        .formatted(time.getEpochSecond(), time.getNano() / 1_000_000, id);
  }

  private static HttpResult page(String rows) {
    return answer(200, result("{\"XXBTZUSD\":" + rows + ",\"last\":\"1710331200777\"}"));
  }

  private static List<String> ids(List<Event> events) {
    return events.stream().map(e -> String.valueOf(((Event.Trade) e).tradeId())).toList();
  }
}
