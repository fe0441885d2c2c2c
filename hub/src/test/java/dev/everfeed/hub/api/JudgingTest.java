package dev.everfeed.hub.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.everfeed.core.model.Decimal;
import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.Served;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.core.model.ValueStatus;
import dev.everfeed.core.request.Reply;
import dev.everfeed.core.verdict.Evidence;
import dev.everfeed.core.verdict.Verdict;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// `/v1/verdict`. That each answer fits the reference is checked by the fixture.
class JudgingTest {
  private static final String BTC = "BTC/USDT";
  private final RunningServer hub = new RunningServer();

  @AfterEach
  void stop() {
    hub.close();
  }

  private void publish(Evidence seen, long atNanos) {
    Map<String, VerdictView> all = new LinkedHashMap<>();
    for (String symbol : List.of(BTC, "ETH/USDT")) {
      all.put(
          symbol,
          new VerdictView(
              symbol,
              hub.desk.verdictRule().of(seen),
              atNanos,
              Instant.parse("2026-11-22T12:00:00Z"),
              true,
              "binance",
              seen.status(),
              seen.ageNanos(),
              seen.sources()));
    }
    hub.desk.verdicts = new VerdictBoard(all);
  }

  private static Evidence seen(ValueStatus status, int sources) {
    return new Evidence(false, status, 40_000_000, sources, false, 0, null, null);
  }

  private JsonNode of(String symbol) {
    return hub.get("/v1/verdict?symbol=" + symbol).json();
  }

  @Test
  void whatIsPublishedIsJudgedByTheTickLoop() {
    publish(seen(ValueStatus.LIVE, 1), hub.nanos.get());
    JsonNode verdict = of(BTC);
    assertThat(verdict.get("verdict").asText()).isEqualTo("reduce");
    assertThat(verdict.get("factor").decimalValue()).isEqualByComparingTo("0.5");
    assertThat(verdict.get("basis").asText()).isEqualTo("stream");
    assertThat(verdict.get("age_ms").asLong()).isEqualTo(40);
    assertThat(verdict.at("/reasons/0/message").asText())
        .isEqualTo("1 healthy source has it with content of its own (wanted 2)");
    Duration good = Duration.between(
        Instant.parse(verdict.get("at").asText()),
        Instant.parse(verdict.get("valid_until").asText()));
    assertThat(good).isEqualTo(Duration.ofSeconds(2));
    assertThat(verdict.get("valid_for_ms").asLong()).isBetween(1L, 2_000L);
    assertThat(hub.desk.asked).isEmpty();
  }

  @Test
  void withoutASymbolItIsThatOfEveryOneThatIsPublished() {
    publish(seen(ValueStatus.LIVE, 2), hub.nanos.get());
    JsonNode all = hub.get("/v1/verdict").json().get("verdicts");
    assertThat(all.findValuesAsText("symbol")).containsExactly(BTC, "ETH/USDT");
    assertThat(all.findValuesAsText("verdict")).containsOnly("trade");
  }

  @Test
  void whatNobodyHasJudgedForLongerThanItIsGoodIsAHalt() {
    publish(seen(ValueStatus.LIVE, 2), hub.nanos.get() - 3_000_000_000L);
    JsonNode verdict = of(BTC);
    assertThat(verdict.get("verdict").asText()).isEqualTo("halt");
    assertThat(verdict.get("factor").asInt()).isZero();
    assertThat(verdict.get("valid_for_ms").asLong()).isZero();
    assertThat(verdict.at("/reasons/0/code").asText()).isEqualTo("late");
    assertThat(verdict.at("/reasons/0/message").asText())
        .matches("what judges it last looked 3,\\d{3} ms ago \\(allowed 2,000 ms\\)");
  }

  private void priced(
      String symbol, @Nullable String exchange, ValueStatus status, boolean equivalent) {
    hub.desk.answer = query -> Future.succeededFuture(new Reply.Value(
        query,
        new Served(
            query,
            new SourceId(exchange == null ? "coingecko" : exchange),
            List.of(new Event.Price(
                Symbol.of(symbol),
                exchange,
                new SourceId(exchange == null ? "coingecko" : exchange),
                Decimal.of(58_040),
                CannedDesk.START)),
            0,
            equivalent),
        status,
        900_000_000,
        List.of()));
  }

  @Test
  void aSymbolThatIsNotPublishedIsJudgedByItsPrice() {
    priced(BTC, "binance", ValueStatus.LIVE, false);
    JsonNode verdict = of(BTC);
    assertThat(verdict.get("basis").asText()).isEqualTo("poll");
    assertThat(verdict.get("gateway").asText()).isEqualTo("binance");
    assertThat(verdict.get("since").isNull()).isTrue();
    assertThat(verdict.findValuesAsText("code")).containsExactly("few_sources");
    assertThat(hub.desk.asked).containsExactly(Query.Prices.of(Symbol.of(BTC)));

    priced(BTC, "binance", ValueStatus.STALE, false);
    assertThat(of(BTC).findValuesAsText("code")).containsExactly("stale", "few_sources");
    priced(BTC, "binance", ValueStatus.CACHED, false);
    assertThat(of(BTC).findValuesAsText("code")).containsExactly("maybe_stale", "few_sources");
  }

  @Test
  void anEquivalentAndAnAverageAreNoPriceToTradeAt() {
    priced("BTC/USD", "coinbase", ValueStatus.LIVE, true);
    assertThat(of(BTC).at("/reasons/0/message").asText())
        .isEqualTo("its price is not that of this instrument at an exchange: coinbase gave an"
            + " equivalent");
    priced(BTC, null, ValueStatus.LIVE, false);
    JsonNode verdict = of(BTC);
    assertThat(verdict.get("verdict").asText()).isEqualTo("halt");
    assertThat(verdict.at("/reasons/0/code").asText()).isEqualTo("stand_in");
  }

  @Test
  void whenNobodyAnswersItIsAHaltThatSaysSo() {
    hub.desk.answer = query -> Future.succeededFuture(new Reply.Unavailable(query, List.of()));
    JsonNode verdict = of(BTC);
    assertThat(verdict.get("verdict").asText()).isEqualTo(Verdict.Action.HALT.text());
    assertThat(verdict.get("age_ms").isNull()).isTrue();
    assertThat(verdict.get("status").isNull()).isTrue();
    assertThat(verdict.at("/reasons/0/message").asText())
        .isEqualTo("nothing is known of it: no provider answered");
  }

  @Test
  void anUnknownSymbolIsNoVerdict() {
    assertThat(hub.get("/v1/verdict?symbol=NO/NE").status()).isEqualTo(404);
  }
}
