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
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Everything that can be configured, as one tree of records: names, defaults, limits and
/// meaning stand here and nowhere else. Keys in the file are the component names in snake_case.
///
/// Immutable. Whoever holds one holds a configuration without mistakes: the three ways to make
/// one report all mistakes at once and give nothing otherwise.
public record Settings(
    @Knob(means = "The hub's own HTTP server.") Http http,

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
    Routes routes,

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

  /// Where readers connect.
  public record Http(
      @Knob(
          value = "127.0.0.1",
          means = "Address to listen on.",
          touch =
              "when readers run on other machines: they need keys then ([security](security.md)), and orders need TLS or a proxy that has it")
      String host,

      @Knob(
          value = "8080",
          min = "0",
          max = "65535",
          means = "TCP port; 0 takes any free one.",
          touch = "when something else listens on 8080")
      int port,

      @Knob(
          value = "1000",
          min = "1",
          max = "100000",
          means = "Connections at once; further ones are closed at once.",
          touch = "when many readers keep connections open")
      int maxConnections,

      @Knob(
          value = "30s",
          min = "100ms",
          max = "1h",
          means =
              "A connection is closed when its next request is not complete after this, or when its reader takes nothing for so long.",
          touch = "when a load balancer keeps idle connections for longer")
      Duration idleTimeout,

      @Knob(
          means =
              "Encryption, by the hub itself. Both files or none; they are read again when they change.")
      Tls tls,

      @Knob(
          value = "false",
          means =
              "Whether only a proxy can reach the hub, which encrypts and says who asks (`X-Forwarded-For`). Then orders are taken without the hub's own TLS.",
          touch = "behind nginx, Caddy, an ingress")
      boolean behindProxy,

      @Knob(
          value = "[]",
          means =
              "Pages that may use the hub from a browser, as `https://desk.example.com`. Its own pages always may.",
          touch = "when a web page of yours reads the hub")
      List<String> allowedOrigins,

      @Knob(
          means =
              "File of the API keys, as `everfeed keys` writes it. When not set, `keys/api-keys.json` under `data_dir`.",
          touch = "when several hubs share their keys")
      @Nullable
      String keysFile,

      @Knob(means = "What one key may have at once. Nobody is limited where no keys are needed.")
      PerKey perKey)
      implements Checked {

    @Override
    public void check(Complaints complaints) {
      for (String origin : allowedOrigins) {
        if (!origin.matches(
            "https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?|https?://\\[[0-9a-f:]+](:[0-9]{1,5})?")) {
          complaints.add(
              "allowed_origins",
              "must be scheme, host and port as browsers send them, as in https://desk.example.com, found \"%s\""
                  .formatted(origin));
        }
      }
    }
  }

  /// Certificate and key of the HTTP server.
  public record Tls(
      @Knob(
          means = "PEM file of the certificate, the server's own first, then those between.",
          touch = "to serve other machines without a proxy")
      @Nullable
      String certificateFile,

      @Knob(
          means = "PEM file of its private key (PKCS #8), which others must not be able to read.",
          touch = "with `certificate_file`")
      @Nullable
      String keyFile)
      implements Checked {

    @Override
    public void check(Complaints complaints) {
      if ((certificateFile == null) != (keyFile == null)) {
        complaints.add(
            certificateFile == null ? "certificate_file" : "key_file",
            "must be set together with "
                + (certificateFile == null ? "key_file" : "certificate_file"));
      }
    }
  }

  /// Limits of each API key.
  public record PerKey(
      @Knob(
          value = "1000",
          min = "1",
          max = "1000000",
          means =
              "Requests a second on the average; twice as many at once. Further ones are answered 429.",
          touch = "when one program asks too much")
      int requestsPerSecond,

      @Knob(
          value = "200",
          min = "1",
          max = "100000",
          means = "Connections at once.",
          touch = "for a reader with many processes")
      int connections,

      @Knob(
          value = "100",
          min = "1",
          max = "100000",
          means = "Readers at the WebSocket at once.",
          touch = "for a reader with many processes")
      int readers,

      @Knob(
          value = "20000",
          min = "1",
          max = "10000000",
          means = "Streams that all its readers together have subscribed.",
          touch = "for a reader of everything")
      int streams) {}

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

  /// The routes by kind of data.
  public record Routes(
      @Knob(
          defaults = {
            "providers: [binance, coingecko]",
            "equivalents: {\"*/USDT\": {coingecko: \"*/USD\"}}",
            "fresh_for: 100ms",
            "stale_while_revalidate: 0s",
            "patience: 100ms",
            "deadline: 1s"
          },
          means = "Latest prices.")
      Route prices,

      @Knob(
          defaults = {
            "providers: [binance, coinbase_exchange, coinbase_advanced, kraken, okx, bybit]",
            "fresh_for: 5s",
            "stale_while_revalidate: 1m",
            "stale_after: 10m",
            "stale_if_error: 7d",
            "deadline: 5s"
          },
          means = "Bars.")
      Route bars,

      @Knob(
          defaults = {
            "providers: [binance, coinbase_exchange, kraken, okx, bybit]",
            "fresh_for: 500ms",
            "stale_while_revalidate: 0s",
            "stale_after: 1m",
            "stale_if_error: 1d",
            "deadline: 3s"
          },
          means = "Trades.")
      Route trades,

      @Knob(
          defaults = {
            "providers: [alternative_me, coingecko]",
            "fresh_for: 5m",
            "stale_while_revalidate: 1h",
            "stale_after: 2d",
            "stale_if_error: 7d",
            "deadline: 3s"
          },
          means = "The mood of the market.")
      Route sentiment) {}

  /// Who is asked for one kind of data, and how long an answer is good. From young to old, a
  /// remembered value is served at once (`fresh_for`), served while a new one is fetched
  /// (`stale_while_revalidate`), served only because nobody answers (`stale_if_error`), and then
  /// forgotten.
  public record Route(
      @Knob(
          means = "Sources in the order in which they are asked.",
          touch = "to prefer another source or leave one out")
      List<SourceId> providers,

      @Knob(
          value = "primary",
          means =
              "From how many exchanges the schedule fetches bars: `primary` takes the first that answers, `primary_secondary` two, `all` each of them; they are stored by exchange. Other kinds of data are always fetched from the first that answers.",
          touch =
              "to have every exchange's own bars, and to see when one of them tells another story; each exchange costs its own calls")
      Fetch fetch,

      @Knob(
          means =
              "What a source may serve instead, as `ASKED: {source: SERVED}`; a `*` stands for the base. Such values say `equivalent_of`.",
          touch = "to forbid equivalents with `{}`, or to name one for another quote currency")
      Map<SymbolPattern, Map<SourceId, SymbolPattern>> equivalents,

      @Knob(
          value = "1s",
          min = "0s",
          max = "1d",
          means = "A value this young is served without asking again.",
          touch = "longer to spare a source's budget, shorter for newer values")
      Duration freshFor,

      @Knob(
          value = "10s",
          min = "0s",
          max = "7d",
          means =
              "After `fresh_for`, a value this old is served at once, labelled, while a new one is fetched.",
          touch = "0s makes every reader wait for a fresh value")
      Duration staleWhileRevalidate,

      @Knob(
          value = "60s",
          min = "1s",
          max = "365d",
          means =
              "An older value is labelled `stale`, and a source whose newest value is older has frozen: the next one is asked.",
          touch = "with what your programs may act on")
      Duration staleAfter,

      @Knob(
          value = "1d",
          min = "0s",
          max = "365d",
          means = "An older value is not served any more, even when nobody answers.",
          touch = "shorter when an old value is worse than none")
      Duration staleIfError,

      @Knob(
          value = "50ms",
          min = "1ms",
          max = "1m",
          means =
              "While a remembered value is there, a reader waits this much longer for a source after the next one was asked as well, which happens at its 95th percentile and not before 50 ms.",
          touch = "longer for newer values, shorter for faster answers while a source hangs")
      Duration patience,

      @Knob(
          value = "3s",
          min = "10ms",
          max = "1m",
          means = "A reader has an answer after this, whatever it is.",
          touch = "with your readers' own timeouts")
      Duration deadline)
      implements Checked {

    /// From how many exchanges the schedule fetches a series (REQUIREMENTS B7).
    public enum Fetch {
      PRIMARY,
      PRIMARY_SECONDARY,
      ALL;

      /// As it is written in the file.
      public String text() {
        return name().toLowerCase(Locale.ROOT);
      }

      /// Of so many exchanges.
      public int wanted(int exchanges) {
        return switch (this) {
          case PRIMARY -> Math.min(1, exchanges);
          case PRIMARY_SECONDARY -> Math.min(2, exchanges);
          case ALL -> exchanges;
        };
      }
    }

    /// What `source` may serve for `asked`; an entry for the very symbol goes before a pattern.
    public Optional<Symbol> equivalent(Symbol asked, SourceId source) {
      Optional<Symbol> byPattern = Optional.empty();
      for (Map.Entry<SymbolPattern, Map<SourceId, SymbolPattern>> entry : equivalents.entrySet()) {
        SymbolPattern served = entry.getValue().get(source);
        if (served == null || !entry.getKey().matches(asked)) {
          continue;
        }
        if (!entry.getKey().hasWildcard()) {
          return Optional.of(served.fill(asked));
        }
        byPattern = byPattern.or(() -> Optional.of(served.fill(asked)));
      }
      return byPattern;
    }

    @Override
    public void check(Complaints complaints) {
      if (providers.isEmpty()) {
        complaints.add("providers", "must name at least one source, found none");
      }
      if (new LinkedHashSet<>(providers).size() < providers.size()) {
        complaints.add("providers", "must not name a source twice, found " + providers);
      }
      if (patience.compareTo(deadline) > 0) {
        complaints.add(
            "patience",
            "must not be longer than deadline (%s), was %s"
                .formatted(Durations.format(deadline), Durations.format(patience)));
      }
      if (staleAfter.compareTo(freshFor) < 0) {
        complaints.add(
            "stale_after",
            "must not be shorter than fresh_for (%s), was %s"
                .formatted(Durations.format(freshFor), Durations.format(staleAfter)));
      }
      equivalents.forEach((asked, served) -> served.forEach((source, symbol) -> {
        if (symbol.hasWildcard() && !asked.hasWildcard()) {
          complaints.add(
              "equivalents", "%s has no '*' to put into %s of %s".formatted(asked, symbol, source));
        }
      }));
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
