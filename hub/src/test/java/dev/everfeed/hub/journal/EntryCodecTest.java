package dev.everfeed.hub.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.everfeed.core.model.Decimal;
import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Failure;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Side;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Span;
import dev.everfeed.core.model.Symbol;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Entries are read exactly as they were written, also those of an older version, and bytes that
/// are no entry end in a typed refusal.
class EntryCodecTest {
  private final EntryCodec codec = new EntryCodec();

  @Test
  void everyEntryIsReadAsItWasWritten() throws EntryUndecodableException {
    Entries entries = new Entries(7);
    Set<Class<?>> forms = new HashSet<>();
    for (int i = 0; i < 5_000; i++) {
      Entry entry = entries.next();
      byte[] bytes = bytesOf(entry);

      Entry read = codec.read(ByteBuffer.wrap(bytes).asReadOnlyBuffer());

      assertThat(read).isEqualTo(entry);
      assertThat(bytesOf(read)).as("%s", entry).isEqualTo(bytes);
      forms.add(entry.getClass());
      if (entry instanceof Entry.Received received) {
        forms.add(received.event().getClass());
      }
    }
    assertThat(forms)
        .hasSize(Entry.class.getPermittedSubclasses().length
            + Event.class.getPermittedSubclasses().length);
  }

  /// Equal decimals may differ in scale; the journal keeps it.
  @Test
  void decimalsKeepTheirScale() throws EntryUndecodableException {
    Entries entries = new Entries(8);
    for (int i = 0; i < 5_000; i++) {
      BigDecimal expected = entries.decimal().toBigDecimal();
      Encoder out = new Encoder(1);
      out.decimal(Decimal.of(expected));
      Decoder in = new Decoder();
      in.read(out.bytes(), out.length());
      BigDecimal read = in.decimal().toBigDecimal();
      assertThat(read.scale()).isEqualTo(expected.scale());
      assertThat(read.unscaledValue()).isEqualTo(expected.unscaledValue());
      assertThat(in.atEnd()).isTrue();
    }
  }

  @Test
  void numbersOfEverySizeAreRead() throws EntryUndecodableException {
    for (int shift = 0; shift < 64; shift++) {
      for (long number : new long[] {1L << shift, (1L << shift) - 1, -(1L << shift)}) {
        Encoder out = new Encoder(1);
        out.number(number);
        Decoder in = new Decoder();
        in.read(out.bytes(), out.length());
        assertThat(in.number()).isEqualTo(number);
        assertThat(in.atEnd()).isTrue();
      }
    }
  }

  /// An upgrade must read what the version before has written. Each line of the sample is one
  /// entry of version 1; when the format changes, it stays, and one of version 2 comes beside
  /// it.
  @Test
  void theSampleOfVersionOneStaysReadable() throws IOException, EntryUndecodableException {
    List<String> hex;
    try (InputStream in = Objects.requireNonNull(
        EntryCodecTest.class.getResourceAsStream("/journal/entries-version-1.hex"))) {
      hex = new String(in.readAllBytes(), StandardCharsets.US_ASCII).lines().toList();
    }
    List<Entry> samples = versionOne();
    assertThat(hex).hasSameSizeAs(samples);
    for (int i = 0; i < samples.size(); i++) {
      byte[] bytes = HexFormat.of().parseHex(hex.get(i));
      Entry read = codec.read(ByteBuffer.wrap(bytes));
      assertThat(read).isEqualTo(samples.get(i));
      assertThat(read.toString()).isEqualTo(samples.get(i).toString());
      assertThat(HexFormat.of().formatHex(bytesOf(samples.get(i))))
          .as("version 1 of %s", samples.get(i))
          .isEqualTo(hex.get(i));
    }
  }

  @Test
  void anUnknownVersionOrKindIsRefused() {
    byte[] bytes = bytesOf(Entries.trade(1));
    byte[] newer = bytes.clone();
    newer[0] = 2;
    assertThatThrownBy(() -> codec.read(ByteBuffer.wrap(newer)))
        .isInstanceOf(EntryUndecodableException.class)
        .hasMessage("the entry has version 2, this hub reads version 1");
    byte[] other = bytes.clone();
    other[1] = 99;
    assertThatThrownBy(() -> codec.read(ByteBuffer.wrap(other)))
        .isInstanceOf(EntryUndecodableException.class)
        .hasMessage("entries of version 1 have no kind 99");
    assertThatThrownBy(() -> codec.read(ByteBuffer.wrap(Arrays.copyOf(bytes, bytes.length + 1))))
        .isInstanceOf(EntryUndecodableException.class)
        .hasMessageContaining("follow the end");
  }

  /// Whatever the bytes are: an entry or the typed refusal, and never more memory than they ask
  /// for.
  @Test
  void mutatedBytesEndInAnEntryOrARefusal() {
    Entries entries = new Entries(9);
    Random random = new Random(9);
    int refused = 0;
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = bytesOf(entries.next());
      for (int n = 1 + random.nextInt(3); n > 0; n--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
      }
      int length = random.nextInt(4) == 0 ? random.nextInt(bytes.length + 1) : bytes.length;
      try {
        assertThat(codec.read(ByteBuffer.wrap(bytes, 0, length))).isNotNull();
      } catch (EntryUndecodableException e) {
        refused++;
        assertThat(e).hasMessageNotContaining("null");
      }
    }
    assertThat(refused).isGreaterThan(4_000);
  }

  private static byte[] bytesOf(Entry entry) {
    Encoder out = new Encoder(16);
    EntryCodec.write(entry, out);
    return Arrays.copyOf(out.bytes(), out.length());
  }

  /// One of each kind and form, with and without what may be absent.
  private static List<Entry> versionOne() {
    Instant at = Instant.parse("2026-11-22T10:15:30.123456789Z");
    Instant time = Instant.parse("2026-11-22T10:15:29.5Z");
    SourceId binance = new SourceId("binance");
    SourceId coingecko = new SourceId("coingecko");
    Symbol btc = Symbol.of("BTC/USDT");
    Decimal price = Decimal.parse("65012.3400");
    List<Event> events = List.of(
        new Event.Trade(
            btc, "binance", binance, price, Decimal.parse("0.00100"), Side.SELL, "123", time),
        new Event.Trade(btc, null, coingecko, price, Decimal.parse("1"), null, null, null),
        new Event.Quote(btc, "binance", binance, price, Decimal.ONE, null, null, time),
        new Event.Quote(btc, "binance", binance, null, null, price, Decimal.ZERO, null),
        new Event.Price(btc, null, coingecko, Decimal.parse("1e3"), null),
        new Event.Price(
            btc, "binance", binance, Decimal.parse("-123456789012345678901234.5"), time),
        new Event.Bar(
            btc,
            "binance",
            binance,
            Interval.MONTH,
            time,
            price,
            price,
            price,
            price,
            Decimal.parse("1234.50"),
            true),
        new Event.Bar(
            btc, null, coingecko, Interval.M1, time, price, price, price, price, null, null),
        new Event.Listing(
            btc, "binance", binance, "BTCUSDT", "BTC", "USDT", Event.Listing.Trading.HALTED),
        new Event.ServerTime(binance, time),
        new Event.SourceStatus(binance, Event.SourceStatus.Condition.MAINTENANCE),
        new Event.Ack(binance, true, "btcusdt@trade"),
        new Event.Heartbeat(binance),
        new Event.ProviderError(binance, "-1121", "Invalid symbol."),
        new Event.Sentiment(
            new SourceId("alternative"),
            "fear_greed",
            null,
            Decimal.parse("71"),
            "\u8d2a\u5a6a",
            time),
        new Event.Sentiment(coingecko, "votes_up", btc, Decimal.parse("81.5"), null, null));
    List<Entry> all = new ArrayList<>();
    events.forEach(event -> all.add(new Entry.Received(event, at)));
    all.add(new Entry.Rejected(events.getFirst(), "ten times the last", at));
    all.add(new Entry.RunEnded(
        7,
        time,
        at,
        12,
        11,
        List.of(
            new Entry.RunError(binance, "BTC/USDT", Failure.Kind.RATE_LIMITED, "429", time),
            new Entry.RunError(null, "market", Failure.Kind.NOT_OFFERED, "", time)),
        3,
        List.of(new Entry.Asked("BTC/USDT 1m", time))));
    all.add(new Entry.Happened("circuit_changed", binance, "{\"to\":\"open\"}", at));
    all.add(new Entry.Happened("hub_started", null, "{}", at));
    all.add(new Entry.Covered(
        "kraken",
        btc,
        Interval.M1,
        new Span(Instant.parse("2026-11-22T10:00:00Z"), Instant.parse("2026-11-22T10:15:00Z")),
        at));
    return all;
  }
}
