package dev.everfeed.hub.runtime;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/// Three exchanges that have minutes of BTC/USDT, each in its own words and with its own rule:
///
/// - `binance` has a bar for every minute;
/// - `coinbase` has none for minutes without trades: those that can be divided by 10;
/// - `kraken` knows its newest 720 only, the one that still runs among them.
final class SmallVenues implements AutoCloseable {
  /// In minutes since 1970 and before the present one.
  private static final int REACH = 719;

  private final HttpServer server;

  /// Questions for bars, by exchange.
  final Map<String, AtomicInteger> calls = new ConcurrentHashMap<>();

  /// How many of the next questions for bars are refused with 429, by exchange.
  final Map<String, AtomicInteger> tooMany = new ConcurrentHashMap<>();

  /// How many of the next questions for bars fail with 500, by exchange.
  final Map<String, AtomicInteger> broken = new ConcurrentHashMap<>();

  /// While above 0, answers with bars are held back for so many milliseconds.
  volatile int slowMillis;

  SmallVenues() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", this::answer);
    server.start();
  }

  String url(String exchange) {
    return "http://127.0.0.1:%d/%s".formatted(server.getAddress().getPort(), exchange);
  }

  int calls(String exchange) {
    return calls.computeIfAbsent(exchange, _ -> new AtomicInteger()).get();
  }

  private void answer(HttpExchange http) throws IOException {
    String path = http.getRequestURI().getPath();
    String exchange = path.split("/")[1];
    Map<String, String> query = query(http);
    boolean bars = path.contains("klines") || path.contains("candles") || path.contains("OHLC");
    int status = 200;
    String body;
    if (bars) {
      calls.computeIfAbsent(exchange, _ -> new AtomicInteger()).incrementAndGet();
      if (slowMillis > 0) {
        java.util.concurrent.locks.LockSupport.parkNanos(slowMillis * 1_000_000L);
      }
    }
    if (bars && take(tooMany, exchange)) {
      status = 429;
      body = "{}";
      http.getResponseHeaders().set("Retry-After", "1");
    } else if (bars && take(broken, exchange)) {
      status = 500;
      body = "{}";
    } else {
      body = body(path, query);
    }
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    http.getResponseHeaders().set("Content-Type", "application/json");
    http.sendResponseHeaders(status, bytes.length);
    http.getResponseBody().write(bytes);
    http.close();
  }

  private static boolean take(Map<String, AtomicInteger> left, String exchange) {
    AtomicInteger count = left.get(exchange);
    return count != null && count.getAndUpdate(n -> Math.max(0, n - 1)) > 0;
  }

  private static Map<String, String> query(HttpExchange http) {
    Map<String, String> query = new HashMap<>();
    String raw = http.getRequestURI().getQuery();
    if (raw != null) {
      for (String part : raw.split("&")) {
        int equals = part.indexOf('=');
        query.put(part.substring(0, equals), part.substring(equals + 1));
      }
    }
    return query;
  }

  private static String body(String path, Map<String, String> query) {
    if (path.endsWith("/klines")) {
      return klines(query);
    }
    if (path.endsWith("/candles")) {
      return candles(query);
    }
    if (path.endsWith("/OHLC")) {
      return ohlc(query);
    }
    if (path.endsWith("/exchangeInfo")) {
      return "{\"symbols\":[{\"symbol\":\"BTCUSDT\",\"baseAsset\":\"BTC\",\"quoteAsset\":\"USDT\","
          + "\"status\":\"TRADING\"}]}";
    }
    if (path.endsWith("/products")) {
      return "[{\"id\":\"BTC-USDT\",\"base_currency\":\"BTC\",\"quote_currency\":\"USDT\","
          + "\"status\":\"online\"}]";
    }
    if (path.endsWith("/AssetPairs")) {
      return "{\"error\":[],\"result\":{\"XBTUSDT\":{\"altname\":\"XBTUSDT\",\"wsname\":\"XBT/USDT\","
          + "\"base\":\"XXBT\",\"quote\":\"USDT\",\"status\":\"online\"}}}";
    }
    if (path.endsWith("/24hr")) {
      return "{\"symbol\":\"BTCUSDT\",\"lastPrice\":\"100\",\"bidPrice\":\"99\","
          + "\"askPrice\":\"101\",\"bidQty\":\"1\",\"askQty\":\"1\"}";
    }
    return "{}";
  }

  private static long now() {
    return Instant.now().getEpochSecond() / 60;
  }

  /// Of a minute: low 99.5, high 101.5, open 100, close 101 and the minute in its volume.
  private static String klines(Map<String, String> query) {
    long from = Math.ceilDiv(Long.parseLong(query.getOrDefault("startTime", "0")), 60_000);
    long to = Long.parseLong(query.getOrDefault("endTime", "9999999999999")) / 60_000;
    int limit = Integer.parseInt(query.getOrDefault("limit", "500"));
    StringBuilder rows = new StringBuilder("[");
    for (long m = from; m <= Math.min(to, now()) && limit-- > 0; m++) {
      rows.append(rows.length() == 1 ? "" : ",")
          .append("[%d,\"100\",\"101.5\",\"99.5\",\"101\",\"%d\",%d,\"1\",1,\"1\",\"1\",\"0\"]"
              .formatted(m * 60_000, m % 1_000, m * 60_000 + 59_999));
    }
    return rows.append(']').toString();
  }

  private static String candles(Map<String, String> query) {
    long from = Math.ceilDiv(Instant.parse(query.get("start")).getEpochSecond(), 60);
    long to = Instant.parse(query.get("end")).getEpochSecond() / 60;
    StringBuilder rows = new StringBuilder("[");
    for (long m = Math.min(to, now()); m >= from; m--) {
      if (m % 10 != 0) {
        rows.append(rows.length() == 1 ? "" : ",")
            .append("[%d,99.5,101.5,100,101,%d]".formatted(m * 60, m % 1_000));
      }
    }
    return rows.append(']').toString();
  }

  private static String ohlc(Map<String, String> query) {
    long since = Long.parseLong(query.getOrDefault("since", "0"));
    StringBuilder rows = new StringBuilder("{\"error\":[],\"result\":{\"XBTUSDT\":[");
    String separator = "";
    for (long m = now() - REACH; m <= now(); m++) {
      if (m * 60 > since) {
        rows.append(separator)
            .append("[%d,\"100\",\"101.5\",\"99.5\",\"101\",\"100.5\",\"%d\",5]"
                .formatted(m * 60, m % 1_000));
        separator = ",";
      }
    }
    return rows.append("],\"last\":%d}}".formatted((now() - 1) * 60)).toString();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
