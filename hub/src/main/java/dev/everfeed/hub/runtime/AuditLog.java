package dev.everfeed.hub.runtime;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.everfeed.hub.api.Audit;
import dev.everfeed.hub.journal.LogReader;
import dev.everfeed.hub.journal.Read;
import dev.everfeed.hub.journal.SegmentLog;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The audit log: the newest orders in memory, all of them on the disk, where there is one, until
/// [#LIMITS] are reached and the oldest go. Each is a line of the log `everfeed.audit`, too.
///
/// An order is shown at once, and written by the thread `audit`, synced one by one: there are few.
/// What cannot be written is not waited for: an operator must be able to act while the disk is
/// full. It is said.
final class AuditLog implements Audit, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("everfeed.audit");
  private static final ObjectMapper JSON = new ObjectMapper();

  static final SegmentLog.Limits LIMITS =
      new SegmentLog.Limits(1 << 20, 32 << 20, Duration.ZERO, 64 << 10, 0);

  static final int KEPT = 1_000;
  private static final int WAITING_MAX = 10_000;
  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(2);

  private final InstantSource wall;
  private final @Nullable SegmentLog log;
  private final BlockingQueue<Entry> waiting = new LinkedBlockingQueue<>(WAITING_MAX);
  private final @Nullable Thread writer;

  /// The newest first. Guarded by itself.
  private final Deque<Entry> newest = new ArrayDeque<>();

  private long last;
  private volatile @Nullable String trouble;
  private volatile boolean closed;

  private AuditLog(@Nullable SegmentLog log, InstantSource wall) throws IOException {
    this.wall = wall;
    this.log = log;
    if (log == null) {
      this.writer = null;
      return;
    }
    read(log);
    this.writer = Thread.ofPlatform().name("audit").daemon().unstarted(() -> write(log));
    writer.start();
  }

  /// One that ends with the process.
  static AuditLog inMemory(InstantSource wall) {
    try {
      return new AuditLog(null, wall);
    } catch (IOException e) {
      throw new IllegalStateException("there is nothing to read", e);
    }
  }

  /// @throws IOException when the folder cannot be used
  static AuditLog open(Path folder, InstantSource wall) throws IOException {
    SegmentLog log = SegmentLog.open(folder, LIMITS, wall);
    try {
      return new AuditLog(log, wall);
    } catch (IOException | RuntimeException e) {
      log.close();
      throw e;
    }
  }

  // ---- what was

  private void read(SegmentLog kept) throws IOException {
    try (LogReader reader = kept.readFrom(kept.firstPosition())) {
      while (true) {
        switch (reader.next()) {
          case Read.Record record -> take(record.payload());
          case Read.Lost lost ->
            damaged(
                "%,d to %,d cannot be read: %s".formatted(lost.from(), lost.to(), lost.reason()));
          case Read.UpToDate _ -> {
            return;
          }
        }
      }
    }
  }

  private void take(ByteBuffer payload) {
    byte[] bytes = new byte[payload.remaining()];
    payload.get(bytes);
    try {
      JsonNode entry = JSON.readTree(bytes);
      remember(new Entry(
          entry.path("number").longValue(),
          Instant.parse(entry.path("at").asText()),
          entry.path("remote").asText(),
          entry.path("operator").textValue(),
          entry.path("order").asText(),
          entry.path("body").textValue(),
          entry.path("key").textValue(),
          entry.path("status").intValue(),
          entry.path("outcome").textValue()));
    } catch (IOException | RuntimeException e) {
      damaged("a record cannot be understood: " + e.getMessage());
    }
  }

  private void damaged(String what) {
    trouble = "the audit log is damaged: " + what;
    LOG.error("audit: {}", trouble);
  }

  private void remember(Entry entry) {
    last = Math.max(last, entry.number());
    newest.addFirst(entry);
    if (newest.size() > KEPT) {
      newest.removeLast();
    }
  }

  // ---- what is

  @Override
  public void note(Entry entry) {
    Entry numbered;
    synchronized (newest) {
      numbered = new Entry(
          last + 1,
          wall.instant(),
          entry.remote(),
          entry.operator(),
          entry.order(),
          entry.body(),
          entry.key(),
          entry.status(),
          entry.outcome());
      remember(numbered);
      if (log != null && !waiting.offer(numbered)) {
        trouble = "the audit log is %,d orders behind, and order %d is not written down"
            .formatted(WAITING_MAX, numbered.number());
      }
    }
    LOG.info(
        "order {}: {} by {} from {}: {}{}{}",
        numbered.number(),
        numbered.order(),
        numbered.operator() == null ? "somebody" : numbered.operator(),
        numbered.remote(),
        numbered.status(),
        numbered.outcome() == null ? "" : ", " + numbered.outcome(),
        numbered.body() == null ? "" : "; " + numbered.body());
  }

  private void write(SegmentLog kept) {
    try {
      while (!closed || !waiting.isEmpty()) {
        Entry entry = waiting.poll(100, TimeUnit.MILLISECONDS);
        if (entry != null) {
          append(kept, entry);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void append(SegmentLog kept, Entry entry) {
    try {
      byte[] bytes = JSON.writeValueAsBytes(json(entry));
      kept.ensureRoom(bytes.length + 12L);
      kept.append(ByteBuffer.wrap(bytes));
      kept.force();
    } catch (IOException e) {
      trouble = "order %d could not be written down: %s".formatted(entry.number(), e.getMessage());
      LOG.error("audit: {}", trouble);
    }
  }

  private static ObjectNode json(Entry entry) {
    return JSON.createObjectNode()
        .put("number", entry.number())
        .put("at", entry.at().toString())
        .put("remote", entry.remote())
        .put("operator", entry.operator())
        .put("order", entry.order())
        .put("body", entry.body())
        .put("key", entry.key())
        .put("status", entry.status())
        .put("outcome", entry.outcome());
  }

  @Override
  public List<Entry> newest() {
    synchronized (newest) {
      return new ArrayList<>(newest);
    }
  }

  @Override
  public @Nullable String trouble() {
    return trouble;
  }

  /// What was noted is written first, for two seconds at most.
  @Override
  public void close() {
    closed = true;
    if (writer == null || log == null) {
      return;
    }
    try {
      writer.join(CLOSE_WITHIN);
      log.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      LOG.error("audit: {}", e.toString());
    }
  }
}
