package dev.everfeed.app.doctor;

import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.hub.config.Settings;
import dev.everfeed.hub.source.HttpResult;
import dev.everfeed.hub.source.KnownSources;
import dev.everfeed.hub.source.Outcome;
import dev.everfeed.hub.source.PolledSource;
import dev.everfeed.hub.source.SourceRequest;
import dev.everfeed.hub.source.SourceSettings;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// How far this machine's clock is from those of the sources. A source's own lateness, the age
/// of a value and `stale` are all measured with it.
///
/// Each source is asked twice over one connection, all at the same time; the second answer
/// counts, whose way is only the network's. What the source's clock showed lies between sending
/// and receiving: the middle is taken, half the way is the uncertainty (as RFC 5905 does), and
/// half a second more where the source tells whole seconds. One clock among many that differs is
/// the source's; where most agree, it is ours.
final class ClockCheck implements Check {
  private static final Duration CONNECT = Duration.ofSeconds(2);
  private static final Duration ANSWER = Duration.ofSeconds(2);
  private static final Duration WITHIN = Duration.ofSeconds(6);
  private static final long WARN_MILLIS = 500;

  /// Beyond it the hub takes fresh ticks for old ones, or old ones for fresh.
  private static final long FAIL_MILLIS = 5_000;

  private static final int UNAVAILABLE_FOR_LEGAL_REASONS = 451;

  private final Settings settings;
  private final boolean offline;
  private final InstantSource clock;

  /// @param clock this machine's
  ClockCheck(Settings settings, boolean offline, InstantSource clock) {
    this.settings = settings;
    this.offline = offline;
    this.clock = clock;
  }

  /// One source's clock.
  ///
  /// @param aheadMillis       of ours
  /// @param uncertainMillis   either way
  private record Shown(SourceId source, long aheadMillis, long uncertainMillis) {
    boolean isBeyond(long millis, long from) {
      return Math.abs(aheadMillis - from) - uncertainMillis > millis;
    }

    @Override
    public String toString() {
      return "%s %+,d ms ±%,d".formatted(source, aheadMillis, uncertainMillis);
    }
  }

  @Override
  public String name() {
    return "clock";
  }

  @Override
  public List<Finding> look() throws InterruptedException {
    if (offline) {
      return List.of(Finding.skipped(name(), "no source is asked (--offline)"));
    }
    List<Finding> findings = new ArrayList<>();
    List<Shown> shown = new ArrayList<>();
    ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    HttpClient client = HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_1_1)
        .connectTimeout(CONNECT)
        .executor(threads)
        .build();
    try {
      Map<SourceId, Future<Shown>> asked = new LinkedHashMap<>();
      settings.sources().forEach((id, source) -> {
        if (source.enabled()) {
          asked.put(id, threads.submit(() -> ask(client, id, source)));
        }
      });
      long end = System.nanoTime() + WITHIN.toNanos();
      for (Map.Entry<SourceId, Future<Shown>> each : asked.entrySet()) {
        try {
          shown.add(each.getValue().get(end - System.nanoTime(), TimeUnit.NANOSECONDS));
        } catch (ExecutionException e) {
          findings.add(notTold(each.getKey(), Objects.requireNonNullElse(e.getCause(), e)));
        } catch (TimeoutException _) {
          findings.add(Finding.skipped(
              name(), "%s: no answer within %d s".formatted(each.getKey(), WITHIN.toSeconds())));
        }
      }
    } finally {
      client.shutdownNow();
      threads.shutdownNow();
    }
    findings.addAll(0, judge(shown));
    return findings;
  }

  private List<Finding> judge(List<Shown> shown) {
    if (shown.isEmpty()) {
      return List.of(Finding.skipped(name(), "no source told its time"));
    }
    List<Finding> findings = new ArrayList<>();
    Shown reference = reference(shown);
    long ahead = reference.aheadMillis();
    String what = "this machine's clock is %,d ms %s (%s)"
        .formatted(
            Math.abs(ahead),
            ahead > 0 ? "behind the sources" : "ahead of the sources",
            String.join(", ", shown.stream().map(Shown::toString).toList()));
    String remedy =
        "synchronise it: chrony or systemd-timesyncd; in a virtual machine or container, its host";
    if (reference.isBeyond(FAIL_MILLIS, 0)) {
      findings.add(Finding.fail(
          name(), what + ": fresh values are taken for old ones, or old ones for fresh", remedy));
    } else if (reference.isBeyond(WARN_MILLIS, 0)) {
      findings.add(Finding.warn(name(), what, remedy));
    } else {
      findings.add(Finding.ok(name(), what));
    }
    for (Shown each : shown) {
      if (each.isBeyond(WARN_MILLIS + reference.uncertainMillis(), ahead)) {
        findings.add(
            Finding.warn(
                name(),
                "%s: its clock differs from that of the others by %,d ms (±%,d)"
                    .formatted(each.source(), each.aheadMillis() - ahead, each.uncertainMillis()),
                "nothing here; its values will look late or early, and `stream.failover` judges it by that"));
      }
    }
    return findings;
  }

  /// The one in the middle; of two that differ the one nearer to ours, since that two clocks are
  /// wrong by the same is less likely than that one is.
  private static Shown reference(List<Shown> shown) {
    if (shown.size() == 2) {
      return shown.stream()
          .min(Comparator.comparingLong(each -> Math.abs(each.aheadMillis())))
          .orElseThrow();
    }
    List<Shown> sorted = new ArrayList<>(shown);
    sorted.sort(Comparator.comparingLong(Shown::aheadMillis));
    return sorted.get((sorted.size() - 1) / 2);
  }

  private Finding notTold(SourceId id, Throwable cause) {
    if (cause instanceof RefusedException refused) {
      return Finding.warn(
          name(),
          "%s: refuses this machine's place in the world (HTTP %d)".formatted(id, refused.status),
          id.name().equals("binance")
              ? "sources.binance.base_url: https://data-api.binance.vision, or enabled: false"
              : "sources.%s.enabled: false, or a base_url that serves this place".formatted(id));
    }
    String message = cause.getMessage() == null ? cause.toString() : cause.getMessage();
    return Finding.skipped(name(), "%s: %s".formatted(id, message));
  }

  private Shown ask(HttpClient client, SourceId id, Settings.Source configured)
      throws IOException, InterruptedException, RefusedException {
    URI base = configured.baseUrl() != null
        ? configured.baseUrl()
        : KnownSources.baseUrl(id.name()).orElseThrow();
    String key = configured.apiKey() == null ? null : configured.apiKey().reveal();
    PolledSource source =
        KnownSources.polled(id.name(), new SourceSettings(base, key, configured.ids()));
    try {
      exchange(client, base, source);
      return exchange(client, base, source);
    } catch (IOException e) {
      throw new IOException(
          "%s does not answer: %s"
              .formatted(
                  base.getAuthority(), e.getMessage() == null ? e.toString() : e.getMessage()),
          e);
    }
  }

  private Shown exchange(HttpClient client, URI base, PolledSource source)
      throws IOException, InterruptedException, RefusedException {
    SourceRequest request = source.clock();
    String root = base.getPath() == null ? "" : base.getPath().replaceFirst("/$", "");
    HttpRequest.Builder get = HttpRequest.newBuilder(base.resolve(root + request.path()))
        .timeout(ANSWER)
        .header("user-agent", "everfeed");
    request.headers().forEach(get::header);
    Instant sent = clock.instant();
    long sentNanos = System.nanoTime();
    HttpResponse<byte[]> response =
        client.send(get.build(), HttpResponse.BodyHandlers.ofByteArray());
    long tookNanos = System.nanoTime() - sentNanos;
    if (response.statusCode() == UNAVAILABLE_FOR_LEGAL_REASONS) {
      throw new RefusedException(response.statusCode());
    }
    Map<String, String> headers = new LinkedHashMap<>();
    response
        .headers()
        .map()
        .forEach((name, values) -> headers.put(name.toLowerCase(Locale.ROOT), values.getFirst()));
    HttpResult result = new HttpResult(response.statusCode(), headers, response.body());
    Instant told = told(source, result)
        .orElseThrow(() ->
            new IOException("it answered %d, and told no time".formatted(response.statusCode())));
    long wayMillis = Math.ceilDiv(tookNanos, 2_000_000L);
    boolean wholeSeconds = told.equals(told.truncatedTo(ChronoUnit.SECONDS));
    long roundedMillis = wholeSeconds ? 500 : 1;
    Instant middle = sent.plusNanos(tookNanos / 2);
    Instant likeliest = wholeSeconds ? told.plusMillis(500) : told;
    return new Shown(
        source.id(), Duration.between(middle, likeliest).toMillis(), wayMillis + roundedMillis);
  }

  private static Optional<Instant> told(PolledSource source, HttpResult result) {
    if (source.interpretClock(result) instanceof Outcome.Usable usable) {
      for (Event event : usable.events()) {
        if (event instanceof Event.ServerTime time) {
          return Optional.of(time.time());
        }
      }
    }
    return result.header("date").flatMap(ClockCheck::date);
  }

  private static Optional<Instant> date(String header) {
    try {
      return Optional.of(
          ZonedDateTime.parse(header, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant());
    } catch (DateTimeException _) {
      return Optional.empty();
    }
  }

  /// HTTP 451.
  private static final class RefusedException extends Exception {
    private static final long serialVersionUID = 1;

    private final int status;

    RefusedException(int status) {
      super("HTTP " + status);
      this.status = status;
    }
  }
}
