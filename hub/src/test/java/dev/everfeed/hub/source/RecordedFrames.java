package dev.everfeed.hub.source;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Stream;
import dev.everfeed.core.model.Streams;
import dev.everfeed.core.model.Symbol;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Every frame of a source that was recorded, alone or in a session (wire/cases), and what
/// deviates from the usual in a way that the documentation allows.
final class RecordedFrames {
  private static final ObjectMapper JSON = new ObjectMapper();

  /// Messages that today's documentation shows and that nobody recorded.
  private static final List<String> BINANCE = List.of(
      "{\"e\":\"bookTicker\",\"u\":400900217,\"s\":\"BNBUSDT\",\"b\":\"25.35190000\",\"B\":\"31.21000000\",\"a\":\"25.36520000\",\"A\":\"40.66000000\",\"E\":1568014460893}",
      "{\"e\":\"trade\",\"E\":1672515782136123,\"s\":\"BNBUSDT\",\"t\":12345,\"p\":\"0.001\",\"q\":\"100\",\"T\":1672515782136456,\"m\":true,\"M\":true}",
      "{\"e\":\"trade\",\"E\":1672515782136,\"s\":\"币安USDT\",\"t\":12345,\"p\":\"0.001\",\"q\":\"100\",\"T\":1672515782136,\"m\":false,\"M\":true}",
      "{\"result\":null,\"id\":7}",
      "{\"result\":[\"btcusdt@trade\",\"bnbusdt@bookTicker\"],\"id\":3}",
      "{\"error\":{\"code\":2,\"msg\":\"Invalid request\"},\"id\":9}");

  private static final List<String> COINBASE = List.of(
      "{\"type\":\"heartbeat\",\"sequence\":90,\"last_trade_id\":20,\"product_id\":\"BTC-USD\",\"time\":\"2014-11-07T08:19:28.464459Z\"}",
      "{\"type\":\"ticker\",\"sequence\":37475248783,\"product_id\":\"ETH-USD\",\"price\":\"1285.22\",\"open_24h\":\"1310.79\",\"volume_24h\":\"245532.79269678\",\"low_24h\":\"1280.52\",\"high_24h\":\"1313.8\",\"volume_30d\":\"9788783.60117027\",\"best_bid\":\"1285.04\",\"best_bid_size\":\"0.46688654\",\"best_ask\":\"1285.27\",\"best_ask_size\":\"1.56637040\",\"side\":\"buy\",\"time\":\"2022-10-19T23:28:22.061769Z\",\"trade_id\":370843401,\"last_size\":\"11.4396987\"}",
      "{\"type\":\"match\",\"trade_id\":10,\"sequence\":50,\"maker_order_id\":\"ac928c66\",\"taker_order_id\":\"132fb6ae\",\"time\":\"2014-11-07T08:19:27.028459Z\",\"product_id\":\"BTC-USD\",\"size\":\"5.23512\",\"price\":\"400.23\",\"side\":\"sell\"}",
      "{\"type\":\"subscriptions\",\"channels\":[{\"name\":\"matches\",\"product_ids\":[\"BTC-USD\"]},{\"name\":\"status\"},{\"name\":\"ticker\",\"product_ids\":[\"ETH-USD\",\"BTC-USD\"],\"account_ids\":null}]}",
      "{\"type\":\"error\",\"message\":\"Failed to subscribe\",\"reason\":\"FOO-USD is not a valid product\"}");

  private static final List<String> BYBIT = List.of(
      "{\"topic\":\"publicTrade.BTCUSDT\",\"type\":\"snapshot\",\"ts\":1672304486868,\"data\":[{\"T\":1672304486865,\"s\":\"BTCUSDT\",\"S\":\"Sell\",\"v\":\"0.001\",\"p\":\"16578.50\",\"L\":\"PlusTick\",\"i\":\"2290000000061666327\",\"BT\":false,\"seq\":1783284617},{\"T\":1672304486866,\"s\":\"BTCUSDT\",\"S\":\"Buy\",\"v\":\"1\",\"p\":\"16578.51\",\"i\":\"2290000000061666328\",\"BT\":false,\"seq\":1783284618}]}",
      "{\"topic\":\"orderbook.1.BTCUSDT\",\"ts\":1750000000000,\"type\":\"snapshot\",\"data\":{\"s\":\"BTCUSDT\",\"b\":[[\"16493.50\",\"0.006\"]],\"a\":[],\"u\":1,\"seq\":50193543148},\"cts\":1749999999999}",
      "{\"topic\":\"orderbook.1.BTCUSDT\",\"ts\":1750000000010,\"type\":\"delta\",\"data\":{\"s\":\"BTCUSDT\",\"b\":[[\"16493.50\",\"0\"]],\"a\":[[\"16611.00\",\"0.029\"]],\"u\":2,\"seq\":50193543150}}",
      "{\"success\":false,\"ret_msg\":\"error:handler not found,topic:publicTrade.FOOUSDT\",\"conn_id\":\"2324d924\",\"req_id\":\"3\",\"op\":\"subscribe\"}");

  private static final List<String> OKX = List.of(
      "{\"arg\":{\"channel\":\"bbo-tbt\",\"instId\":\"BTC-USDT\"},\"data\":[{\"asks\":[[\"111.06\",\"55154\",\"0\",\"2\"]],\"bids\":[[\"111.05\",\"57745\",\"0\",\"2\"]],\"ts\":\"1670324386802\",\"seqId\":363996337}]}",
      "{\"arg\":{\"channel\":\"bbo-tbt\",\"instId\":\"BTC-USDT\"},\"data\":[{\"asks\":[],\"bids\":[],\"ts\":\"1670324386803\",\"seqId\":363996338}]}",
      "{\"arg\":{\"channel\":\"candle1Dutc\",\"instId\":\"BTC-USDT\"},\"data\":[[\"1629993600000\",\"42500\",\"48199.9\",\"41006.1\",\"41006.1\",\"3587.41204591\",\"166741046.22583129\",\"166741046.22583129\",\"0\"]]}",
      "{\"event\":\"subscribe\",\"arg\":{\"channel\":\"trades-all\",\"instId\":\"BTC-USDT\"},\"connId\":\"a4d3ae55\"}",
      "{\"event\":\"error\",\"code\":\"60018\",\"msg\":\"Wrong URL or channel:trades-all,instId:FOO-USDT doesn't exist.\",\"connId\":\"a4d3ae55\"}",
      "{\"event\":\"error\",\"arg\":{\"channel\":\"bbo-tbt\",\"instId\":\"BTC-USDT\"},\"code\":\"60018\",\"msg\":\"Wrong URL\"}",
      "{\"event\":\"notice\",\"code\":\"64008\",\"msg\":\"The connection will soon be closed for a service upgrade. Please reconnect.\",\"connId\":\"a4d3ae55\"}",
      "{\"event\":\"channel-conn-count\",\"channel\":\"trades-all\",\"connCount\":\"1\",\"connId\":\"abcd1234\"}");

  private static final List<String> KRAKEN = List.of(
      "{\"channel\":\"trade\",\"type\":\"update\",\"data\":[{\"symbol\":\"MATIC/USD\",\"side\":\"sell\",\"price\":0.5117,\"qty\":40.0,\"ord_type\":\"market\",\"trade_id\":4665906,\"timestamp\":\"2023-09-25T07:49:37.708706Z\"},{\"symbol\":\"MATIC/USD\",\"side\":\"buy\",\"price\":0.5118,\"qty\":1.5,\"ord_type\":\"limit\",\"trade_id\":4665907,\"timestamp\":\"2023-09-25T07:49:37.708706Z\"}]}",
      "{\"channel\":\"ticker\",\"type\":\"update\",\"data\":[{\"symbol\":\"ALGO/USD\",\"bid\":0.10025,\"bid_qty\":740.0,\"ask\":0.10035,\"ask_qty\":740.0,\"last\":0.10035,\"volume\":997038.98383185,\"vwap\":0.10148,\"low\":0.09979,\"high\":0.10285,\"change\":-0.00017,\"change_pct\":-0.17}]}",
      "{\"channel\":\"ticker\",\"type\":\"snapshot\",\"data\":[{\"symbol\":\"BTC/USD\",\"bid\":99.9,\"bid_qty\":1.2,\"ask\":100.1,\"ask_qty\":2.3,\"last\":100.0,\"timestamp\":\"2026-07-10T00:00:02.123456Z\"}]}",
      "{\"channel\":\"heartbeat\"}",
      "{\"channel\":\"status\",\"type\":\"update\",\"data\":[{\"version\":\"2.0.0\",\"system\":\"online\",\"api_version\":\"v2\",\"connection_id\":18239578009413566319}]}",
      "{\"method\":\"pong\",\"req_id\":101,\"time_in\":\"2023-09-24T14:10:23.799685Z\",\"time_out\":\"2023-09-24T14:10:23.799703Z\"}",
      "{\"error\":\"Currency pair not supported BTC/USD\",\"method\":\"subscribe\",\"req_id\":33,\"success\":false,\"symbol\":\"BTC/USD\"}");

  private static final Map<String, List<String>> DOCUMENTED = Map.of(
      "binance",
      BINANCE,
      "coinbase_exchange",
      COINBASE,
      "kraken",
      KRAKEN,
      "okx",
      OKX,
      "bybit",
      BYBIT);

  /// Ticks that they have at least: 86 and 173 of the two sessions alone.
  private static final Map<String, Integer> TICKS =
      Map.of("binance", 90, "coinbase_exchange", 90, "kraken", 5, "okx", 60, "bybit", 12);

  private RecordedFrames() {}

  static int ticks(String source) {
    return TICKS.getOrDefault(source, 1);
  }

  static List<byte[]> of(String source) throws IOException {
    List<byte[]> frames = new ArrayList<>();
    Path folder =
        Shared.wire("cases").resolve(KnownSources.stream(source).orElseThrow().wire());
    try (java.util.stream.Stream<Path> files = Files.walk(folder).sorted()) {
      for (Path file : files.filter(RecordedFrames::isFrames).toList()) {
        if (file.toString().endsWith(".ndjson")) {
          for (String line : Files.readAllLines(file)) {
            JsonNode item = JSON.readTree(line);
            if (item.path("dir").asText().equals("server")) {
              frames.add(item.get("raw").textValue().getBytes(StandardCharsets.UTF_8));
            }
          }
        } else {
          frames.add(Files.readAllBytes(file));
        }
      }
    }
    for (String frame : DOCUMENTED.getOrDefault(source, List.of())) {
      frames.add(frame.getBytes(StandardCharsets.UTF_8));
    }
    if (source.equals("okx")) {
      frames.addAll(
          frames.stream().flatMap(RecordedFrames::underTheChannelOfAllTrades).toList());
    }
    return frames;
  }

  /// Trades were recorded of another channel, whose items have the same form.
  private static java.util.stream.Stream<byte[]> underTheChannelOfAllTrades(byte[] frame) {
    String text = new String(frame, StandardCharsets.UTF_8);
    String other = text.replace("\"channel\":\"trades\"", "\"channel\":\"trades-all\"");
    return other.equals(text)
        ? java.util.stream.Stream.empty()
        : java.util.stream.Stream.of(other.getBytes(StandardCharsets.UTF_8));
  }

  private static boolean isFrames(Path file) {
    return Files.isRegularFile(file)
        && file.getName(file.getNameCount() - 2).toString().startsWith("ws_")
        && !file.endsWith("manifest.json");
  }

  /// Every stream that the source has of every symbol in the frames.
  static Streams streams(StreamSource source, List<byte[]> frames) {
    WireDecoder decoder = KnownSources.decoder(source.wire()).orElseThrow();
    Set<Symbol> symbols = new LinkedHashSet<>();
    for (byte[] frame : frames) {
      try {
        for (Event event : decoder.decode("ws_trade", frame, DecodeContext.NONE)) {
          switch (event) {
            case Event.Trade trade -> symbols.add(trade.symbol());
            case Event.Quote quote -> symbols.add(quote.symbol());
            case Event.Bar bar -> symbols.add(bar.symbol());
            default -> {
              // names no symbol
            }
          }
        }
      } catch (Undecodable e) {
        throw new AssertionError(new String(frame, StandardCharsets.UTF_8), e);
      }
    }
    Set<Stream> streams = new LinkedHashSet<>();
    for (Symbol symbol : symbols) {
      streams.add(Stream.trades(symbol));
      streams.add(Stream.quotes(symbol));
      for (Interval interval : source.intervals()) {
        streams.add(Stream.bars(symbol, interval));
      }
    }
    return new Streams(List.copyOf(streams));
  }
}
