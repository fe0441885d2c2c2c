package dev.everfeed.hub.source;

import static dev.everfeed.hub.source.Answers.failureOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Failure;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Proof;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.core.normalise.Rollup;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/// What every source of [KnownSources] must do, whoever wrote it; a new line there is tested
/// without a word here. What only one source can be held to (its paths, its words, its errors)
/// is for its own tests, and what its answers mean for [GoldenTest].
///
/// docs/adding-a-source.md leads through it.
class SourceContractTest {
  static final List<String> NAMES = KnownSources.names();

  private static final String KEY = "a-key-that-nobody-may-see";

  /// A refresh may use so much of the window (WeightBudget); a question that weighs more would
  /// never be asked by the schedule.
  private static final int REFRESH_PERCENT = 80;

  private static final Instant PAST = Instant.parse("2024-02-29T12:34:56.789Z");
  private static final Instant FUTURE = Instant.parse("2199-12-31T23:59:59Z");
  private static final List<Symbol> ASKED = List.of(Symbol.of("BTC/USDT"), Symbol.of("BTC/USD"));

  /// In the notations of wire/CANONICAL.md, and in none.
  private static final List<String> NOT_SPOT = List.of(
      "BTC/USDT:USDT",
      "BTC/USD:BTC",
      "BTC/USD:BTC-251226",
      "BTC/USD:BTC-251226-50000-C",
      "AAPL",
      "BRK.B",
      "rb2601.SHFE",
      "BTCUSDT",
      "BTC-USDT",
      "btc/usdt",
      "BTC/",
      "/USDT",
      "BTC/USDT/ETH",
      "BTC/USDT&limit=1",
      "BTC/USDT?x=1",
      "BTC/USDT#",
      "BTC/../USDT",
      "%2e%2e/USDT");

  @Test
  void everySourceIsListedOnceWithItsFormatAndItsAddress() {
    assertThat(NAMES).doesNotHaveDuplicates().allMatch(name -> name.matches("[a-z][a-z0-9_]*"));
    assertThat(KnownSources.wires())
        .doesNotHaveDuplicates()
        .hasSizeGreaterThanOrEqualTo(NAMES.size());
    for (String wire : KnownSources.wires()) {
      assertThat(KnownSources.decoder(wire).map(WireDecoder::kinds))
          .as("kinds of %s", wire)
          .hasValueSatisfying(kinds -> assertThat(kinds).isNotEmpty());
    }
    for (String name : NAMES) {
      assertThat(KnownSources.baseUrl(name)).as("address of %s", name).hasValueSatisfying(url -> {
        assertThat(url.getScheme()).isEqualTo("https");
        assertThat(url.getHost()).isNotBlank();
        assertThat(url.getPath()).isEmpty();
      });
    }
  }

  @ParameterizedTest
  @FieldSource("NAMES")
  void itSaysWhoItIsAndUnderWhichTerms(String name) {
    PolledSource source = source(name);

    assertThat(source.id()).isEqualTo(new SourceId(name));
    assertThat(source.attribution()).isNotBlank();
    assertThat(source.terms()).isNotBlank();
    URI homepage = URI.create(source.homepage());
    assertThat(homepage.getScheme()).isEqualTo("https");
    assertThat(homepage.getHost()).isNotBlank();
    String exchange = source.exchange();
    assertThat(exchange != null)
        .as("content %s, exchange %s", source.content(), exchange)
        .isEqualTo(source.content() == Content.EXCHANGE);
    if (exchange != null) {
      assertThat(exchange).matches("[a-z][a-z0-9_]*");
    }
    assertThat(source.usualInterval()).isPositive();
    assertThat(source.askAgainAfter().isNegative()).isFalse();
    assertThat(source.weightPerWindow()).isPositive();
    assertThat(source.weightWindow()).isBetween(Duration.ofSeconds(1), Duration.ofHours(1));
  }

  @ParameterizedTest
  @FieldSource("NAMES")
  void whatItOffersHasAProof(String name) {
    PolledSource source = source(name);

    assertThat(source.offers()).isNotEmpty();
    assertThat(source.proofs()).containsOnlyKeys(source.offers());
    source.proofs().forEach((kind, proof) -> {
      assertThat(proof.depth()).as("depth of %s", kind).isNotBlank();
      if (proof.dense() || proof.refill() == Proof.Refill.BY_ID) {
        assertThat(proof.identity())
            .as("%s: without ids nothing is dense", kind)
            .isTrue();
      }
    });
    BarRules rules = source.bars();
    assertThat(rules != null)
        .as("it offers bars exactly if it has rules of them")
        .isEqualTo(source.offers().contains(Query.Kind.BARS));
    if (rules != null) {
      assertThat(source.proofs())
          .as("bars are dense where an interval without trades has one")
          .hasEntrySatisfying(
              Query.Kind.BARS,
              proof -> assertThat(proof.dense()).isEqualTo(rules.emptyIntervals()));
    }
  }

  @ParameterizedTest
  @FieldSource("NAMES")
  void itCanBeAskedForAllThatItOffersAndForNothingElse(String name) {
    PolledSource source = source(name);

    for (Query.Kind kind : Query.Kind.values()) {
      List<Query> simple = simple(kind, source.id());
      long accepted =
          simple.stream().filter(query -> request(source, query).isPresent()).count();
      if (source.offers().contains(kind)) {
        assertThat(accepted)
            .as("%s of %s or of %s", kind, "BTC/USDT", "BTC/USD")
            .isPositive();
      } else {
        assertThat(accepted).as("%s is not offered", kind).isZero();
        for (Query query : simple) {
          assertThat(
                  failureOf(source.interpret(query, Answers.answer(200, "[]"))).kind())
              .isEqualTo(Failure.Kind.NOT_OFFERED);
        }
      }
    }
  }

  @ParameterizedTest
  @FieldSource("NAMES")
  void requestsAreWellFormedAndTheSameForTheSameQuestion(String name) {
    PolledSource source = source(name);
    PolledSource twin = source(name);

    for (Query query : questions(source)) {
      Optional<SourceRequest> asked = request(source, query);
      assertThat(request(source, query)).as("%s", query).isEqualTo(asked);
      assertThat(request(twin, query)).as("%s", query).isEqualTo(asked);
      asked.ifPresent(request -> assertWellFormed(query.toString(), request));
    }
    assertThat(twin.probe()).isEqualTo(source.probe());
    assertWellFormed("the probe", source.probe());
  }

  /// A question of more than one request says so before it is asked, so that it is not begun
  /// and then left for want of budget.
  @ParameterizedTest
  @FieldSource("NAMES")
  void aQuestionWeighsAtLeastItsFirstRequestAndFitsIntoTheWindow(String name)
      throws UnsupportedQueryException {
    PolledSource source = source(name);
    int share = Math.ceilDiv(source.weightPerWindow() * REFRESH_PERCENT, 100);

    assertThat(source.probe().weight()).isBetween(1, share);
    for (Query query : questions(source)) {
      Optional<SourceRequest> first = request(source, query);
      if (first.isPresent()) {
        assertThat(source.weight(query)).as("%s", query).isBetween(first.get().weight(), share);
      } else {
        assertThatCode(() -> source.weight(query))
            .as("weight of what it refuses: %s", query)
            .isInstanceOf(UnsupportedQueryException.class);
      }
    }
  }

  @ParameterizedTest
  @FieldSource("NAMES")
  void everyIntervalIsServedOrRefusedWithThoseThatThereAre(String name) {
    PolledSource source = source(name);
    BarRules rules = source.bars();

    for (Interval interval : Interval.values()) {
      for (Query.Bars query : bars(spot(source), interval)) {
        Optional<SourceRequest> asked = request(source, query);
        boolean possible =
            rules != null && Rollup.basis(interval, rules.offered().keySet()).isPresent();
        assertThat(asked.isPresent()).as("%s", query).isEqualTo(possible);
        if (rules != null && !possible) {
          assertThat(refusal(source, query))
              .contains(interval.text())
              .contains(rules.offered().keySet().stream().map(Interval::text).toList());
        }
      }
    }
  }

  @ParameterizedTest
  @FieldSource("NAMES")
  void whatIsNoSpotSymbolIsRefusedBeforeAnythingIsSent(String name) {
    PolledSource source = source(name);

    for (String text : NOT_SPOT) {
      Symbol symbol = Symbol.of(text);
      List<Query> queries = List.of(
          Query.Prices.of(symbol),
          Query.Prices.of(List.of(symbol, spot(source))),
          new Query.Bars(symbol, Interval.H1, null, null, 10),
          new Query.Bars(symbol, Interval.H1, PAST, null, 10),
          new Query.Trades(symbol, null, 10));
      for (Query query : queries) {
        assertThat(request(source, query)).as("%s", query).isEmpty();
      }
    }
  }

  @ParameterizedTest
  @FieldSource("NAMES")
  void anAnswerThatIsNoneIsAFailureAndNeverAnException(String name) {
    PolledSource source = source(name);

    for (Query query : offered(source)) {
      HostileAnswers.each(hostile -> {
        Failure failure = failureOf(source.interpret(query, hostile.result()));
        assertSaid(source, query + ", " + hostile.what(), failure);
        assertThat(failure.kind())
            .as("%s, %s", query, hostile.what())
            .isIn(HostileAnswers.kindsOf(hostile.result().status()));
      });
    }
    HostileAnswers.each(hostile -> {
      Failure failure = failureOf(source.interpretProbe(hostile.result()));
      assertSaid(source, "probe, " + hostile.what(), failure);
      assertThat(failure.kind())
          .as("probe, %s", hostile.what())
          .isIn(HostileAnswers.kindsOf(hostile.result().status()));
    });
  }

  /// What is JSON may be an answer, but only with a status that says so.
  @ParameterizedTest
  @FieldSource("NAMES")
  void jsonOfAnotherShapeIsNoExceptionAndNoAnswerWithABadStatus(String name) {
    PolledSource source = source(name);

    HostileAnswers.eachOfAnotherShape(other -> {
      int status = other.result().status();
      List<Outcome> outcomes = new ArrayList<>();
      outcomes.add(source.interpretProbe(other.result()));
      for (Query query : offered(source)) {
        outcomes.add(source.interpret(query, other.result()));
      }
      if (status < 200 || status > 299) {
        assertThat(outcomes).as(other.what()).hasOnlyElementsOfType(Outcome.Unusable.class);
      }
      assertThatCode(() -> source.usage(other.result())).doesNotThrowAnyException();
    });
  }

  @ParameterizedTest
  @FieldSource("NAMES")
  void whoAsksTooOftenIsToldForHowLong(String name) {
    PolledSource source = source(name);
    List<Map<String, String>> headers = List.of(
        Map.of("retry-after", "7"),
        Map.of(
            "date",
            "Sun, 22 Nov 2026 04:02:10 GMT",
            "retry-after",
            "Sun, 22 Nov 2026 04:02:17 GMT"));

    for (Map<String, String> header : headers) {
      for (String body : List.of("", "{}", "<html>429</html>")) {
        HttpResult result = Answers.answer(429, body, header);
        for (Query query : offered(source)) {
          assertPause(failureOf(source.interpret(query, result)), 7);
        }
        assertPause(failureOf(source.interpretProbe(result)), 7);
        assertPause(
            failureOf(source.interpretProbe(Answers.answer(418, body, Map.of("retry-after", "9")))),
            9);
      }
    }
    assertPause(failureOf(source.interpretProbe(Answers.answer(429, ""))), 0);
  }

  /// A source that has been told nothing of use goes on as before.
  @ParameterizedTest
  @FieldSource("NAMES")
  void anEmptyListOfInstrumentsChangesNothing(String name) {
    PolledSource source = source(name);
    PolledSource told = source.knowing(List.of());

    assertThat(told.id()).isEqualTo(source.id());
    for (Query query : offered(source)) {
      assertThat(request(told, query)).as("%s", query).isEqualTo(request(source, query));
    }
  }

  /// Nothing is spent on a symbol that the source has said not to have.
  @ParameterizedTest
  @FieldSource("NAMES")
  void anExchangeThatHasToldItsListRefusesWhatIsNotOnIt(String name) {
    PolledSource source = source(name);
    if (source.content() != Content.EXCHANGE || !source.offers().contains(Query.Kind.LISTINGS)) {
      return;
    }
    PolledSource told = source.knowing(listings(source));

    for (Query.Kind kind : List.of(Query.Kind.PRICE, Query.Kind.BARS, Query.Kind.TRADES)) {
      if (source.offers().contains(kind)) {
        Query listed = simple(kind, source.id()).getFirst();
        Query other = simple(kind, source.id()).getLast();
        assertThat(request(told, listed)).as("%s", listed).isPresent();
        assertThat(refusal(told, other)).contains("does not list BTC/USD");
      }
    }
  }

  @ParameterizedTest
  @FieldSource("NAMES")
  void nobodySeesTheKey(String name) {
    PolledSource source = KnownSources.polled(
        name, new SourceSettings(KnownSources.baseUrl(name).orElseThrow(), KEY, Map.of()));

    for (Query query : offered(source)) {
      request(source, query).ifPresent(request -> {
        assertThat(request.toString()).doesNotContain(KEY);
        assertThat(request.path()).doesNotContain(KEY);
      });
      assertThat(failureOf(source.interpret(query, Answers.answer(401, "{}"))).message())
          .doesNotContain(KEY);
    }
    assertThat(source.toString()).doesNotContain(KEY);
  }

  private static void assertWellFormed(String what, SourceRequest request) {
    assertThat(request.path()).as(what).startsWith("/").doesNotStartWith("//").isASCII();
    assertThatCode(() -> URI.create("https://host" + request.path()))
        .as("%s: %s", what, request.path())
        .doesNotThrowAnyException();
    URI uri = URI.create("https://host" + request.path());
    assertThat(uri.getHost()).isEqualTo("host");
    assertThat(uri.getRawFragment()).isNull();
    assertThat(uri.normalize()).as("no `..` in %s", request.path()).isEqualTo(uri);
  }

  /// One line that begins with the source's name and does not repeat a page of HTML.
  private static void assertSaid(PolledSource source, String what, Failure failure) {
    assertThat(failure.message())
        .as(what)
        .startsWith(source.id().name())
        .hasSizeLessThan(400)
        .doesNotContain("\n", "\r", "\u0000", "\u001b");
  }

  private static void assertPause(Failure failure, long seconds) {
    assertThat(failure.kind()).isIn(Failure.Kind.RATE_LIMITED, Failure.Kind.BANNED);
    assertThat(failure.retryAfterNanos()).isEqualTo(Duration.ofSeconds(seconds).toNanos());
  }

  private static PolledSource source(String name) {
    return KnownSources.polled(
        name, SourceSettings.of(KnownSources.baseUrl(name).orElseThrow()));
  }

  /// Empty when it is refused; then with a reason.
  private static Optional<SourceRequest> request(PolledSource source, Query query) {
    try {
      return Optional.of(source.request(query));
    } catch (UnsupportedQueryException e) {
      assertThat(e.getMessage())
          .as("%s", query)
          .startsWith(source.id().name() + ": ")
          .hasSizeGreaterThan(source.id().name().length() + 10);
      return Optional.empty();
    }
  }

  private static String refusal(PolledSource source, Query query) {
    try {
      throw new AssertionError("not refused: " + source.request(query));
    } catch (UnsupportedQueryException e) {
      return e.getMessage();
    }
  }

  /// The first of the two that it has prices of, or bitcoin in dollars.
  private static Symbol spot(PolledSource source) {
    return ASKED.stream()
        .filter(symbol -> request(source, Query.Prices.of(symbol)).isPresent())
        .findFirst()
        .orElse(ASKED.getLast());
  }

  /// One instrument, in the spellings of all.
  private static List<Event> listings(PolledSource source) {
    return List.of("BTC-USDT", "BTCUSDT", "XBTUSDT").stream()
        .<Event>map(spelling -> new Event.Listing(
            ASKED.getFirst(),
            source.exchange(),
            source.id(),
            spelling,
            "BTC",
            "USDT",
            Event.Listing.Trading.TRADING))
        .toList();
  }

  private static List<Query> simple(Query.Kind kind, SourceId id) {
    List<Query> simple = new ArrayList<>();
    for (Symbol symbol : ASKED) {
      simple.add(
          switch (kind) {
            case PRICE -> Query.Prices.of(symbol);
            case BARS -> new Query.Bars(symbol, Interval.M1, null, null, 10);
            case TRADES -> new Query.Trades(symbol, null, 10);
            case SENTIMENT -> new Query.Sentiments(symbol);
            case LISTINGS -> new Query.Listings(id);
          });
    }
    return simple;
  }

  /// A question of each kind that it offers, and bars from a moment on.
  private static List<Query> offered(PolledSource source) {
    List<Query> offered = new ArrayList<>();
    for (Query.Kind kind : source.offers()) {
      for (Query query : simple(kind, source.id())) {
        if (request(source, query).isPresent()) {
          offered.add(query);
        }
      }
      if (kind == Query.Kind.BARS) {
        offered.add(new Query.Bars(spot(source), Interval.H1, PAST, null, 10));
      }
    }
    return offered;
  }

  private static List<Query.Bars> bars(Symbol symbol, Interval interval) {
    List<Query.Bars> bars = new ArrayList<>();
    for (int limit : new int[] {1, 2, 200, 1_000, Query.Bars.MAX_LIMIT}) {
      bars.add(new Query.Bars(symbol, interval, null, null, limit));
      bars.add(new Query.Bars(symbol, interval, null, PAST, limit));
      bars.add(new Query.Bars(symbol, interval, null, FUTURE, limit));
      for (Instant from : List.of(Instant.EPOCH, PAST, FUTURE)) {
        bars.add(new Query.Bars(symbol, interval, from, null, limit));
        bars.add(new Query.Bars(symbol, interval, from, from.plusNanos(1), limit));
        bars.add(new Query.Bars(symbol, interval, from, from.plus(Duration.ofDays(1_000)), limit));
      }
      bars.add(new Query.Bars(symbol, interval, Instant.EPOCH, FUTURE, limit));
    }
    return bars;
  }

  private static List<Query> questions(PolledSource source) {
    Symbol spot = spot(source);
    List<Query> questions = new ArrayList<>();
    for (Query.Kind kind : Query.Kind.values()) {
      questions.addAll(simple(kind, source.id()));
    }
    questions.add(new Query.Sentiments(null));
    questions.add(Query.Prices.of(batch(spot.quote().orElseThrow())));
    for (Interval interval : Interval.values()) {
      questions.addAll(bars(spot, interval));
    }
    for (int limit : new int[] {1, 100, Query.Trades.MAX_LIMIT}) {
      questions.add(new Query.Trades(spot, null, limit));
      for (String id : List.of("0", "1", "4242424242", "99999999999999999999999", "-1", "a b&c")) {
        questions.add(new Query.Trades(spot, id, limit));
      }
      for (Instant from : List.of(Instant.EPOCH, PAST, FUTURE)) {
        questions.add(new Query.Trades(spot, null, from, limit, null));
      }
    }
    return questions;
  }

  /// As many as one question takes.
  private static Set<Symbol> batch(String quote) {
    Set<Symbol> batch = new TreeSet<>();
    for (String base : List.of(
        "BTC", "ETH", "SOL", "XRP", "ADA", "DOGE", "LTC", "DOT", "LINK", "AVAX", "BCH", "XLM",
        "UNI", "ATOM", "ETC", "FIL", "AAVE", "ALGO", "NEAR", "TRX")) {
      batch.add(Symbol.of(base, quote));
    }
    assertThat(batch).hasSize(Query.Prices.MAX_SYMBOLS);
    return batch;
  }
}
