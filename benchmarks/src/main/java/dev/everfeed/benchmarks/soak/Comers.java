package dev.everfeed.benchmarks.soak;

import dev.everfeed.benchmarks.load.Exchange;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.net.http.HttpClient;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// Readers who come and go: some leave with a word, some without, some take nothing any more and
/// stay for a while, some come again and resume where they were; and one who asks over HTTP, on
/// connections that are kept and on new ones. [#run] and [#ask] have a thread each.
final class Comers {
  private static final int AT_ONCE = 24;
  private static final int STAYS_MILLIS = 12_000;
  private static final int REMEMBERED = 16;
  private static final int EVIDENCE_MAX = 30;
  private static final String ALL =
      "{\"op\":\"subscribe\",\"id\":1,\"channels\":[\"trade\",\"quote\",\"bar\",\"event\"],\"symbols\":[\"BTC/USDT\",\"SOL/USDT\"],\"intervals\":[\"1s\",\"1m\"]}";
  private static final String ONE =
      "{\"op\":\"subscribe\",\"id\":1,\"channels\":[\"trade\"],\"symbols\":[\"BTC/USDT\"]}";

  /// What the askers ask for; what no source can answer during faults is answered by 404 or 503.
  private static final List<String> PATHS = List.of(
      "/v1/price?symbol=BTC/USDT",
      "/v1/price?symbol=ETH/USDT",
      "/v1/bars?symbol=BTC/USDT&interval=1m&limit=100",
      "/v1/bars?symbol=ETH/USDT&interval=1m&limit=20&exchange=all",
      "/v1/trades?symbol=BTC/USDT&limit=50",
      "/v1/snapshot?symbol=BTC/USDT",
      "/v1/verdict",
      "/v1/gaps",
      "/v1/gateways",
      "/v1/routes",
      "/health",
      "/health/gateways",
      "/health/scheduler",
      "/metrics");

  private final HttpClient client;
  private final int port;
  private final long seed;
  private final List<String> evidence = new ArrayList<>();
  private Proof.Sums sums = new Proof.Sums(0, 0, 0, 0, 0, 0, 0, 0, 0);
  private long came;
  private long resumed;
  private long stopped;
  private long asked;
  private long unavailable;
  private long wrongAnswers;
  private long unanswered;
  private String slowest = "";
  private long slowestNanos;

  /// One of them.
  ///
  /// @param stops whether it takes nothing any more after a while: it may be told that it lagged,
  ///     and closed
  private record Guest(Reader reader, Proof proof, boolean stops, long leavesAtNanos) {}

  Comers(HttpClient client, int port, long seed) {
    this.client = client;
    this.port = port;
    this.seed = seed;
  }

  void run(long untilNanos) throws IOException, InterruptedException {
    var random = new SplittableRandom(seed);
    var guests = new PriorityQueue<Guest>(Comparator.comparingLong(Guest::leavesAtNanos));
    Deque<Proof> left = new ArrayDeque<>();
    while (System.nanoTime() < untilNanos) {
      while (!guests.isEmpty() && guests.element().leavesAtNanos <= System.nanoTime()) {
        leave(guests.remove(), random.nextBoolean(), left);
      }
      if (guests.size() < AT_ONCE) {
        guests.add(come(random, left));
      }
      TimeUnit.MILLISECONDS.sleep(random.nextInt(400));
    }
    for (Guest guest : guests) {
      leave(guest, true, left);
    }
  }

  private Guest come(SplittableRandom random, Deque<Proof> left) throws IOException {
    came++;
    boolean stops = random.nextInt(6) == 0;
    long stays = 200 + random.nextInt(STAYS_MILLIS);
    // from who resumes what it had goes on: one proof over several readers
    Proof known = !stops && random.nextInt(3) == 0 ? left.poll() : null;
    @Nullable String resumption = known == null ? null : known.resumption();
    Proof proof = known == null || resumption == null ? new Proof() : known;
    Reader reader =
        new Reader(client, port, proof, stops ? 1 + random.nextInt(200) : Long.MAX_VALUE);
    if (resumption != null) {
      resumed++;
      reader.say(resumption);
    } else {
      reader.say(random.nextBoolean() ? ALL : ONE);
    }
    if (stops) {
      stopped++;
    }
    return new Guest(reader, proof, stops, System.nanoTime() + stays * 1_000_000L);
  }

  private void leave(Guest guest, boolean politely, Deque<Proof> left) {
    if (politely) {
      guest.reader.leave();
    } else {
      guest.reader.close();
    }
    String ended = guest.reader.ended();
    if (ended != null && !guest.stops) {
      note(ended);
    }
    if (!guest.stops && left.size() < REMEMBERED) {
      left.add(guest.proof);
    } else {
      done(guest);
    }
  }

  private void done(Guest guest) {
    Proof.Sums of = guest.proof.sums();
    sums = sums.plus(of);
    if (of.wrong() > 0 && !guest.stops) {
      guest.proof.evidence().forEach(this::note);
    }
  }

  /// Asks ten times a second or so.
  void ask(long untilNanos) throws IOException {
    var random = new SplittableRandom(seed + 1);
    Exchange kept = new Exchange(port);
    while (System.nanoTime() < untilNanos && !Thread.interrupted()) {
      String path = PATHS.get(random.nextInt(PATHS.size()));
      long began = System.nanoTime();
      if (random.nextInt(4) == 0) {
        kept.close();
        kept = new Exchange(port);
      }
      asked++;
      int code;
      try {
        code = kept.get(path).code();
      } catch (SocketTimeoutException e) {
        unanswered++;
        note(path + " was not answered within 10 s");
        kept.close();
        kept = new Exchange(port);
        continue;
      }
      long took = System.nanoTime() - began;
      if (took > slowestNanos) {
        slowestNanos = took;
        slowest = path;
      }
      if (code == 404 || code == 503) {
        unavailable++;
      } else if (code != 200) {
        wrongAnswers++;
        note(path + " answered " + code);
      }
      LockSupport.parkNanos(random.nextInt(200) * 1_000_000L);
    }
    kept.close();
  }

  private synchronized void note(String what) {
    if (evidence.size() < EVIDENCE_MAX) {
      evidence.add(Instant.now() + " " + what);
    }
  }

  /// What was not as it should be.
  synchronized List<String> evidence() {
    return List.copyOf(evidence);
  }

  /// Of those who have left for good.
  Proof.Sums sums() {
    return sums;
  }

  long came() {
    return came;
  }

  long resumed() {
    return resumed;
  }

  long stopped() {
    return stopped;
  }

  long asked() {
    return asked;
  }

  /// 404 and 503.
  long unavailable() {
    return unavailable;
  }

  long wrongAnswers() {
    return wrongAnswers;
  }

  long unanswered() {
    return unanswered;
  }

  /// What was asked when the answer was the slowest.
  String slowest() {
    return slowest;
  }

  double slowestMillis() {
    return slowestNanos / 1e6;
  }
}
