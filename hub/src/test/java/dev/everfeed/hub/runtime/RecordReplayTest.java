package dev.everfeed.hub.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Stream;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.hub.config.Settings;
import dev.everfeed.hub.record.Recorded;
import dev.everfeed.hub.record.RecordingException;
import dev.everfeed.hub.record.RecordingHeader;
import dev.everfeed.hub.record.RecordingReader;
import dev.everfeed.hub.record.RecordingWriter;
import dev.everfeed.simulator.fault.FaultKind;
import dev.everfeed.simulator.fault.FaultOrder;
import dev.everfeed.simulator.venue.Venues;
import dev.everfeed.simulator.venue.VenuesConfig;
import io.vertx.core.http.ServerWebSocket;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What a simulated venue sent is recorded, and comes out again when it is played.
@Timeout(120)
class RecordReplayTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Symbol BTC = Symbol.of("BTC/USDT");
  private static final SourceId BINANCE = new SourceId("binance");

  private final HttpClient client = HttpClient.newHttpClient();
  private @Nullable Venues venues;
  private @Nullable Hub hub;

  @TempDir
  Path folder;

  @AfterEach
  void stop() throws IOException {
    if (hub != null) {
      hub.close();
    }
    if (venues != null) {
      venues.close();
    }
    client.close();
  }

  private Venues venues() throws IOException {
    Venues started = Venues.start(
        VenuesConfig.onFreePorts(InstantSource.system()).withTradesPerSecond(BTC, 200));
    venues = started;
    return started;
  }

  private static URI server(Venues venues, String venue) {
    return URI.create(venues.baseUrl(venue).toString().replaceFirst("^http", "ws"));
  }

  private FrameRecorder record(Venues from, List<Stream> streams) throws RecordingException {
    return FrameRecorder.start(
        Settings.defaults(),
        BINANCE,
        server(from, "binance"),
        streams,
        folder,
        new RecordingWriter.Limits(1 << 28, 32 << 10, 200_000_000L, 0),
        () -> {});
  }

  /// Another program at the same venue hears the same: frames that both have are equal, byte for
  /// byte, and every one of them is published with its own figures and the recording's time.
  @Test
  void whatTheVenueSentIsRecordedAndPublishedAgain() throws Exception {
    Venues from = venues();
    Witness witness = Witness.of(client, server(from, "binance"));
    FrameRecorder recorder = record(from, List.of(Stream.trades(BTC), Stream.quotes(BTC)));
    eventually(() -> recorder.summary().frames() >= 1_000);
    recorder.close();
    FrameRecorder.Summary summary = recorder.summary();
    assertThat(summary.lost()).isZero();
    assertThat(summary.failure()).isNull();
    assertThat(summary.connections()).isEqualTo(1);

    List<Recorded.Frame> frames = frames(folder);
    assertThat(frames).hasSize((int) summary.frames());
    NavigableMap<Long, String> recorded = trades(frames);
    NavigableMap<Long, String> both = witness.trades.subMap(
        Math.max(recorded.firstKey(), witness.trades.firstKey()),
        true,
        Math.min(recorded.lastKey(), witness.trades.lastKey()),
        true);
    assertThat(both).hasSizeGreaterThan(100);
    assertThat(recorded.subMap(both.firstKey(), true, both.lastKey(), true)).isEqualTo(both);

    List<JsonNode> published = played(folder, 1e5);
    assertThat(published).hasSameSizeAs(recorded.keySet());
    Map<Long, Recorded.Frame> byId = frames.stream()
        .filter(frame -> text(frame).contains("\"e\":\"trade\""))
        .collect(Collectors.toMap(frame -> idOf(text(frame)), frame -> frame));
    Instant startedAt = header(folder).startedAt();
    long seq = 0;
    for (JsonNode trade : published) {
      Recorded.Frame frame =
          Objects.requireNonNull(byId.get(trade.get("trade_id").asLong()));
      JsonNode raw = JSON.readTree(text(frame));
      assertThat(trade.get("seq").asLong()).isEqualTo(++seq);
      assertThat(new BigDecimal(trade.get("price").asText()))
          .isEqualByComparingTo(raw.get("p").asText());
      assertThat(new BigDecimal(trade.get("size").asText()))
          .isEqualByComparingTo(raw.get("q").asText());
      assertThat(Instant.parse(trade.get("received_at").asText()))
          .isEqualTo(startedAt.plusNanos(frame.nanos()));
      assertThat(trade.get("gateway").asText()).isEqualTo("binance_recorded");
      assertThat(trade.get("exchange").asText()).isEqualTo("binance");
    }
    JsonNode health = json("/health");
    assertThat(health.get("status").asText()).isEqualTo("degraded");
    assertThat(health.get("reasons").toString()).contains("a recording, not the present");
  }

  @Test
  void gapsAndALostConnectionAreDeclaredAgain() throws Exception {
    Venues from = venues();
    FrameRecorder recorder = record(from, List.of(Stream.trades(BTC)));
    eventually(() -> recorder.summary().frames() >= 100);
    from.fault("binance", FaultOrder.of(FaultKind.GAP).counting(3));
    eventually(() -> recorder.summary().gaps() == 1);
    from.fault("binance", FaultOrder.of(FaultKind.DISCONNECT));
    eventually(() -> recorder.summary().connections() == 2);
    long then = recorder.summary().frames();
    eventually(() -> recorder.summary().frames() >= then + 100);
    recorder.close();
    FrameRecorder.Summary summary = recorder.summary();
    assertThat(summary.lost()).isZero();

    NavigableMap<Long, String> recorded = trades(frames(folder));
    List<String> holes = new ArrayList<>();
    long last = recorded.firstKey() - 1;
    for (long id : recorded.keySet()) {
      if (id > last + 1) {
        holes.add((last + 1) + "-" + (id - 1));
      }
      last = id;
    }
    assertThat(holes).hasSizeBetween(1, 2); // a quick return misses nothing

    assertThat(played(folder, Playback.MAX_SPEED)).hasSameSizeAs(recorded.keySet());
    List<String> declared = messages("event|gap_declared").stream()
        .map(gap -> gap.get("first_id").asText() + "-" + gap.get("last_id").asText())
        .toList();
    assertThat(declared).isEqualTo(holes).hasSize((int) summary.gaps());
    assertThat(messages("event|gateway_status_change").stream()
            .map(change -> change.get("current_status").asText())
            .toList())
        .containsSequence("HEALTHY", "DISCONNECTED")
        .endsWith("HEALTHY", "DISCONNECTED");
  }

  /// A connection and its successor, both alive, each ahead of the other in turn: played it is
  /// published as it was, also from the file of an earlier Everfeed, which did not record which
  /// of the two delivered.
  @Test
  void aRenewalIsPlayedWithoutAGapAndNothingOfItIsLostOrRepeated() throws Exception {
    try (RenewedVenue venue = new RenewedVenue()) {
      FrameRecorder recorder = FrameRecorder.start(
          Settings.defaults(),
          BINANCE,
          URI.create("ws://127.0.0.1:" + venue.port()),
          List.of(Stream.trades(BTC), Stream.quotes(BTC), Stream.bars(BTC, Interval.M1)),
          folder.resolve("new"),
          new RecordingWriter.Limits(1 << 28, 32 << 10, 200_000_000L, 0),
          () -> {});
      ServerWebSocket first = venue.next();
      RenewedVenue.trades(first, 101, 103);
      RenewedVenue.quote(first, 1);
      RenewedVenue.bar(first, "1.0", false);
      RenewedVenue.announceEnd(first);
      ServerWebSocket second = venue.next();
      RenewedVenue.trades(second, 105, 110); // one ahead
      for (int bid = 3; bid <= 8; bid++) {
        RenewedVenue.quote(second, bid);
      }
      RenewedVenue.bar(second, "3.0", true);
      eventually(() -> recorder.summary().frames() == 21);
      RenewedVenue.trades(first, 104, 109);
      for (int bid = 2; bid <= 7; bid++) {
        RenewedVenue.quote(first, bid);
      }
      RenewedVenue.bar(first, "2.0", false);
      venue.awaitClosed();
      RenewedVenue.trades(second, 111, 112);
      eventually(() -> recorder.summary().frames() == 36);
      recorder.close();
      assertThat(recorder.summary().gaps()).isZero();
    }
    Path recorded = folder.resolve("new");
    assertThat(all(recorded).stream()
            .filter(Recorded.Delivers.class::isInstance)
            .map(line -> ((Recorded.Delivers) line).connection()))
        .containsExactly(1, 2);
    Path old = folder.resolve("old");
    try (RecordingWriter writer = new RecordingWriter(
        old, header(recorded), new RecordingWriter.Limits(1 << 28, 32 << 10, 200_000_000L, 0))) {
      for (Recorded line : all(recorded)) {
        if (!(line instanceof Recorded.Delivers)) {
          writer.write(line, 0);
        }
      }
    }
    Map<String, Recorded.Frame> frames = frames(recorded).stream()
        .collect(Collectors.toMap(RecordReplayTest::text, frame -> frame, (a, _) -> a));
    Instant startedAt = header(recorded).startedAt();
    for (Path played : List.of(recorded, old)) {
      assertThat(played(played, Playback.MAX_SPEED).stream()
              .map(trade -> trade.get("trade_id").asLong()))
          .as("of %s", played)
          .containsExactlyElementsOf(LongStream.rangeClosed(101, 112).boxed().toList());
      assertThat(messages("event|gap_declared")).isEmpty();
      assertThat(
              messages("quote|BTC/USDT").stream().map(quote -> quote.get("bid").asInt()))
          .containsExactly(1, 2, 3, 4, 5, 6, 7, 8);
      assertThat(
              messages("bar|BTC/USDT|1m").stream().map(bar -> bar.get("close").asText()))
          .containsExactly("1.0", "2.0", "3.0");
      List<JsonNode> trades = messages("trade|BTC/USDT");
      Recorded.Frame held = Objects.requireNonNull(frames.entrySet().stream()
          .filter(entry -> entry.getKey().contains("\"t\":110,"))
          .findFirst()
          .orElseThrow()
          .getValue());
      assertThat(Instant.parse(trades.get(9).get("received_at").asText()))
          .as("when it came, not when it was published")
          .isEqualTo(startedAt.plusNanos(held.nanos()));
    }
  }

  @Test
  void aSlowDiskLosesFramesThatAreCountedAndNoted() throws Exception {
    HubClock clock = new HubClock();
    RecordingHeader header = new RecordingHeader(
        "binance-x", 1, BINANCE, "binance", "ws://x", List.of(Stream.trades(BTC)), Instant.EPOCH);
    RecordingWriter writer =
        new RecordingWriter(folder, header, new RecordingWriter.Limits(1 << 28, 1_000, 0, 0));
    RecordingTap tap = new RecordingTap(clock, writer, () -> {}, 10_000);
    byte[] bytes = new byte[1_000];
    for (int i = 0; i < 50; i++) { // its thread does not run yet
      tap.frame(1, bytes, bytes.length);
    }
    long lost = tap.lost();
    assertThat(lost).isBetween(40L, 44L);
    tap.closed(1, "over");
    tap.finish();
    tap.run();
    List<Recorded> all = all(folder);
    assertThat(all.stream().filter(Recorded.Frame.class::isInstance)).hasSize((int) (50 - lost));
    assertThat(all.stream().filter(Recorded.Lost.class::isInstance).map(Recorded.Lost.class::cast))
        .singleElement()
        .satisfies(noted -> {
          assertThat(noted.frames()).isEqualTo(lost);
          assertThat(noted.bytes()).isEqualTo(lost * 1_000);
        });
    assertThat(all.getLast())
        .isInstanceOfSatisfying(
            Recorded.Ended.class, end -> assertThat(end.lost()).isEqualTo(lost));
  }

  @Test
  void aFullFileEndsTheRecordingAndSaysWhy() throws Exception {
    Venues from = venues();
    CountDownLatch ended = new CountDownLatch(1);
    FrameRecorder recorder = FrameRecorder.start(
        Settings.defaults(),
        BINANCE,
        server(from, "binance"),
        List.of(Stream.trades(BTC)),
        folder.resolve("one" + RecordingWriter.SUFFIX),
        new RecordingWriter.Limits(10_000, 1_000, 0, 0),
        ended::countDown);
    assertThat(ended.await(60, TimeUnit.SECONDS)).isTrue();
    recorder.close();
    assertThat(recorder.summary().failure()).contains("is full");
    assertThat(recorder.summary().fileBytes()).isLessThanOrEqualTo(10_000);
  }

  @Test
  void timeIsThatOfTheRecordingDividedByTheSpeed() {
    long second = 1_000_000_000L;
    assertThat(Playback.dueNanos(5, 100, 100 + second, 1)).isEqualTo(5 + second);
    assertThat(Playback.dueNanos(5, 100, 100 + second, 10)).isEqualTo(5 + second / 10);
    assertThat(Playback.dueNanos(5, 100, 100 + second, 0.5)).isEqualTo(5 + 2 * second);
    assertThat(Playback.dueNanos(5, 100, 100 + second, Playback.MAX_SPEED)).isEqualTo(5);
    assertThat(Playback.dueNanos(5, 100, 50, 1)).isEqualTo(5); // a state older than its part
    assertThat(Playback.dueNanos(5, 100, Long.MAX_VALUE, 1)).isEqualTo(Long.MAX_VALUE);
    assertThat(Playback.dueNanos(5, 100, Long.MAX_VALUE, 0.001)).isEqualTo(Long.MAX_VALUE);
    assertThat(Playback.dueNanos(5, -100, Long.MAX_VALUE, 1)).isEqualTo(Long.MAX_VALUE);
  }

  // ---- playing

  /// All trades that a hub publishes from the recording, once it has ended.
  private List<JsonNode> played(Path recording, double speed) throws Exception {
    Playback playback =
        new Playback(RecordingReader.open(List.of(recording)), speed, Duration.ZERO);
    CountDownLatch ended = new CountDownLatch(1);
    playback.onEnded(ended::countDown);
    if (hub != null) {
      hub.close();
    }
    hub = Hub.playing(Settings.parse("""
        http: {port: 0}
        store: {enabled: false}
        symbols: [BTC/USDT]
        sources:
        %s
        stream: {sources: [binance], zeromq: {enabled: false}}
        """.formatted(OwnSources.of(Map.of())), Map.of()), playback);
    assertThat(ended.await(60, TimeUnit.SECONDS)).isTrue();
    assertThat(playback.progress().damaged()).isFalse();
    assertThat(playback.progress().remarks()).isEmpty();
    return messages("trade|BTC/USDT");
  }

  private List<JsonNode> messages(String stream) throws Exception {
    long epoch = json("/v1/snapshot?symbol=BTC/USDT").findValue("epoch").asLong();
    List<JsonNode> all = new ArrayList<>();
    while (true) {
      JsonNode page = json("/v1/replay?stream=%s&epoch=%d&from_seq=%d&limit=1000"
          .formatted(URLEncoder.encode(stream, StandardCharsets.UTF_8), epoch, all.size() + 1));
      if (page.path("messages").isEmpty()) {
        return all;
      }
      page.get("messages").forEach(all::add);
    }
  }

  private JsonNode json(String path) throws Exception {
    Hub running = hub;
    if (running == null) {
      throw new IllegalStateException("not started");
    }
    HttpRequest request = HttpRequest.newBuilder(
            URI.create("http://127.0.0.1:%d%s".formatted(running.port(), path)))
        .build();
    return JSON.readTree(
        client.send(request, HttpResponse.BodyHandlers.ofString()).body());
  }

  // ---- what was recorded

  private static List<Recorded> all(Path recording) throws IOException {
    List<Recorded> all = new ArrayList<>();
    try (RecordingReader reader = RecordingReader.open(List.of(recording))) {
      for (Recorded next = reader.next(); next != null; next = reader.next()) {
        all.add(next);
      }
      assertThat(reader.remarks()).isEmpty();
    }
    return all;
  }

  private static RecordingHeader header(Path recording) throws IOException {
    try (RecordingReader reader = RecordingReader.open(List.of(recording))) {
      return reader.header();
    }
  }

  private static List<Recorded.Frame> frames(Path recording) throws IOException {
    return all(recording).stream()
        .filter(Recorded.Frame.class::isInstance)
        .map(Recorded.Frame.class::cast)
        .toList();
  }

  private static String text(Recorded.Frame frame) {
    return new String(frame.bytes(), StandardCharsets.UTF_8);
  }

  private static NavigableMap<Long, String> trades(List<Recorded.Frame> frames) {
    NavigableMap<Long, String> trades = new TreeMap<>();
    for (Recorded.Frame frame : frames) {
      String text = text(frame);
      if (text.contains("\"e\":\"trade\"")) {
        trades.put(idOf(text), text);
      }
    }
    return trades;
  }

  private static long idOf(String trade) {
    int from = trade.indexOf("\"t\":") + 4;
    int to = from;
    while (Character.isDigit(trade.charAt(to))) {
      to++;
    }
    return Long.parseLong(trade, from, to, 10);
  }

  /// Another program that listens to the venue, with the JDK's client.
  private static final class Witness implements WebSocket.Listener {
    final NavigableMap<Long, String> trades = new ConcurrentSkipListMap<>();
    private final StringBuilder part = new StringBuilder();

    static Witness of(HttpClient client, URI server) throws Exception {
      Witness witness = new Witness();
      client
          .newWebSocketBuilder()
          .buildAsync(server.resolve("/ws"), witness)
          .get(10, TimeUnit.SECONDS)
          .sendText("{\"method\":\"SUBSCRIBE\",\"params\":[\"btcusdt@trade\"],\"id\":1}", true)
          .get(10, TimeUnit.SECONDS);
      return witness;
    }

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
      part.append(data);
      if (last) {
        String text = part.toString();
        part.setLength(0);
        if (text.contains("\"e\":\"trade\"")) {
          trades.put(idOf(text), text);
        }
      }
      from.request(1);
      return null;
    }
  }

  private static void eventually(Callable<Boolean> condition) throws Exception {
    long until = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (!condition.call()) {
      if (System.nanoTime() > until) {
        throw new AssertionError("not so after 60 s");
      }
      LockSupport.parkNanos(20_000_000);
    }
  }
}
