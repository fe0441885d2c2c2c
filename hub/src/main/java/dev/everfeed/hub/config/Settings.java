package dev.everfeed.hub.config;

import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.hub.source.KnownSources;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Everything that can be configured, as one tree of records: names, defaults, limits and
/// meaning stand here and nowhere else. Keys in the file are the component names in snake_case.
///
/// Immutable. Whoever holds one holds a configuration without mistakes: the three ways to make
/// one report all mistakes at once and give nothing otherwise.
public record Settings(
    @Knob(means = "The hub's own HTTP server.") HttpSettings http,

    @Knob(means = "What the hub says of itself on its standard error.")
    Log log,

    @Knob(means = "When calls to a failing source stop. A source can have its own.")
    Breaker breaker,

    @Knob(
        means =
            "Further attempts at the same source, which only background refreshes and the last usable source get. A source can have its own.")
    Retry retry,

    @Knob(means = "Each source that the hub can ask.") Map<SourceId, Source> sources,

    @Knob(
        value = "[BTC/USDT, ETH/USDT]",
        means =
            "What is refreshed and may be asked for, as BASE/QUOTE. At least one, at most 2,000.",
        touch = "always: list what your programs read")
    List<Symbol> symbols,

    @Knob(means = "Who is asked for what, in which order, and how long a value is good.")
    RouteSettings routes,

    @Knob(means = "The schedule that keeps values fresh while nobody asks.")
    Refresh refresh,

    @Knob(
        value = "everfeed-data",
        means =
            "Folder for everything that the hub keeps; made when it is not there. One hub at a time uses it.",
        touch = "always, in production: a folder on a disk that is backed up")
    String dataDir,

    @Knob(
        value = "20s",
        min = "2s",
        max = "10m",
        means =
            "When the hub is told to stop, it has ended after this, in order if that is possible: readers, work, venues, what was published, journal, database. What could not be written is in the journal, and written by the next start.",
        touch =
            "with TimeoutStopSec of the service, which must be longer; longer for a database far away")
    Duration shutdownDeadline,

    @Knob(means = "What has been accepted is written here first, and synced to disk.")
    JournalSettings journal,

    @Knob(means = "What is published as it happens: WebSocket and ZeroMQ.")
    StreamSettings stream,

    @Knob(means = "When a program may trade on the data of a symbol: `/v1/verdict`.")
    VerdictSettings verdict,

    @Knob(means = "The database: history, and the memory over restarts.")
    StoreSettings store,

    @Knob(means = "Holes in the stored history.") BackfillSettings backfill,

    @Knob(means = "Gateways that are made over the interface, and kept in the database.")
    AccountSettings accounts)
    implements Checked {

  /// The sources that a file may name.
  public static final List<SourceId> SOURCES =
      KnownSources.names().stream().map(SourceId::new).toList();

  private static final int MAX_SYMBOLS = 2_000;

  /// The configuration of an empty file.
  public static Settings defaults() {
    return parse("", Map.of());
  }

  /// @param environment what overrides the file (`EVERFEED_HTTP_PORT`) and fills `${VAR}`
  /// @throws ConfigurationException with every mistake
  public static Settings parse(String yaml, Map<String, String> environment) {
    return parse(yaml, environment, _ -> {});
  }

  /// @param ignored is told what is wrong and was left out: an unknown source in a list that
  ///     names others too
  /// @throws ConfigurationException with every other mistake
  public static Settings parse(
      String yaml, Map<String, String> environment, Consumer<Mistake> ignored) {
    return read("configuration", yaml, environment, ignored);
  }

  /// @throws ConfigurationException with every mistake, also when the file cannot be read
  public static Settings load(Path file, Map<String, String> environment) {
    return load(file, environment, _ -> {});
  }

  /// @param ignored as above
  /// @throws ConfigurationException with every mistake, also when the file cannot be read
  public static Settings load(
      Path file, Map<String, String> environment, Consumer<Mistake> ignored) {
    String text;
    try {
      text = Files.readString(file);
    } catch (CharacterCodingException e) {
      throw unreadable(file, "must be UTF-8 text, found other bytes");
    } catch (IOException e) {
      throw unreadable(
          file,
          e instanceof NoSuchFileException
              ? "does not exist"
              : "cannot be read: " + e.getMessage());
    }
    return read(file.toString(), text, environment, ignored);
  }

  private static ConfigurationException unreadable(Path file, String why) {
    return new ConfigurationException(file.toString(), List.of(new Mistake("", "", why)));
  }

  private static Settings read(
      String where, String yaml, Map<String, String> environment, Consumer<Mistake> ignored) {
    List<Mistake> mistakes = new ArrayList<>();
    List<Mistake> leftOut = new ArrayList<>();
    Environment variables = new Environment(environment, mistakes);
    Node.Table root = variables.substituted(YamlReader.read(yaml, mistakes));
    variables.overlay(root, Settings.class);
    Settings settings = new Binder(mistakes, leftOut).bind(Settings.class, root);
    if (!mistakes.isEmpty()) {
      mistakes.addAll(leftOut);
      throw new ConfigurationException(where, mistakes);
    }
    leftOut.forEach(ignored);
    return settings;
  }

  /// The settings of a source; every one of [#SOURCES] has some.
  public Source source(SourceId id) {
    Source source = sources.get(id);
    if (source == null) {
      throw new IllegalArgumentException(
          "no source is called %s; known: %s".formatted(id, sources.keySet()));
    }
    return source;
  }

  @Override
  public void check(Complaints complaints) {
    if (symbols.isEmpty() || symbols.size() > MAX_SYMBOLS) {
      complaints.add(
          "symbols", "must list 1 to %d, found %d".formatted(MAX_SYMBOLS, symbols.size()));
    }
    List<Symbol> unwritten = symbols.stream().filter(s -> !isPair(s)).toList();
    if (!unwritten.isEmpty()) {
      complaints.add("symbols", "must be BASE/QUOTE in upper case each, found " + unwritten);
    }
    if (new LinkedHashSet<>(symbols).size() < symbols.size()) {
      complaints.add("symbols", "must not name a symbol twice, found " + symbols);
    }
  }

  private static boolean isPair(Symbol symbol) {
    String text = symbol.text();
    return symbol.base().isPresent()
        && !text.endsWith("/")
        && text.indexOf('/') == text.lastIndexOf('/')
        && text.indexOf(':') < 0
        && text.equals(text.toUpperCase(Locale.ROOT));
  }

  /// What is logged, and how.
  public record Log(
      @Knob(
          value = "text",
          means = "`text` for people, `json` for a log collector (Elastic Common Schema).",
          touch = "when logs are collected")
      Format format,

      @Knob(
          value = "info",
          means = "The least important message shown: `error`, `warn`, `info`, `debug`, `trace`.",
          touch = "while looking for the cause of something")
      Level level) {

    public enum Format {
      TEXT,
      JSON
    }

    public enum Level {
      ERROR,
      WARN,
      INFO,
      DEBUG,
      TRACE
    }
  }

  /// The circuit breaker of a source (requirements A3, A4, D1).
  public record Breaker(
      @Knob(
          value = "5",
          min = "1",
          max = "1000",
          means = "Failures within `window` that open the circuit.",
          touch = "lower for a source with a good backup, higher for a flaky one without")
      int failureThreshold,

      @Knob(
          value = "3",
          min = "1",
          max = "100",
          means = "Successes in a row, after the probe, that close it again.",
          touch = "higher when a source recovers and falls over again")
      int successThreshold,

      @Knob(
          value = "60s",
          min = "1s",
          max = "1h",
          means = "How long a failure counts.",
          touch = "longer when the source is asked rarely")
      Duration window,

      @Knob(
          value = "60s",
          min = "100ms",
          max = "1d",
          means = "First cooldown; the light probe follows it.",
          touch = "shorter to come back sooner, longer to spare a struggling source")
      Duration open,

      @Knob(
          value = "300s",
          min = "100ms",
          max = "1d",
          means = "Longest cooldown; each failed recovery lengthens it, up to this.",
          touch = "with `open`")
      Duration openMax,

      @Knob(
          value = "3",
          min = "1",
          max = "100",
          means = "Calls at once while recovery is tried.",
          touch = "rarely")
      int halfOpenMax,

      @Knob(
          value = "2s",
          min = "1ms",
          max = "5m",
          means = "An answer that takes longer counts as a failure of the breaker.",
          touch = "with a source's `timeout`: a slow call is one that is answered, but too late")
      Duration slowCall)
      implements Checked {
    @Override
    public void check(Complaints complaints) {
      if (openMax.compareTo(open) < 0) {
        complaints.add(
            "open_max",
            "must not be shorter than open (%s), was %s"
                .formatted(Durations.format(open), Durations.format(openMax)));
      }
    }
  }

  /// Attempts at one source for one question.
  public record Retry(
      @Knob(
          value = "3",
          min = "1",
          max = "10",
          means = "Attempts in all; 1 turns retries off.",
          touch = "lower for a source that charges by the call")
      int attempts,

      @Knob(
          value = "100ms",
          min = "1ms",
          max = "1m",
          means =
              "The first wait is random between 0 and this; each further one may be twice as long.",
          touch = "rarely")
      Duration base,

      @Knob(
          value = "2s",
          min = "1ms",
          max = "10m",
          means = "Longest wait between two attempts.",
          touch = "rarely")
      Duration cap)
      implements Checked {
    @Override
    public void check(Complaints complaints) {
      if (cap.compareTo(base) < 0) {
        complaints.add(
            "cap",
            "must not be shorter than base (%s), was %s"
                .formatted(Durations.format(base), Durations.format(cap)));
      }
    }
  }

  /// One source. What is not set is what the source's own adapter knows.
  ///
  /// @param baseUrl     null for the vendor's public address
  /// @param streamUrl   null for the base address, or the vendor's public one
  /// @param apiKey      null for none
  /// @param weightLimit null for the vendor's published limit
  /// @param ids         the source's own names, for symbols that its adapter does not know
  public record Source(
      @Knob(
          value = "true",
          means = "Whether it is asked at all.",
          touch = "to take a source out of service")
      boolean enabled,

      @Knob(
          means = "Address of its API, http or https; the vendor's own when not set.",
          touch = "for a mirror, a proxy or a simulator")
      @Nullable
      URI baseUrl,

      @Knob(
          means =
              "Address of its WebSocket server, ws or wss; where `base_url` is set that server's, else the vendor's own.",
          touch = "with `base_url`, when the two are not one server")
      @Nullable
      URI streamUrl,

      @Knob(
          means = "Key, when the source wants one. `api_key_file` names a file that holds it.",
          touch = "when you have a plan at the source; put `${VAR}` here, never the key")
      @Nullable
      Secret apiKey,

      @Knob(
          value = "3s",
          min = "10ms",
          max = "2m",
          means = "Hard limit of one call.",
          touch = "rarely: the next source is asked long before")
      Duration timeout,

      @Knob(
          min = "1",
          max = "1000000",
          means =
              "Weight that may be used in the vendor's own window; the vendor's own limit when not set.",
          touch = "when several programs share one address or key")
      @Nullable
      Integer weightLimit,

      @Knob(
          means = "The source's own name of a symbol, as `SYMBOL: name`.",
          touch = "for a coin whose id the hub does not know")
      Map<Symbol, String> ids,

      @Knob(
          means = "As `breaker`, for this source alone; what is not set here is taken from there.")
      Breaker breaker,

      @Knob(means = "As `retry`, for this source alone; what is not set here is taken from there.")
      Retry retry)
      implements Checked {
    @Override
    public void check(Complaints complaints) {
      if (baseUrl != null && !baseUrl.getScheme().startsWith("http")) {
        complaints.add("base_url", "must begin with http:// or https://, found " + baseUrl);
      }
      if (streamUrl != null && !streamUrl.getScheme().startsWith("ws")) {
        complaints.add("stream_url", "must begin with ws:// or wss://, found " + streamUrl);
      }
    }
  }

  /// The schedule.
  ///
  /// @param every       null when `cron` rules
  /// @param cron        null when `every` rules
  /// @param tradesEvery null when trades are not fetched
  public record Refresh(
      @Knob(
          min = "1s",
          max = "1d",
          means = "Distance between two runs; 10s when neither this nor `cron` is set.",
          touch = "with the budget of your sources")
      @Nullable
      Duration every,

      @Knob(
          means =
              "Instead of `every`: minute, hour, day, month, weekday in UTC, with the second in front when there are six.",
          touch = "to run at fixed times")
      Schedule.@Nullable Crontab cron,

      @Knob(
          value = "[1m, 1h]",
          means = "Intervals whose bars are kept for every symbol; `[]` keeps none.",
          touch = "list what your programs read")
      List<Interval> intervals,

      @Knob(
          value = "500",
          min = "1",
          max = "1000",
          means = "Bars kept of each series.",
          touch = "with the longest history that your programs ask for")
      int bars,

      @Knob(
          value = "1m",
          min = "1s",
          max = "1d",
          means = "Bars are refreshed by the first run after this.",
          touch = "shorter when unfinished bars matter to you")
      Duration barsEvery,

      @Knob(
          min = "1s",
          max = "1d",
          means =
              "The newest 1,000 trades of each symbol are fetched by the first run after this, and stored; when not set, only those that somebody asks for. What traded between two runs beyond 1,000 is missed.",
          touch =
              "to keep trades of quiet symbols; it costs 25 of Binance's 6,000 a minute for each symbol and run")
      @Nullable
      Duration tradesEvery,

      @Knob(
          value = "5m",
          min = "10s",
          max = "7d",
          means = "Sentiment is refreshed by the first run after this.",
          touch = "rarely: its sources change it once a day")
      Duration sentimentEvery)
      implements Checked {
    private static final Duration USUAL = Duration.ofSeconds(10);

    public Schedule schedule() {
      return cron != null ? cron : new Schedule.Every(every != null ? every : USUAL);
    }

    @Override
    public void check(Complaints complaints) {
      if (every != null && cron != null) {
        complaints.add("cron", "must not be set together with every; take one of them");
      }
    }
  }
}
