package dev.everfeed.core.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.everfeed.core.Repetitions;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TickTest {
  private static final SourceId SOURCE = new SourceId("binance");
  private static final Symbol BTC = Symbol.of("BTC/USDT");
  private static final long SECOND = 1_000_000_000L;

  private final Tick tick = new Tick();

  private static Event.Trade trade(@Nullable String id, @Nullable Instant time) {
    return new Event.Trade(
        BTC, "binance", SOURCE, Decimal.parse("10.5"), Decimal.ONE, Side.SELL, id, time);
  }

  private static Event.Bar bar(@Nullable Boolean complete) {
    return new Event.Bar(
        BTC,
        "binance",
        SOURCE,
        Interval.M1,
        Instant.ofEpochSecond(60),
        Decimal.of(1),
        Decimal.of(4),
        Decimal.of(1),
        Decimal.of(3),
        null,
        complete);
  }

  private static Event.Quote quote(@Nullable Decimal bid, @Nullable Decimal ask) {
    return new Event.Quote(BTC, "binance", SOURCE, bid, null, ask, null, Instant.ofEpochSecond(7));
  }

  private static void id(Tick tick, String text) {
    byte[] bytes = ("<" + text).getBytes(StandardCharsets.US_ASCII);
    tick.setId(bytes, 1, bytes.length - 1);
  }

  private static Tick filled() {
    Tick filled = new Tick();
    filled.begin(4);
    filled.setNumber(Tick.PRICE, 105, 1);
    filled.setNumber(Tick.SIZE, 0, 0);
    filled.setTimeNanos(99);
    filled.setSide(Side.BUY);
    filled.setComplete(true);
    id(filled, "77");
    filled.setOrder(5);
    return filled;
  }

  private static void saysNothing(Tick tick) {
    for (int index = 0; index < 5; index++) {
      assertThat(tick.has(index)).isFalse();
    }
    assertThat(tick.timeNanos()).isEqualTo(Tick.NONE);
    assertThat(tick.side()).isNull();
    assertThat(tick.saysComplete()).isFalse();
    assertThat(tick.isComplete()).isFalse();
    assertThat(tick.idLength()).isZero();
    assertThat(tick.idNumber()).isEqualTo(Tick.NONE);
    assertThat(tick.order()).isEqualTo(Tick.NONE);
    assertThat(tick.event()).isNull();
  }

  private static void saysWhatWasFilledIn(Tick tick) {
    assertThat(tick.stream()).isEqualTo(4);
    assertThat(tick.mantissa(Tick.PRICE)).isEqualTo(105);
    assertThat(tick.scale(Tick.PRICE)).isEqualTo(1);
    assertThat(tick.has(Tick.SIZE)).as("a zero is a number").isTrue();
    assertThat(tick.has(2)).isFalse();
    assertThat(tick.timeNanos()).isEqualTo(99);
    assertThat(tick.side()).isEqualTo(Side.BUY);
    assertThat(tick.isComplete()).isTrue();
    assertThat(tick.idNumber()).isEqualTo(77);
    assertThat(tick.idLength()).isEqualTo(2);
    assertThat(tick.order()).isEqualTo(5);
    byte[] id = new byte[4];
    tick.copyId(id, 1);
    assertThat(new String(id, StandardCharsets.US_ASCII)).isEqualTo("\00077\0");
  }

  @Test
  void aTickSaysWhatWasFilledInUntilAnotherEventBegins() {
    saysNothing(tick);
    assertThat(tick.stream()).isEqualTo(Streams.NONE);
    Tick used = filled();
    saysWhatWasFilledIn(used);
    used.begin(2);
    assertThat(used.stream()).isEqualTo(2);
    saysNothing(used);
    used.begin(1, bar(null));
    used.begin(3);
    saysNothing(used);
  }

  /// The reader's tick is filled anew while a copy waits.
  @Test
  void aCopyKeepsEverythingWhateverBecomesOfTheOriginal() {
    Tick original = filled();
    tick.copyFrom(original);
    original.begin(9);
    original.setNumber(Tick.PRICE, 1, 1);
    id(original, "88");
    saysWhatWasFilledIn(tick);

    Event.Trade trade = trade("5", null);
    original.begin(9, trade);
    tick.copyFrom(original);
    assertThat(tick.event()).isSameAs(trade);
    assertThat(tick.has(Tick.PRICE)).as("its numbers stay in the record").isFalse();
  }

  @Test
  void aTradeAsARecordIsToldApartByItsIdAndHasItsTimeAndSide() {
    tick.begin(0, trade("42", Instant.ofEpochSecond(3, 5)));
    assertThat(tick.idNumber()).isEqualTo(42);
    assertThat(tick.timeNanos()).isEqualTo(3 * SECOND + 5);
    assertThat(tick.side()).isEqualTo(Side.SELL);
    tick.begin(0, trade(null, null));
    assertThat(tick.idLength()).isZero();
    assertThat(tick.timeNanos()).isEqualTo(Tick.NONE);
    tick.begin(0, trade("x".repeat(70), null));
    assertThat(tick.idLength()).as("no more than fits").isEqualTo(Tick.ID_MAX);
  }

  @Test
  void aQuoteAndABarAsRecordsHaveTheirTimeAndABarWhetherItIsFinal() {
    tick.begin(0, quote(Decimal.ONE, null));
    assertThat(tick.timeNanos()).isEqualTo(7 * SECOND);
    tick.begin(0, bar(true));
    assertThat(tick.timeNanos()).isEqualTo(60 * SECOND);
    assertThat(tick.isComplete()).isTrue();
    tick.begin(0, bar(false));
    assertThat(tick.isComplete()).isFalse();
    assertThat(tick.saysComplete()).isTrue();
    tick.begin(0, bar(null));
    assertThat(tick.saysComplete()).isFalse();
  }

  @Test
  void aTimeThatDoesNotFitInNanosecondsIsNone() {
    long most = 9_000_000_000L - 1;
    for (long second : new long[] {-most, -1, 0, most}) {
      tick.begin(0, trade("1", Instant.ofEpochSecond(second, 9)));
      assertThat(tick.timeNanos()).isEqualTo(second * SECOND + 9);
    }
    for (long second : new long[] {-most - 1, most + 1, Instant.MAX.getEpochSecond()}) {
      tick.begin(0, trade("1", Instant.ofEpochSecond(second)));
      assertThat(tick.timeNanos()).isEqualTo(Tick.NONE);
    }
  }

  @Test
  void anIdIsANumberWhenItHasOneToEighteenDigitsAndNothingElse() {
    id(tick, "0");
    assertThat(tick.idNumber()).isZero();
    id(tick, "999999999999999999");
    assertThat(tick.idNumber()).isEqualTo(999_999_999_999_999_999L);
    for (String text : new String[] {"", "1000000000000000000", "12a", "-1", "1/", "1:", "a9"}) {
      id(tick, text);
      assertThat(tick.idNumber()).as(text).isEqualTo(Tick.NONE);
      assertThat(tick.idLength()).isEqualTo(text.length());
    }
  }

  @Test
  void eventsAreOrderedByTheirIdUnlessTheSourceSaysByWhat() {
    id(tick, "12");
    assertThat(tick.order()).isEqualTo(12);
    tick.setOrder(3);
    assertThat(tick.order()).isEqualTo(3);
  }

  @Test
  void idsOfOtherCharactersHaveOtherHashes() {
    Set<Long> hashes = new LinkedHashSet<>();
    int ids = 0;
    for (int i = 0; i < Repetitions.of(20_000); i++) {
      for (String text : new String[] {"" + i, "x" + i, i + "x"}) {
        id(tick, text);
        hashes.add(tick.idHash());
        ids++;
      }
    }
    assertThat(hashes).hasSize(ids);
    id(tick, "x7");
    long hash = tick.idHash();
    Tick other = filled();
    id(other, "x7");
    assertThat(other.idHash()).isEqualTo(hash);
  }

  /// What came over two connections is the same when it says the same.
  @Test
  void contentIsWhatIsSaidAndNotHowItCame() {
    Tick same = filled();
    same.setOrder(8);
    assertThat(same.contentHash()).isEqualTo(filled().contentHash());

    List<Consumer<Tick>> changes = List.of(
        t -> t.setNumber(Tick.PRICE, 106, 1),
        t -> t.setNumber(Tick.PRICE, 105, 2),
        t -> t.setNumber(Tick.SIZE, 1, 0),
        t -> t.setNumber(2, 0, 0),
        t -> t.setNumber(4, 105, 1),
        t -> t.setTimeNanos(50),
        t -> t.setComplete(false));
    Set<Long> contents = new LinkedHashSet<>();
    contents.add(filled().contentHash());
    for (Consumer<Tick> change : changes) {
      Tick other = filled();
      change.accept(other);
      contents.add(other.contentHash());
    }
    assertThat(contents).hasSize(changes.size() + 1);
  }

  @Test
  void theContentOfARecordIsTheRecord() {
    tick.begin(0, quote(Decimal.ONE, null));
    Tick other = new Tick();
    other.begin(5, quote(Decimal.ONE, null));
    assertThat(other.contentHash()).isEqualTo(tick.contentHash());
    other.begin(0, quote(Decimal.of(2), null));
    assertThat(other.contentHash()).isNotEqualTo(tick.contentHash());
  }

  @Test
  void thePriceIsThatOfATradeTheMiddleOfAQuoteAndTheCloseOfABar() {
    tick.begin(0);
    tick.setNumber(Tick.PRICE, 105, 1);
    assertThat(tick.price(Channel.TRADE)).isEqualTo(10.5);
    tick.begin(0);
    tick.setNumber(Tick.BID, 100, 1);
    assertThat(tick.price(Channel.QUOTE)).as("a side is missing").isNaN();
    tick.setNumber(Tick.ASK, 12, 0);
    assertThat(tick.price(Channel.QUOTE)).isEqualTo(11);
    tick.begin(0);
    tick.setNumber(Tick.CLOSE, 25, 0);
    assertThat(tick.price(Channel.BAR)).isEqualTo(25);
    assertThat(tick.price(Channel.TRADE)).isNaN();
  }

  @Test
  void thePriceOfARecordIsFoundInTheRecord() {
    tick.begin(0, trade("1", null));
    assertThat(tick.price(Channel.TRADE)).isEqualTo(10.5);
    tick.begin(0, quote(Decimal.of(10), Decimal.of(12)));
    assertThat(tick.price(Channel.QUOTE)).isEqualTo(11);
    tick.begin(0, quote(Decimal.of(10), null));
    assertThat(tick.price(Channel.QUOTE)).isNaN();
    tick.begin(0, bar(true));
    assertThat(tick.price(Channel.BAR)).isEqualTo(3);
    tick.begin(0, new Event.Heartbeat(SOURCE));
    assertThat(tick.price(Channel.TRADE)).isNaN();
  }
}
