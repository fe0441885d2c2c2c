package dev.everfeed.hub.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.ServerWebSocket;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What both ways to a reader must do: the one through the insides of Vert.x, and the one that
/// stands in when a version has them no more.
class PipeTest {
  private static final int BOUND = 64 * 1_024;

  private final Vertx vertx = Vertx.vertx();
  private final CompletableFuture<Pipe> made = new CompletableFuture<>();
  private final AtomicInteger writable = new AtomicInteger();

  @AfterEach
  void stop() throws Exception {
    vertx.close().await(10, TimeUnit.SECONDS);
  }

  private RawReader reader(BiFunction<ServerWebSocket, Runnable, Pipe> maker, int window)
      throws Exception {
    HttpServer server = vertx
        .createHttpServer()
        .webSocketHandler(socket -> made.complete(maker.apply(socket, writable::incrementAndGet)))
        .listen(0, "127.0.0.1")
        .await(10, TimeUnit.SECONDS);
    return new RawReader(server.actualPort(), "/", window);
  }

  private static Pipe usual(ServerWebSocket socket, Runnable onWritable) {
    return Pipe.of(socket, BOUND, onWritable);
  }

  private static Pipe ofMessages(ServerWebSocket socket, Runnable onWritable) {
    return new Pipe.OfMessages(socket, BOUND, onWritable);
  }

  @Test
  void theUsualOneIsTheDirectOne() throws Exception {
    try (RawReader reader = reader(PipeTest::usual, 65_536)) {
      assertThat(made.get(10, TimeUnit.SECONDS)).isInstanceOf(Pipe.Direct.class);
      manyFramesInOneWrite(reader);
    }
  }

  @Test
  void theDirectOneSaysWhenItIsFullAndWhenNoMore() throws Exception {
    try (RawReader reader = reader(PipeTest::usual, 4_096)) {
      itSaysWhenItIsFullAndWhenNoMore(reader);
    }
  }

  @Test
  void byMessagesTheSameArrives() throws Exception {
    try (RawReader reader = reader(PipeTest::ofMessages, 65_536)) {
      manyFramesInOneWrite(reader);
    }
  }

  @Test
  void byMessagesItSaysWhenItIsFullAndWhenNoMore() throws Exception {
    try (RawReader reader = reader(PipeTest::ofMessages, 4_096)) {
      itSaysWhenItIsFullAndWhenNoMore(reader);
    }
  }

  private void manyFramesInOneWrite(RawReader reader) throws Exception {
    Pipe pipe = made.get(10, TimeUnit.SECONDS);
    String[] texts = {"{}", "x".repeat(125), "y".repeat(126), "z".repeat(70_000), "ü"};
    ByteBuf frames = Frames.buffer(16);
    for (String text : texts) {
      Frames.text(frames, text);
    }
    Frames.ping(frames);
    byte[] json = "{\"a\":1}".getBytes(java.nio.charset.StandardCharsets.UTF_8);
    Frames.text(frames, json, json.length, 12);
    vertx.runOnContext(_ -> pipe.write(frames));
    for (String text : texts) {
      assertThat(reader.frame().text()).isEqualTo(text);
    }
    assertThat(reader.frame().kind()).isEqualTo(RawReader.PING);
    assertThat(reader.frame().text()).isEqualTo("{\"a\":1,\"skipped\":12}");
    long end = System.nanoTime() + 10_000_000_000L;
    while (frames.refCnt() > 0 && System.nanoTime() < end) {
      Thread.onSpinWait();
    }
    assertThat(frames.refCnt()).isZero();
  }

  private void itSaysWhenItIsFullAndWhenNoMore(RawReader reader) throws Exception {
    Pipe pipe = made.get(10, TimeUnit.SECONDS);
    CompletableFuture<Integer> written = new CompletableFuture<>();
    vertx.runOnContext(_ -> fill(pipe, 0, written));
    int count = written.get(10, TimeUnit.SECONDS);
    assertThat(count).isLessThan(10_000);
    assertThat(writable).hasValue(0);
    for (int i = 0; i < count; i++) {
      assertThat(reader.frame().payload()).hasSize(10_000);
    }
    long end = System.nanoTime() + 10_000_000_000L;
    while (writable.get() == 0 && System.nanoTime() < end) {
      Thread.onSpinWait();
    }
    assertThat(writable.get()).isPositive();
    CompletableFuture<Boolean> again = new CompletableFuture<>();
    vertx.runOnContext(_ -> again.complete(pipe.isWritable()));
    assertThat(again.get(10, TimeUnit.SECONDS)).isTrue();
    vertx.runOnContext(_ -> pipe.close((short) 1008, "slow"));
    RawReader.Frame closed = reader.closed();
    assertThat(closed.closeCode()).isEqualTo(1008);
    assertThat(closed.closeReason()).isEqualTo("slow");
    vertx.runOnContext(_ -> pipe.cut());
    assertThatThrownBy(reader::frame).isInstanceOf(IOException.class);
  }

  private void fill(Pipe pipe, int count, CompletableFuture<Integer> written) {
    if (!pipe.isWritable() || count >= 10_000) {
      written.complete(count);
      return;
    }
    ByteBuf frames = Frames.buffer(10_016);
    Frames.text(frames, "x".repeat(10_000));
    pipe.write(frames);
    vertx.runOnContext(_ -> fill(pipe, count + 1, written));
  }
}
