package dev.everfeed.benchmarks.ticks;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.ClientWebSocket;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import java.net.URI;
import java.net.http.HttpClient;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// A relay with nothing in it, to be measured beside the hub: what comes over a WebSocket from
/// the venue goes out to one reader at another. It subscribes when the reader comes.
///
/// - `null`: client and server of Vert.x as the hub has them, both on one event loop, bytes
///   passed on
/// - `jdk`: the WebSocket of `java.net.http` as client, each message looked through for its
///   price; the same server
public final class RelayMain {
  private static final String SUBSCRIBE =
      "{\"method\":\"SUBSCRIBE\",\"params\":[\"btcusdt@trade\"],\"id\":1}";

  /// Messages that may be on their way from the thread of the JDK's client to the server.
  private static final int AHEAD = 512;

  private final URI venue;
  private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
  private final HttpClient jdk = HttpClient.newHttpClient();

  // Both held because Vert.x closes what nobody refers to any more.
  private final WebSocketClient client = vertx.createWebSocketClient(
      new WebSocketClientOptions().setTcpNoDelay(true).setTryUsePerMessageCompression(false));
  private final HttpServer server = vertx.createHttpServer();

  private RelayMain(URI venue) {
    this.venue = venue;
  }

  /// @param args `null` or `jdk`, and the address of the venue
  public static void main(String[] args) throws Exception {
    RelayMain relay = new RelayMain(URI.create(args[1] + "/ws"));
    boolean isJdk = args[0].equals("jdk");
    relay
        .server
        .webSocketHandler(reader -> {
          if (isJdk) {
            relay.relayOfJdk(reader);
          } else {
            relay.relay(reader);
          }
        })
        .listen(0, "127.0.0.1")
        .toCompletionStage()
        .toCompletableFuture()
        .get();
    System.out.println(relay.server.actualPort());
    while (System.in.read() >= 0) {
      System.out.println(0);
    }
    relay.vertx.close().toCompletionStage().toCompletableFuture().get();
    System.exit(0);
  }

  private void relay(ServerWebSocket reader) {
    ClientWebSocket socket = client.webSocket();
    socket.frameHandler(frame -> {
      if (frame.isText() || frame.isContinuation()) {
        reader.writeFrame(frame);
        if (reader.writeQueueFull()) {
          socket.pause();
        }
      }
    });
    reader.drainHandler(_ -> socket.resume());
    reader.closeHandler(_ -> socket.close());
    socket
        .connect(venue.getPort(), venue.getHost(), venue.getPath())
        .onSuccess(open -> open.writeTextMessage(SUBSCRIBE))
        .onFailure(Throwable::printStackTrace);
  }

  private void relayOfJdk(ServerWebSocket reader) {
    var context = vertx.getOrCreateContext();
    jdk.newWebSocketBuilder()
        .buildAsync(venue, new java.net.http.WebSocket.Listener() {
          private final StringBuilder parts = new StringBuilder();
          private long prices;

          @Override
          public void onOpen(java.net.http.WebSocket socket) {
            reader.closeHandler(_ -> socket.abort());
            socket.sendText(SUBSCRIBE, true);
            socket.request(AHEAD);
          }

          @Override
          public @Nullable CompletionStage<?> onText(
              java.net.http.WebSocket socket, CharSequence data, boolean last) {
            parts.append(data);
            if (!last) {
              socket.request(1);
              return null;
            }
            String text = parts.toString();
            parts.setLength(0);
            prices += price(text);
            context.runOnContext(_ -> {
              reader.writeFinalTextFrame(text);
              if (reader.writeQueueFull()) {
                reader.drainHandler(_ -> {
                  reader.drainHandler(null);
                  socket.request(AHEAD);
                });
              } else {
                socket.request(1);
              }
            });
            return null;
          }
        })
        .exceptionally(failure -> {
          failure.printStackTrace();
          return null;
        });
  }

  /// The digits of the price: what a relay has to read at least that wants to know what it has.
  private static long price(String trade) {
    long price = 0;
    int at = trade.indexOf("\"p\":\"") + 5;
    for (char c; at >= 5 && (c = trade.charAt(at)) != '"'; at++) {
      price = c == '.' ? price : price * 10 + c - '0';
    }
    return price;
  }
}
