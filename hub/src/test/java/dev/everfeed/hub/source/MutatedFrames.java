package dev.everfeed.hub.source;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.random.RandomGenerator;

/// Frames as a venue could send them tomorrow, and as nobody should: fields in another order,
/// twice, renamed, with other values, escaped, spaced out; and bytes changed at random.
final class MutatedFrames {
  private static final int FRAME_MAX = 1_500;
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final List<String> VALUES = List.of(
      "null",
      "true",
      "false",
      "0",
      "-0",
      "7",
      "-7",
      "1.50",
      "\"1.50\"",
      "\"-1.50\"",
      "\"+1.5\"",
      "\".5\"",
      "\"5.\"",
      "\"00012.3400\"",
      "01",
      "1.",
      "1e3",
      "\"1e3\"",
      "1E-3",
      "\"1e999\"",
      "123456789012345678",
      "1234567890123456789",
      "\"9223372036854775807\"",
      "\"9223372036854775808\"",
      "\"999999999999999999\"",
      "\"1000000000000000000\"",
      "\"0.000000000000000001\"",
      "\"0.0000000000000000001\"",
      "\"12345678901234567890123456789012345678901\"",
      "1672515782136",
      "1672515782136123",
      "9000000000000",
      "8999999999999",
      "99999999999999",
      "100000000000000",
      "99999999999999999",
      "\"1672515782136\"",
      "\"\"",
      "\" \"",
      "\"1 \"",
      "\"a\"",
      "\"BNBBTC\"",
      "\"bnbbtc\"",
      "\"BTCUSDT\"",
      "\"BTC-USD\"",
      "\"NU-GBP\"",
      "\"A-B-C\"",
      "\"buy\"",
      "\"SELL\"",
      "\"sell\"",
      "\"trade\"",
      "\"aggTrade\"",
      "\"kline\"",
      "\"bookTicker\"",
      "\"24hrTicker\"",
      "\"match\"",
      "\"last_match\"",
      "\"ticker\"",
      "\"heartbeat\"",
      "\"subscriptions\"",
      "\"trades\"",
      "\"trades-all\"",
      "\"ohlc\"",
      "\"BTC/USD\"",
      "\"BTC/USDT\"",
      "\"2026-07-10T00:00:00.123456Z\"",
      "\"bbo-tbt\"",
      "\"tickers\"",
      "\"candle1m\"",
      "\"BTC-USDT\"",
      "\"BTC-USDT-SWAP\"",
      "\"subscribe\"",
      "\"error\"",
      "\"snapshot\"",
      "\"delta\"",
      "\"update\"",
      "\"Buy\"",
      "\"Sell\"",
      "\"publicTrade.BTCUSDT\"",
      "\"orderbook.1.BTCUSDT\"",
      "\"orderbook.50.BTCUSDT\"",
      "\"tickers.BTCUSDT\"",
      "[[\"1.5\",\"2\"],[\"1\",\"0\"]]",
      "[[\"1.5\",\"0\"]]",
      "[[1.5,2]]",
      "[[\"1.5\"]]",
      "\"1m\"",
      "\"1M\"",
      "\"2m\"",
      "\"2021-04-17T16:43:37.121358Z\"",
      "\"2021-04-17T16:43:37Z\"",
      "\"2021-04-17T16:43Z\"",
      "\"2021-04-17T16:43:37.Z\"",
      "\"2021-04-17T16:43:37.1234567891Z\"",
      "\"2020-02-29T23:59:59.999999999Z\"",
      "\"2021-02-29T00:00:00Z\"",
      "\"2021-04-31T00:00:00Z\"",
      "\"2021-04-17T24:00:00Z\"",
      "\"2021-04-17T16:43:60Z\"",
      "\"2021-04-17T18:43:37.121358+02:00\"",
      "\"2021-04-17t16:43:37z\"",
      "\"1969-12-31T23:59:59.9Z\"",
      "\"2255-01-01T00:00:00Z\"",
      "\"0000-01-01T00:00:00Z\"",
      "\"\u00e9\u5e01\ud83d\ude00\"",
      "\"\\u0041\"",
      "\"\\ud800\"",
      "{}",
      "[]",
      "{\"a\":[1,{\"b\":null}]}",
      "{\"code\":2,\"msg\":\"x\"}",
      "[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]");

  private static final List<String> NAMES = List.of(
      "stream",
      "data",
      "e",
      "E",
      "s",
      "t",
      "T",
      "p",
      "q",
      "m",
      "u",
      "b",
      "B",
      "a",
      "A",
      "k",
      "i",
      "x",
      "v",
      "result",
      "id",
      "code",
      "msg",
      "error",
      "type",
      "product_id",
      "price",
      "size",
      "side",
      "time",
      "trade_id",
      "best_bid",
      "best_ask",
      "best_bid_size",
      "last_trade_id",
      "channels",
      "topic",
      "symbol",
      "qty",
      "timestamp",
      "bid",
      "ask_qty",
      "last",
      "req_id",
      "success",
      "arg",
      "event",
      "channel",
      "instId",
      "tradeId",
      "px",
      "sz",
      "seqId",
      "ts",
      "S",
      "seq",
      "message",
      "reason",
      "",
      "new_field",
      "\u00e9");

  private static final List<String> PIECES = List.of(
      "{",
      "}",
      "[",
      "]",
      ",",
      ":",
      "\"",
      "\\",
      "\\n",
      "\\u0065",
      "null",
      "NaN",
      "-",
      "+",
      ".",
      "e",
      "0",
      "00",
      "9",
      "\u0000",
      "\u001f",
      "\u007f",
      "\u00e9",
      "\ud83d\ude00",
      " ",
      "\n",
      "\t",
      "/",
      "/*x*/",
      "'",
      "true",
      "1",
      "12345678901234567890");

  /// By type and fields, so that the many order books of a session do not crowd out the rest.
  private final List<List<byte[]>> shapes;

  private final RandomGenerator random;

  MutatedFrames(List<byte[]> frames, RandomGenerator random) throws IOException {
    Map<String, List<byte[]>> byShape = new LinkedHashMap<>();
    for (byte[] frame : frames) {
      if (frame.length <= FRAME_MAX) {
        byShape
            .computeIfAbsent(shape(JSON.readTree(frame)), _ -> new ArrayList<>())
            .add(frame);
      }
    }
    this.shapes = List.copyOf(byShape.values());
    this.random = random;
  }

  private static String shape(JsonNode frame) {
    StringBuilder shape = new StringBuilder(frame.path("type").asText())
        .append(frame.path("channel").asText())
        .append(frame.path("arg").path("channel").asText())
        .append(frame.path("topic").asText().replaceFirst("\\.[^.]*$", ""));
    frame.path("data").fieldNames().forEachRemaining(shape::append);
    frame.fieldNames().forEachRemaining(shape.append('|')::append);
    return shape.toString();
  }

  byte[] next() throws IOException {
    byte[] frame = one(one(shapes));
    if (random.nextInt(10) < 8) {
      frame = text(JSON.readTree(frame)).getBytes(StandardCharsets.UTF_8);
    }
    if (random.nextInt(4) == 0) {
      for (int n = random.nextInt(3); n >= 0; n--) {
        frame = bytesChanged(frame);
      }
    }
    return frame;
  }

  private String text(JsonNode node) {
    if (node.isArray()) {
      List<String> items = new ArrayList<>();
      node.forEach(item -> items.add(text(item)));
      return "[" + String.join(",", items) + "]";
    }
    if (!node.isObject()) {
      return value(node);
    }
    List<String> members = new ArrayList<>();
    for (Map.Entry<String, JsonNode> field : node.properties()) {
      members.add(member(field.getKey(), text(field.getValue())));
    }
    for (int n = random.nextInt(3); n > 0; n--) {
      int at = random.nextInt(members.size() + 1);
      switch (random.nextInt(6)) {
        case 0, 1 -> Collections.shuffle(members, Random.from(random));
        case 2 -> members.add(at, member(one(NAMES), one(VALUES)));
        case 3 -> {
          if (!members.isEmpty()) {
            members.add(at, members.get(random.nextInt(members.size())));
          }
        }
        case 4 -> {
          if (!members.isEmpty()) {
            members.remove(random.nextInt(members.size()));
          }
        }
        default -> {
          if (!members.isEmpty()) {
            String member = members.get(random.nextInt(members.size()));
            String name = member.substring(0, member.indexOf(':', member.indexOf('"', 1)) + 1);
            members.set(members.indexOf(member), name + one(VALUES));
          }
        }
      }
    }
    return "{" + blank() + String.join(blank() + "," + blank(), members) + blank() + "}";
  }

  private String member(String name, String value) {
    String written = name;
    if (!name.isEmpty() && random.nextInt(100) == 0) {
      written = "\\u%04x".formatted((int) name.charAt(0)) + name.substring(1);
    }
    return "\"" + written + "\"" + blank() + ":" + blank() + value;
  }

  private String value(JsonNode node) {
    String written = node.toString();
    return switch (random.nextInt(40)) {
      case 0 -> one(VALUES);
      // a number as a string and the other way round
      case 1 -> node.isNumber() ? "\"" + written + "\"" : written;
      case 2 -> node.isTextual() ? node.textValue() : written;
      // a digit more, at either end
      case 3 -> node.isNumber() ? written + random.nextInt(10) : written;
      case 4 -> node.isTextual() ? "\"" + node.textValue() + random.nextInt(10) + "\"" : written;
      case 5 -> node.isTextual() ? "\"" + random.nextInt(10) + node.textValue() + "\"" : written;
      default -> written;
    };
  }

  private String blank() {
    return random.nextInt(20) > 0 ? "" : one(List.of(" ", "\n", "\t", "\r", "  "));
  }

  private <T> T one(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }

  private byte[] bytesChanged(byte[] bytes) {
    int at = bytes.length == 0 ? 0 : random.nextInt(bytes.length);
    return switch (random.nextInt(6)) {
      case 0 -> {
        byte[] changed = bytes.clone();
        if (changed.length > 0) {
          changed[at] ^= (byte) (1 << random.nextInt(8));
        }
        yield changed;
      }
      case 1 -> {
        byte[] changed = bytes.clone();
        if (changed.length > 0) {
          changed[at] = (byte) random.nextInt(256);
        }
        yield changed;
      }
      case 2 -> Arrays.copyOf(bytes, at);
      case 3 -> joined(bytes, at, new byte[0], Math.min(bytes.length, at + 1 + random.nextInt(8)));
      case 4 -> joined(bytes, at, one(PIECES).getBytes(StandardCharsets.UTF_8), at);
      default ->
        joined(
            bytes,
            at,
            Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + random.nextInt(40))),
            at);
    };
  }

  private static byte[] joined(byte[] bytes, int at, byte[] piece, int from) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(bytes.length + piece.length);
    out.write(bytes, 0, at);
    out.writeBytes(piece);
    out.write(bytes, from, bytes.length - from);
    return out.toByteArray();
  }
}
