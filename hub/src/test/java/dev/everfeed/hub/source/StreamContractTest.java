package dev.everfeed.hub.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.everfeed.core.model.Channel;
import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Proof;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Stream;
import dev.everfeed.core.model.Streams;
import dev.everfeed.core.model.Symbol;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/// What every source of [KnownSources] that is listened to must do, whoever wrote it. What only
/// one can be held to (its words, its channels) is for its own tests, and what its frames mean
/// for [GoldenTest] and [HotDecoderTest].
class StreamContractTest {
  static final List<String> NAMES = HotDecoderTest.SOURCES;

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Symbol BTC = Symbol.of("BTC/USDT");
  private static final Symbol ETH = Symbol.of("ETH/USD");

  private static final List<String> NOT_SPOT = List.of(
      "BTC/USDT:USDT",
      "BTC/USD:BTC-251226",
      "AAPL",
      "rb2601.SHFE",
      "BTCUSDT",
      "BTC-USDT",
      "btc/usdt",
      "BTC/",
      "/USDT",
      "BTC/USDT/ETH",
      "BTC/USDT@trade",
      "BTC/USDT,X",
      "BTC/USDT}",
      "BTC/\u0130USD\u00e9");

  @Test
  void theExchangesAreListenedTo() {
    assertThat(NAMES).contains("binance", "coinbase_exchange", "kraken", "okx", "bybit");
    assertThat(KnownSources.stream("coingecko")).isEmpty();
    assertThat(KnownSources.stream("nobody")).isEmpty();
  }

  @ParameterizedTest
  @FieldSource("NAMES")
  void itSaysWhoItIs(String name) {
    StreamSource source = source(name);

    assertThat(source.id()).isEqualTo(new SourceId(name));
    assertThat(Optional.of(source.exchange()))
        .isEqualTo(Optional.ofNullable(KnownSources.polled(
                name, SourceSettings.of(KnownSources.baseUrl(name).orElseThrow()))
            .exchange()));
    assertThat(source.baseUrl().getScheme()).isEqualTo("wss");
    assertThat(source.baseUrl().getHost()).isNotBlank();
    assertThat(source.baseUrl().getPath()).isEmpty();
    for (Stream stream : streamsOf(BTC).stream().filter(source::offers).toList()) {
      assertThat(source.path(stream)).startsWith("/");
    }
    Map<String, List<String>> paths = streamsOf(BTC).stream()
        .filter(source::offers)
        .collect(Collectors.groupingBy(
            source::group, Collectors.mapping(source::path, Collectors.toList())));
    assertThat(paths.values())
        .as("streams of one group have one path")
        .allMatch(ofGroup -> ofGroup.stream().distinct().count() == 1);
    assertThat(source.ping().filter(String::isBlank)).isEmpty();
    assertThat(KnownSources.decoder(source.wire())).isPresent();
  }

  @ParameterizedTest
  @FieldSource("NAMES")
  void eachOfItsChannelsHasAProof(String name) {
    StreamSource source = source(name);

    assertThat(source.proofs()).containsKeys(Channel.TRADE, Channel.QUOTE);
    assertThat(source.proofs().containsKey(Channel.BAR))
        .isEqualTo(!source.intervals().isEmpty());
    source.proofs().forEach((channel, proof) -> {
      assertThat(proof.depth()).as("depth of %s", channel).isNotBlank();
      if (proof.dense() || proof.refill() == Proof.Refill.BY_ID) {
        assertThat(proof.identity())
            .as("%s: without ids nothing is dense", channel)
            .isTrue();
      }
    });
  }

  /// A gap that is proven here is filled there: ids must count alike.
  @ParameterizedTest
  @FieldSource("NAMES")
  void whatCanBeRefilledIsPolledWithTheSameProof(String name) {
    StreamSource source = source(name);
    PolledSource polled =
        KnownSources.polled(name, SourceSettings.of(KnownSources.baseUrl(name).orElseThrow()));

    Proof streamed = source.proofs().get(Channel.TRADE);
    assertThat(streamed).isNotNull();
    if (streamed.refill() != Proof.Refill.NONE) {
      assertThat(polled.proofs()).containsEntry(Query.Kind.TRADES, streamed);
    }
  }

  @ParameterizedTest
  @FieldSource("NAMES")
  void itsRulesCanBeFollowed(String name) {
    StreamRules rules = source(name).rules();

    assertThat(rules.streamsPerRequest()).isBetween(1, rules.streamsMax());
    assertThat(rules.requestsMax()).isPositive();
    assertThat(rules.requestsWindow()).isBetween(Duration.ofMillis(1), Duration.ofHours(1));
    int requests = Math.ceilDiv(rules.streamsMax(), rules.streamsPerRequest());
    assertThat(rules.requestsWindow().multipliedBy((requests - 1) / rules.requestsMax()))
        .as("until a full connection has asked for everything")
        .isLessThan(Duration.ofMinutes(2));
    assertThat(rules.connectsMax()).isPositive();
    assertThat(rules.connectsWindow()).isPositive();
    assertThat(rules.quietMax()).isBetween(Duration.ofSeconds(1), Duration.ofMinutes(5));
    if (rules.subscribeWithin() != null) {
      assertThat(rules.subscribeWithin()).isPositive();
    }
    if (rules.lifetime() != null) {
      assertThat(rules.lifetime()).isGreaterThan(Duration.ofMinutes(10));
    }
  }

  @ParameterizedTest
  @FieldSource("NAMES")
  void itOffersItsChannelsOfSpotPairsAndNothingElse(String name) {
    StreamSource source = source(name);

    for (Stream stream : streamsOf(BTC)) {
      boolean has = source.proofs().containsKey(stream.channel())
          && (stream.interval() == null || source.intervals().contains(stream.interval()));
      assertThat(source.offers(stream)).as("%s", stream).isEqualTo(has);
    }
    for (String text : NOT_SPOT) {
      for (Stream stream : streamsOf(Symbol.of(text))) {
        assertThat(source.offers(stream)).as("%s", stream).isFalse();
        assertThatThrownBy(() -> source.subscribe(List.of(stream), 1))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining(name)
            .hasMessageContaining(text);
      }
    }
  }

  @ParameterizedTest
  @FieldSource("NAMES")
  void aFullRequestIsOneSmallJsonObject(String name) throws IOException {
    StreamSource source = source(name);
    List<Stream> streams = new ArrayList<>();
    for (int i = 0; i < source.rules().streamsPerRequest(); i++) {
      streams.add(Stream.trades(Symbol.of("LONGNAME" + i, "USDT")));
    }

    List<String> messages = new ArrayList<>(source.subscribe(streams, 999_999));
    messages.addAll(source.unsubscribe(streams, 999_999));
    assertThat(messages).hasSize(2);
    for (String message : messages) {
      JsonNode request = JSON.readTree(message);
      assertThat(request.isObject()).isTrue();
      assertThat(message.length()).isLessThan(16_384);
      assertThat(message).doesNotContain("\n");
      if (source.answersByRequest()) {
        assertThat(message).contains("999999");
      }
    }
    assertThat(source.subscribe(streams, 1)).isNotEqualTo(source.unsubscribe(streams, 1));
  }

  @ParameterizedTest
  @FieldSource("NAMES")
  void whoseAnswersNameTheRequestAsksInOneMessage(String name) {
    StreamSource source = source(name);
    List<Stream> all = streamsOf(BTC).stream().filter(source::offers).toList();

    assertThat(source.subscribe(all, 7)).isNotEmpty();
    assertThat(source.unsubscribe(all, 7)).isNotEmpty();
    if (source.answersByRequest()) {
      assertThat(source.subscribe(all, 7)).hasSize(1);
    }
    assertThat(source.connections(all))
        .isEqualTo((int) all.stream().map(source::group).distinct().count());
    assertThat(source.connections(List.of())).isZero();
  }

  /// Two streams of two symbols ask for those and not for their product.
  @ParameterizedTest
  @FieldSource("NAMES")
  void whatIsAskedForDependsOnEveryStream(String name) {
    StreamSource source = source(name);
    List<List<String>> messages = List.of(
        source.subscribe(List.of(Stream.trades(BTC), Stream.quotes(ETH)), 1),
        source.subscribe(List.of(Stream.trades(ETH), Stream.quotes(BTC)), 1),
        source.subscribe(List.of(Stream.trades(BTC), Stream.trades(ETH)), 1),
        source.subscribe(
            List.of(Stream.trades(BTC), Stream.trades(ETH), Stream.quotes(BTC), Stream.quotes(ETH)),
            1));

    assertThat(messages).doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @FieldSource("NAMES")
  void framesOfStreamsThatAreNotPublishedGiveNoTicks(String name) throws IOException, Undecodable {
    StreamSource source = source(name);
    List<byte[]> frames = RecordedFrames.of(name);
    Streams all = RecordedFrames.streams(source, frames);
    Streams quotes =
        new Streams(all.all().stream().filter(s -> s.channel() == Channel.QUOTE).toList());
    TakenFrames none = new TakenFrames(new Streams(List.of()), source);
    TakenFrames some = new TakenFrames(quotes, source);
    FrameDecoder toNobody = source.decoder(new Streams(List.of()));
    FrameDecoder toSome = source.decoder(quotes);
    for (byte[] frame : frames) {
      toNobody.decode(frame, 0, frame.length, none);
      toSome.decode(frame, 0, frame.length, some);
    }

    assertThat(none.events()).isEmpty();
    assertThat(none.lines()).allMatch(l -> l.startsWith("control ") || l.startsWith("answered "));
    assertThat(some.events()).isNotEmpty().hasOnlyElementsOfType(Event.Quote.class);
  }

  /// Streams of symbols that the source has no name for are somebody else's.
  @ParameterizedTest
  @FieldSource("NAMES")
  void streamsOfOthersDoNotMatter(String name) throws IOException, Undecodable {
    StreamSource source = source(name);
    List<byte[]> frames = RecordedFrames.of(name);
    List<Stream> streams = new ArrayList<>();
    for (String text : NOT_SPOT) {
      streams.addAll(streamsOf(Symbol.of(text)));
    }
    streams.addAll(RecordedFrames.streams(source, frames).all());
    Streams mixed = new Streams(streams);
    TakenFrames taken = new TakenFrames(mixed, source);
    FrameDecoder decoder = source.decoder(mixed);
    for (byte[] frame : frames) {
      decoder.decode(frame, 0, frame.length, taken);
    }

    assertThat(taken.events()).hasSizeGreaterThanOrEqualTo(RecordedFrames.ticks(name));
  }

  @ParameterizedTest
  @FieldSource("NAMES")
  void rubbishIsUndecodableAndTheNextFrameIsNot(String name) throws IOException, Undecodable {
    StreamSource source = source(name);
    List<byte[]> frames = RecordedFrames.of(name);
    Streams streams = RecordedFrames.streams(source, frames);
    FrameDecoder decoder = source.decoder(streams);
    TakenFrames taken = new TakenFrames(streams, source);
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(1);
    for (int i = 0; i < 1_000; i++) {
      byte[] rubbish = new byte[random.nextInt(200)];
      random.nextBytes(rubbish);
      assertThatThrownBy(() -> decoder.decode(rubbish, 0, rubbish.length, taken))
          .isInstanceOf(Undecodable.class);
    }
    for (String page : List.of("", "<html>403 Forbidden</html>", "7", "null", "\"x\"")) {
      byte[] bytes = page.getBytes(StandardCharsets.UTF_8);
      assertThatThrownBy(() -> decoder.decode(bytes, 0, bytes.length, taken))
          .isInstanceOf(Undecodable.class);
    }
    assertThat(taken.lines()).isEmpty();

    for (byte[] frame : frames) {
      decoder.decode(frame, 0, frame.length, taken);
    }
    assertThat(taken.events()).hasSizeGreaterThanOrEqualTo(RecordedFrames.ticks(name));
  }

  private static List<Stream> streamsOf(Symbol symbol) {
    List<Stream> streams = new ArrayList<>();
    streams.add(Stream.trades(symbol));
    streams.add(Stream.quotes(symbol));
    for (Interval interval : Interval.values()) {
      streams.add(Stream.bars(symbol, interval));
    }
    return streams;
  }

  private static StreamSource source(String name) {
    return KnownSources.stream(name).orElseThrow();
  }
}
