package dev.everfeed.hub.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.everfeed.core.model.Stream;
import dev.everfeed.core.model.Streams;
import dev.everfeed.core.model.Symbol;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The protocol of the WebSocket (docs/api/asyncapi.yaml), over real sockets.
class LiveStreamTest {
  private static final String GAP = """
      "timestamp":"2026-11-22T09:00:01.2Z","stream":"trade|BTC/USDT","symbol":"BTC/USDT",\
      "gateway":"binance","first_id":"4711","last_id":"4713","ticks_lost":3,\
      "gap_proof":"dense_ids","after_seq":812""";

  private LiveFixture hub = new LiveFixture();

  @AfterEach
  void stop() throws IOException {
    hub.close();
  }

  private void again(String http, String readers, long log, LiveStreams.Pace pace)
      throws IOException {
    hub.close();
    hub = new LiveFixture(http, readers, log, pace);
  }

  @Test
  void anAcknowledgementThenASnapshotThenWhatHappens() throws IOException {
    for (int i = 0; i < 3; i++) {
      hub.publish(LiveFixture.BTC_TRADES);
    }
    RawReader reader = hub.reader();
    reader.say("{'op':'subscribe','id':1,'channels':['trade','quote'],'symbols':['BTC/USDT']}");

    JsonNode ack = reader.next();
    assertThat(ack.get("type").textValue()).isEqualTo("ack");
    assertThat(ack.get("id").intValue()).isEqualTo(1);
    assertThat(ack.get("epoch").longValue()).isEqualTo(LiveFixture.EPOCH);
    assertThat(ack.get("streams")).hasSize(2);
    JsonNode snapshot = reader.next();
    assertThat(snapshot.get("type").textValue()).isEqualTo("snapshot");
    assertThat(snapshot.get("more").booleanValue()).isFalse();
    JsonNode trades = snapshot.get("streams").get(0);
    assertThat(trades.get("stream").textValue()).isEqualTo("trade|BTC/USDT");
    assertThat(trades.get("seq").longValue()).isEqualTo(3);
    assertThat(trades.get("message").get("price").decimalValue()).hasToString("60000.03");
    assertThat(snapshot.get("streams").get(1).get("seq").isNull()).isTrue();
    hub.publish(LiveFixture.ETH_TRADES);
    hub.publish(LiveFixture.BTC_TRADES);
    hub.publish(LiveFixture.BTC_QUOTES);
    JsonNode trade = reader.next();
    assertThat(trade.get("type").textValue()).isEqualTo("trade");
    assertThat(trade.get("seq").longValue()).isEqualTo(4);
    assertThat(trade.get("price").decimalValue()).hasToString("60000.04");
    assertThat(reader.next().get("type").textValue()).isEqualTo("quote");
  }

  @Test
  void whatIsNotKnownIsAnErrorAndTheConnectionStays() throws IOException {
    RawReader reader = hub.reader();
    String[][] cases = {
      {"{'op':'subscribe','id':'a','channels':['trade'],'symbols':['NO/PE']}", "unknown_symbol"},
      {"{'op':'subscribe','id':'a','channels':['books'],'symbols':['BTC/USDT']}", "unknown_channel"
      },
      {
        "{'op':'subscribe','id':'a','channels':['bar'],'symbols':['BTC/USDT'],'intervals':[]}",
        "invalid_field"
      },
      {"{'op':'subscribe','id':'a','channels':['bar'],'symbols':['ETH/USDT']}", "unknown_stream"},
      {
        "{'op':'subscribe','id':'a','channels':['bar'],'symbols':['BTC/USDT'],'intervals':['7m']}",
        "unknown_interval"
      },
      {
        "{'op':'subscribe','id':'a','channels':['bar'],'symbols':['BTC/USDT'],'intervals':['3m']}",
        "unknown_stream"
      },
      {"{'op':'subscribe','id':'a','channels':['trade']}", "invalid_field"},
      {"{'op':'subscribe','id':'a','channel':['trade']}", "invalid_field"},
      {"{'op':'subscribe','id':'a','streams':['trade|NO/PE']}", "unknown_stream"},
      {"{'op':'subscribe','id':'a','streams':['event|nothing']}", "unknown_stream"},
      {"{'op':'resume','id':'a','streams':['trade|BTC/USDT']}", "invalid_field"},
      {"{'op':'resume','id':'a','streams':[{'stream':'trade|BTC/USDT','seq':1}]}", "invalid_field"},
      {"{'op':'subscribe','id':'a','numbers':'float','streams':['trade|BTC/USDT']}", "invalid_field"
      },
    };
    for (String[] one : cases) {
      reader.say(one[0]);
      JsonNode error = reader.next();
      assertThat(error.get("type").textValue()).as(one[0]).isEqualTo("error");
      assertThat(error.get("code").textValue()).as(one[0]).isEqualTo(one[1]);
      assertThat(error.get("id").textValue()).isEqualTo("a");
      hub.server.nanos.addAndGet(CannedDesk.SECOND);
    }
    reader.say("{'op':'subscribe','streams':['trade|BTC/USDT']}");
    assertThat(reader.next().get("type").textValue()).isEqualTo("ack");
  }

  @Test
  void barsWithoutIntervalsAreThoseOfAllThatArePublished() throws IOException {
    RawReader reader = hub.reader();
    for (String symbols : List.of("'BTC/USDT'", "'*'")) {
      reader.say("{'op':'subscribe','channels':['bar'],'symbols':[%s]}".formatted(symbols));
      JsonNode ack = reader.next("ack");
      assertThat(ack.get("streams")).hasSize(1);
      assertThat(ack.get("streams").get(0).textValue()).isEqualTo("bar|BTC/USDT|1m");
    }
    hub.publish(LiveFixture.BTC_BARS);
    assertThat(reader.next("bar").get("interval").textValue()).isEqualTo("1m");
    reader.say("{'op':'unsubscribe','channels':['bar'],'symbols':['BTC/USDT']}");
    assertThat(reader.next().get("streams").get(0).textValue()).isEqualTo("bar|BTC/USDT|1m");
  }

  /// They are multiplied with one another: what 64 KiB hold would keep the loop for an hour.
  @Test
  @Timeout(30)
  void namesThatAreRepeatedCountOnce() throws IOException {
    RawReader reader = hub.reader();
    String channels = "'bar',".repeat(3_000) + "'trade'";
    String symbols = "'BTC/USDT',".repeat(1_500) + "'BTC/USDT'";
    String intervals = "'1m',".repeat(4_000) + "'1m'";
    reader.say("{'op':'subscribe','channels':[%s],'symbols':[%s],'intervals':[%s]}"
        .formatted(channels, symbols, intervals));
    assertThat(reader.next("ack").get("streams")).hasSize(2);
  }

  @Test
  void garbageIsAnErrorAndTenOfItEndTheConnection() throws IOException {
    RawReader reader = hub.reader();
    for (String garbage : List.of("", "{", "[1]", "null", "{'op':'dance'}", "{'op':{}}", "{}{}")) {
      reader.say(garbage);
      assertThat(reader.next().get("type").textValue()).isEqualTo("error");
    }
    reader.frame(2, new byte[] {1, 2, 3});
    assertThat(reader.next().get("code").textValue()).isEqualTo("not_json");
    for (int i = 0; i < 2; i++) {
      reader.say("[".repeat(5_000));
      assertThat(reader.next().get("code").textValue()).isEqualTo("not_json");
    }
    RawReader.Frame closed = reader.closed();
    assertThat(closed.closeCode()).isEqualTo(1008);
    assertThat(closed.closeReason()).isEqualTo("10 messages could not be used");
  }

  @Test
  void aFrameBeyondTheLimitEndsTheConnection() throws IOException {
    RawReader reader = hub.reader();
    try {
      reader.frame(RawReader.TEXT, new byte[100_000]);
      assertThat(reader.closed().closeCode()).isEqualTo(1009);
    } catch (EOFException | SocketException e) {
      // reset before the closing frame could be read: closed all the same
      assertThat(e).isNotNull();
    }
  }

  @Test
  void aReaderThatTalksTooMuchIsToldAndThenClosed() throws IOException {
    RawReader reader = hub.reader();
    for (int i = 0; i < 50; i++) {
      reader.say("{'op':'ping','id':%d}".formatted(i));
    }
    for (int i = 0; i < 40; i++) {
      assertThat(reader.next().get("id").intValue()).isEqualTo(i);
    }
    for (int i = 0; i < 10; i++) {
      assertThat(reader.next().get("code").textValue()).isEqualTo("too_many_messages");
    }
    assertThat(reader.closed().closeCode()).isEqualTo(1008);
  }

  @Test
  void aFloodOfPingsEndsTheConnection() throws IOException {
    RawReader reader = hub.reader();
    try {
      for (int i = 0; i < 1_000; i++) {
        reader.frame(RawReader.PING, new byte[100]);
      }
      assertThat(reader.closed().closeCode()).isEqualTo(1008);
    } catch (SocketException e) {
      assertThat(e).isNotNull();
    }
    assertThat(hub.server.metrics.page()).contains("reason=\"too_many_frames\"");
  }

  @Test
  void aHandshakeThatIsNoneIsRefusedAndKeepsNoPlace() throws Exception {
    String answer =
        hub.server.raw("GET /v1/stream HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n\r\n"
            .getBytes(StandardCharsets.US_ASCII));
    assertThat(answer).startsWith("HTTP/1.1 4");
    String version = hub.server.raw(("GET /v1/stream HTTP/1.1\r\nHost: localhost\r\n"
            + "Upgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
            + "Sec-WebSocket-Version: 99\r\n\r\n")
        .getBytes(StandardCharsets.US_ASCII));
    assertThat(version).startsWith("HTTP/1.1 4");
  }

  @Test
  void whatIsUnsubscribedComesNoMore() throws IOException {
    RawReader reader = hub.reader();
    reader.say("{'op':'subscribe','channels':['trade'],'symbols':['*']}");
    reader.next("snapshot");
    reader.say("{'op':'unsubscribe','id':2,'streams':['trade|BTC/USDT']}");
    JsonNode ack = reader.next();
    assertThat(ack.get("op").textValue()).isEqualTo("unsubscribe");
    assertThat(ack.get("streams").get(0).textValue()).isEqualTo("trade|BTC/USDT");
    hub.publish(LiveFixture.BTC_TRADES);
    hub.publish(LiveFixture.ETH_TRADES);
    assertThat(reader.next().get("symbol").textValue()).isEqualTo("ETH/USDT");
    reader.say("{'op':'unsubscribe'}");
    assertThat(reader.next().get("type").textValue()).isEqualTo("ack");
    hub.publish(LiveFixture.ETH_TRADES);
    reader.say("{'op':'ping','id':'still here'}");
    assertThat(reader.next().get("id").textValue()).isEqualTo("still here");
  }

  @Test
  void decimalsAreStringsForWhoAsks() throws IOException {
    hub.publish(LiveFixture.BTC_TRADES);
    RawReader reader = hub.reader();
    RawReader plain = hub.reader();
    plain.say("{'op':'subscribe','streams':['trade|BTC/USDT','bar|BTC/USDT|1m']}");
    plain.next("snapshot");
    reader.say(
        "{'op':'subscribe','numbers':'string','streams':['trade|BTC/USDT','bar|BTC/USDT|1m']}");
    assertThat(reader.next().get("numbers").textValue()).isEqualTo("string");
    JsonNode latest = reader.next("snapshot").get("streams").get(0).get("message");
    assertThat(latest.get("price").textValue()).isEqualTo("60000.01");
    hub.publish(LiveFixture.BTC_TRADES);
    JsonNode trade = reader.next();
    assertThat(trade.get("price").textValue()).isEqualTo("60000.02");
    assertThat(trade.get("size").textValue()).isEqualTo("1.50");
    assertThat(trade.get("seq").isIntegralNumber()).isTrue();
    hub.publish(LiveFixture.BTC_BARS);
    assertThat(reader.next().get("volume").textValue()).isEqualTo("60000.01");
    assertThat(plain.next().get("price").decimalValue()).hasToString("60000.02");

    RawReader byQuery =
        new RawReader(hub.server.server.port(), "/v1/stream?numbers=string", 65_536);
    byQuery.say("{'op':'subscribe','streams':['trade|BTC/USDT']}");
    assertThat(byQuery.next().get("numbers").textValue()).isEqualTo("string");
    byQuery.close();
  }

  @Test
  void eventsOfTheHubComeAlsoWhenTheirTypeIsNew() throws IOException {
    RawReader reader = hub.reader();
    reader.say("{'op':'subscribe','channels':['event']}");
    assertThat(reader.next().get("streams").get(0).textValue()).isEqualTo("event");
    assertThat(reader.next().get("streams")).isEmpty();
    hub.publisher.event("gap_declared", GAP);
    JsonNode event = reader.next("event");
    assertThat(event.get("event_type").textValue()).isEqualTo("gap_declared");
    assertThat(event.get("seq").longValue()).isEqualTo(1);
  }

  @Test
  void whoResumesGetsWhatItMissedAndThenWhatHappens() throws IOException {
    for (int i = 0; i < 1_000; i++) {
      hub.publish(LiveFixture.BTC_TRADES);
      hub.publish(LiveFixture.BTC_QUOTES);
    }
    RawReader reader = hub.reader();
    reader.say("{'op':'resume','id':5,'streams':[{'stream':'trade|BTC/USDT','epoch':7,'seq':300},"
        + "{'stream':'quote|BTC/USDT','epoch':7,'seq':1000}]}");
    assertThat(reader.next().get("op").textValue()).isEqualTo("resume");
    for (long seq = 301; seq <= 1_000; seq++) {
      JsonNode trade = reader.next();
      assertThat(trade.get("type").textValue()).isEqualTo("trade");
      assertThat(trade.get("seq").longValue()).isEqualTo(seq);
    }
    hub.publish(LiveFixture.BTC_TRADES);
    hub.publish(LiveFixture.BTC_QUOTES);
    assertThat(reader.next().get("seq").longValue()).isEqualTo(1_001);
    assertThat(reader.next().get("seq").longValue()).isEqualTo(1_001);
    reader.say("{'op':'resume','id':6,'streams':[{'stream':'trade|BTC/USDT','epoch':7,'seq':1}]}");
    assertThat(reader.next().get("code").textValue()).isEqualTo("already_subscribed");
  }

  @Test
  void whoResumesTooLateIsToldWhatIsGone() throws IOException {
    again("", "", 65_536, LiveStreams.Pace.USUAL);
    for (int i = 0; i < 1_000; i++) {
      hub.publish(LiveFixture.BTC_TRADES);
    }
    RawReader reader = hub.reader();
    reader.say("{'op':'resume','streams':[{'stream':'trade|BTC/USDT','epoch':7,'seq':10}]}");
    reader.next();
    JsonNode lagged = reader.next();
    assertThat(lagged.get("type").textValue()).isEqualTo("lagged");
    assertThat(lagged.get("reason").textValue()).isEqualTo("gone");
    assertThat(lagged.get("from_seq").longValue()).isEqualTo(11);
    long first = lagged.get("first_seq").longValue();
    assertThat(lagged.get("to_seq").longValue()).isEqualTo(first - 1);
    for (long seq = first; seq <= 1_000; seq++) {
      assertThat(reader.next().get("seq").longValue()).isEqualTo(seq);
    }

    RawReader other = hub.reader();
    other.say("{'op':'resume','streams':[{'stream':'trade|BTC/USDT','epoch':6,'seq':10}]}");
    other.next();
    JsonNode epoch = other.next();
    assertThat(epoch.get("reason").textValue()).isEqualTo("epoch");
    assertThat(epoch.get("epoch").longValue()).isEqualTo(7);
    assertThat(other.next().get("seq").longValue())
        .isEqualTo(epoch.get("first_seq").longValue());
  }

  @Test
  void quietReadersArePingedAndOutliveTheIdleTimeoutOfHttp() throws IOException {
    again(", idle_timeout: 100ms", "", 1 << 20, LiveStreams.Pace.USUAL);
    RawReader reader = hub.reader();
    RawReader dead = hub.reader();
    dead.answersPings = false;
    reader.say("{'op':'subscribe','streams':['trade|BTC/USDT']}");
    reader.next("snapshot");
    Thread listening = Thread.ofVirtual().start(() -> {
      try {
        // 59 s pass in steps, and the reader answers the pings of each
        for (int i = 0; i < 3; i++) {
          RawReader.Frame ping = reader.frame();
          assertThat(ping.kind()).isEqualTo(RawReader.PING);
          reader.pings++;
          reader.frame(RawReader.PONG, ping.payload());
        }
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    });
    for (int i = 1; i <= 3; i++) {
      hub.server.nanos.addAndGet(20 * CannedDesk.SECOND);
      await(reader, i);
    }
    join(listening);
    assertThat(dead.closed().closeReason()).isEqualTo("no pong for 60,000 ms");
    hub.publish(LiveFixture.BTC_TRADES);
    assertThat(reader.next().get("type").textValue()).isEqualTo("trade");
    reader.frame(RawReader.PING, "me".getBytes(StandardCharsets.UTF_8));
    assertThat(reader.data().kind()).isEqualTo(RawReader.PONG);
  }

  private static void await(RawReader reader, int pings) {
    long end = System.nanoTime() + 10 * CannedDesk.SECOND;
    while (reader.pings < pings && System.nanoTime() < end) {
      Thread.onSpinWait();
    }
    assertThat(reader.pings).isEqualTo(pings);
  }

  private static void join(Thread thread) {
    try {
      thread.join(10_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    assertThat(thread.isAlive()).isFalse();
  }

  @Test
  void readersBeyondTheLimitAreRefusedAndPlacesAreFreedByWhoLeaves() throws IOException {
    again("", "max: 2", 1 << 20, LiveStreams.Pace.USUAL);
    RawReader first = hub.reader();
    RawReader second = hub.reader();
    RawReader third = hub.reader();
    assertThat(first.isOpen() && second.isOpen()).isTrue();
    assertThat(third.answer).startsWith("HTTP/1.1 503");
    first.frame(RawReader.CLOSE, new byte[] {3, (byte) 232});
    first.closed();
    first.close();
    second.close();
    third.close();
    long end = System.nanoTime() + 10 * CannedDesk.SECOND;
    while (hub.server.server.openConnections() > 0 && System.nanoTime() < end) {
      Thread.onSpinWait();
    }
    assertThat(hub.server.server.openConnections()).isZero();
    assertThat(hub.reader().isOpen()).isTrue();
  }

  /// Five thousand at the usual bounds, none of which leaves: as many as the bound says stay,
  /// the others are told why, and who was there before is served as before.
  @Test
  void aRushOfConnectionsIsRefusedBeyondTheBoundAndHurtsNobody() throws IOException {
    RawReader first = hub.reader();
    first.say("{'op':'subscribe','streams':['trade|BTC/USDT']}");
    first.next("snapshot");
    int open = 1;
    int refused = 0;
    List<RawReader> rush = new ArrayList<>();
    try {
      for (int i = 0; i < 5_000; i++) {
        RawReader one = new RawReader(hub.server.server.port());
        if (one.isOpen()) {
          open++;
          rush.add(one);
        } else {
          refused++;
          assertThat(one.answer).startsWith("HTTP/1.1 503");
          one.close();
        }
        if (i % 100 == 0) {
          hub.publish(LiveFixture.BTC_TRADES);
        }
      }
      assertThat(open).isEqualTo(800);
      assertThat(refused).isEqualTo(5_001 - 800);
      for (long seq = 1; seq <= 50; seq++) {
        assertThat(first.next().get("seq").longValue()).isEqualTo(seq);
      }
      assertThat(hub.server.get("/health/live").status()).isEqualTo(200);
      assertThat(hub.server
              .metrics
              .registry()
              .get("everfeed.stream.readers.refused")
              .counter()
              .count())
          .isEqualTo(refused);
    } finally {
      for (RawReader one : rush) {
        one.close();
      }
    }
  }

  @Test
  void whoWantsMoreStreamsThanItMayHasNoneOfThemAndStays() throws IOException {
    again("", "streams_max: 3", 1 << 20, LiveStreams.Pace.USUAL);
    RawReader reader = hub.reader();
    reader.say("{'op':'subscribe','id':1,'channels':['trade','quote','bar'],'symbols':['*']}");
    assertThat(reader.next().get("code").textValue()).isEqualTo("too_many_streams");
    reader.say("{'op':'subscribe','id':2,'channels':['trade','event'],'symbols':['*']}");
    assertThat(reader.next("ack").get("streams")).hasSize(3);
    hub.publish(LiveFixture.BTC_TRADES);
    assertThat(reader.next("trade").get("seq").longValue()).isEqualTo(1);
  }

  /// It is sent as it is taken, and what is published meanwhile waits behind it.
  @Test
  void aLargeSnapshotComesInPartsAndWhatIsLiveContinuesIt() throws IOException {
    int many = 3_000;
    List<Stream> all = new ArrayList<>();
    for (int i = 0; i < many; i++) {
      all.add(Stream.trades(Symbol.of("S" + i + "/USDT")));
    }
    hub.close();
    hub = new LiveFixture(new Streams(all), "", "", 1 << 23, LiveStreams.Pace.USUAL);
    for (int stream = 0; stream < many; stream += 2) {
      hub.publish(stream);
    }
    RawReader reader = hub.narrowReader();
    reader.say("{'op':'subscribe','channels':['trade'],'symbols':['*']}");
    assertThat(reader.next("ack").get("streams")).hasSize(many);
    for (int stream = 0; stream < many; stream++) {
      hub.publish(stream);
    }
    Map<String, Long> last = new HashMap<>();
    boolean more = true;
    for (int parts = 0; more; parts++) {
      JsonNode part = reader.next("snapshot");
      part.get("streams").forEach(one -> {
        long seq = one.get("seq").isNull() ? 0 : one.get("seq").longValue();
        assertThat(last.put(one.get("stream").textValue(), seq)).isNull();
      });
      more = part.get("more").booleanValue();
      assertThat(parts).isLessThan(many);
    }
    assertThat(last).hasSize(many);
    long left = many + many / 2 - last.values().stream().mapToLong(seq -> seq).sum();
    assertThat(left).isPositive();
    for (; left > 0; left--) {
      JsonNode trade = reader.next("trade");
      String of = "trade|" + trade.get("symbol").textValue();
      assertThat(trade.get("seq").longValue()).isEqualTo(last.merge(of, 1L, Long::sum));
    }
    for (int stream = 0; stream < many; stream++) {
      assertThat(last).containsEntry("trade|S" + stream + "/USDT", hub.seq(stream));
    }
  }

  @Test
  void whoSubscribesToEverythingGetsEverything() throws IOException {
    RawReader reader = hub.reader();
    reader.say("{'op':'subscribe','channels':['trade','quote','bar','event'],'symbols':['*']}");
    assertThat(reader.next("ack").get("streams")).hasSize(6);
    reader.next("snapshot");
    for (int stream = 0; stream < LiveFixture.STREAMS.size(); stream++) {
      hub.publish(stream);
      assertThat(reader.next().get("seq").longValue()).isEqualTo(1);
    }
    hub.publisher.event("gap_declared", GAP);
    assertThat(reader.next().get("type").textValue()).isEqualTo("event");
  }

  @Test
  void withoutAnUpgradeItSaysWhatItIs() throws IOException {
    assertThat(hub.server.get("/v1/stream").status()).isEqualTo(426);
    assertThat(hub.server.get("/asyncapi.yaml").body())
        .isEqualTo(java.nio.file.Files.readString(AsyncReference.FILE));
    RawReader reader = new RawReader(hub.server.server.port(), "/v1/stream?nummer=1", 65_536);
    assertThat(reader.answer).startsWith("HTTP/1.1 400");
    reader.close();
    hub.server.desk.publications = null;
    assertThat(hub.server.get("/v1/snapshot?symbol=BTC/USDT").status()).isEqualTo(503);
  }

  /// Many readers with equal and with different subscriptions: each gets all of its own, in
  /// order, and the writes are far fewer than the messages.
  @Test
  void everyReaderGetsEveryMessageInFewWrites() throws IOException {
    List<RawReader> readers = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      RawReader reader = hub.reader();
      reader.say(
          i % 3 == 0
              ? "{'op':'subscribe','channels':['trade'],'symbols':['*']}"
              : "{'op':'subscribe','streams':['trade|BTC/USDT']}");
      reader.next("snapshot");
      readers.add(reader);
    }
    for (int i = 0; i < 500; i++) {
      hub.publish(LiveFixture.BTC_TRADES);
      hub.publish(LiveFixture.ETH_TRADES);
    }
    for (int i = 0; i < readers.size(); i++) {
      for (long seq = 1; seq <= 500; seq++) {
        assertThat(readers.get(i).next().get("seq").longValue()).isEqualTo(seq);
        if (i % 3 == 0) {
          assertThat(readers.get(i).next().get("symbol").textValue()).isEqualTo("ETH/USDT");
        }
      }
    }
    double messages =
        hub.server.metrics.registry().counter("everfeed.stream.messages").count();
    double writes =
        hub.server.metrics.registry().counter("everfeed.stream.writes").count();
    assertThat(messages).isEqualTo(60 * 500 + 20 * 500);
    assertThat(writes).isLessThan(messages / 2);
  }
}
