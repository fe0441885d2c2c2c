package dev.everfeed.core.request;

import static dev.everfeed.core.request.ChainBench.BTC;
import static dev.everfeed.core.request.ChainBench.EXCHANGE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.everfeed.core.model.Failure;
import dev.everfeed.core.model.Failure.Kind;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.Served;
import dev.everfeed.core.model.ValueStatus;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class FetchTest {
  private static final Query.Bars BINANCE = Bars.between(null, null, 9).at("binance");
  private static final Query.Bars KRAKEN = BINANCE.at("kraken");

  private final Fetch fetch = new Fetch(3, new Planned(List.of(BINANCE, KRAKEN), 1, 0));

  private static Reply.Value value(Query query, int bars, Tried... tried) {
    Served served = new Served(query, EXCHANGE, List.copyOf(Bars.complete(0, bars)), 0, false);
    return new Reply.Value(query, served, ValueStatus.LIVE, 0, List.of(tried));
  }

  private static Tried tried(Kind kind) {
    return new Tried(EXCHANGE, Failure.of(kind, "was " + kind.text()));
  }

  private Decision.Fetched report() {
    return Objects.requireNonNull(fetch.report(), "no report");
  }

  @Test
  void itsQuestionsAreTakenInOrderAndItIsOverWithTheLastThatIsOpen() {
    assertThat(fetch.take()).isZero();
    assertThat(fetch.take()).isEqualTo(1);
    assertThat(fetch.take()).isEqualTo(-1);
    assertThat(fetch.ended()).isFalse();
    assertThat(fetch.ended()).isTrue();
    assertThat(fetch.planned).isEqualTo(3);
  }

  @Test
  void oneThatBroughtNothingBringsInTheNextWhileThereIsOne() {
    Reply nothing = new Reply.Unavailable(BINANCE, List.of());
    fetch.take();
    assertThat(fetch.bringsInAnother(nothing)).isTrue();
    assertThat(fetch.bringsInAnother(value(BINANCE, 1))).isFalse();
    fetch.take();
    assertThat(fetch.bringsInAnother(nothing)).isFalse();
  }

  @Test
  void whatEachExchangeBroughtAndWhoFailedIsReported() {
    fetch.replied(BINANCE, value(BINANCE, 4, tried(Kind.TIMEOUT)));
    fetch.replied(KRAKEN, new Reply.Unavailable(KRAKEN, List.of()));
    assertThat(report().bars()).hasSize(1).containsEntry("binance", 4);
    assertThat(report().failed())
        .hasSize(2)
        .containsEntry("binance", "was timeout")
        .containsEntry("kraken", "no source of this exchange is on the route");
    assertThat(report().wanted()).isEqualTo(1);
    assertThat(report().symbol()).isEqualTo(BTC);
  }

  @Test
  void whoWasPassedOverIsNoFailureUnlessNobodyAnswered() {
    fetch.replied(BINANCE, value(BINANCE, 4, tried(Kind.NOT_OFFERED), tried(Kind.NO_ANSWER_YET)));
    assertThat(report().failed()).isEmpty();
    fetch.replied(BINANCE, new Reply.Unavailable(BINANCE, List.of(tried(Kind.NOT_OFFERED))));
    assertThat(report().failed()).containsEntry("binance", "was not_offered");
  }

  @Test
  void barsOfAnyExchangeAreReportedUnderTheOneThatTheyAreOf() {
    fetch.replied(BINANCE.at(null), value(BINANCE.at(null), 2));
    assertThat(report().bars()).containsEntry("binance", 2);
    fetch.postponed(BINANCE.at(null));
    fetch.postponed(KRAKEN);
    assertThat(report().failed())
        .containsEntry("all", "postponed: no budget left in this run")
        .containsEntry("kraken", "postponed: no budget left in this run");
  }

  @Test
  void onlyBarsAreReported() {
    Fetch prices = new Fetch(0, Planned.everyRun(Query.Prices.of(BTC)));
    assertThat(prices.report()).isNull();
  }
}
