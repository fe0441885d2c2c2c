package dev.everfeed.hub.runtime;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.ServerWebSocket;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// A venue in the words of Binance, whose connections send what a test wants and end when it
/// wants: two of an overlap are as far apart from one another as that.
final class RenewedVenue implements AutoCloseable {
  /// The minute of its bars, milliseconds of the epoch.
  static final long MINUTE = 1_770_123_420_000L;

  private final Vertx vertx = Vertx.vertx();
  private final BlockingQueue<ServerWebSocket> subscribed = new LinkedBlockingQueue<>();
  private final BlockingQueue<Boolean> closed = new LinkedBlockingQueue<>();
  private final HttpServer server;

  RenewedVenue() throws Exception {
    server = vertx
        .createHttpServer()
        .requestHandler(request -> request.response().setStatusCode(503).end())
        .webSocketHandler(socket -> {
          socket.closeHandler(_ -> closed.add(true));
          socket.textMessageHandler(request -> {
            String id = request.replaceAll(".*\"id\":(\\d+).*", "$1");
            socket.writeTextMessage("{\"result\":null,\"id\":" + id + "}");
            subscribed.add(socket);
          });
        })
        .listen(0, "127.0.0.1")
        .await(10, TimeUnit.SECONDS);
  }

  int port() {
    return server.actualPort();
  }

  /// The next connection that has subscribed.
  ServerWebSocket next() throws InterruptedException {
    ServerWebSocket socket = subscribed.poll(20, TimeUnit.SECONDS);
    if (socket == null) {
      throw new AssertionError("nobody has subscribed within 20 s");
    }
    return socket;
  }

  /// Until one of the connections is closed.
  void awaitClosed() throws InterruptedException {
    if (closed.poll(20, TimeUnit.SECONDS) == null) {
      throw new AssertionError("no connection was closed within 20 s");
    }
  }

  static void announceEnd(ServerWebSocket to) throws Exception {
    send(to, "{\"e\":\"serverShutdown\",\"E\":1770123456789}");
  }

  static void trades(ServerWebSocket to, long from, long last) throws Exception {
    for (long id = from; id <= last; id++) {
      send(to, """
              {"e":"trade","E":1770123456789,"s":"BTCUSDT","t":%d,"p":"60000.10","q":"0.5","T":1770123456788,"m":false,"M":true}""".formatted(id));
    }
  }

  static void quote(ServerWebSocket to, int bid) throws Exception {
    send(to, """
            {"u":%d,"s":"BTCUSDT","b":"%d.00","B":"1","a":"99.00","A":"1"}""".formatted(bid, bid));
  }

  /// @param close tells one from another; so many trades it has
  static void bar(ServerWebSocket to, String close, boolean complete) throws Exception {
    send(to, """
            {"e":"kline","E":1770123456789,"s":"BTCUSDT","k":{"t":%d,"T":%d,"s":"BTCUSDT","i":"1m","f":1,"L":2,"o":"1.0","c":"%s","h":"9.0","l":"1.0","v":"1.0","n":%d,"x":%b,"q":"1","V":"1","Q":"1","B":"0"}}""".formatted(
            MINUTE, MINUTE + 59_999, close, (int) Double.parseDouble(close), complete));
  }

  private static void send(ServerWebSocket to, String text) throws Exception {
    to.writeTextMessage(text).await(10, TimeUnit.SECONDS);
  }

  @Override
  public void close() throws Exception {
    vertx.close().await(20, TimeUnit.SECONDS);
  }
}
