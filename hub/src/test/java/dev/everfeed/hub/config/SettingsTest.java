package dev.everfeed.hub.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Symbol;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SettingsTest {
  private static final SourceId BINANCE = new SourceId("binance");
  private static final SourceId COINGECKO = new SourceId("coingecko");
  private static final Symbol BTC = Symbol.of("BTC/USDT");

  /// Those that a file may name, as messages list them.
  private static final String KNOWN =
      Settings.SOURCES.stream().map(SourceId::name).sorted().collect(Collectors.joining(", "));

  @TempDir
  private Path folder;

  private static List<String> mistakes(String yaml, Map<String, String> environment) {
    ConfigurationException e =
        catchThrowableOfType(ConfigurationException.class, () -> Settings.parse(yaml, environment));
    assertThat(e).as("a configuration with mistakes was accepted").isNotNull();
    return e.mistakes().stream().map(Mistake::toString).toList();
  }

  private static List<String> mistakes(String yaml) {
    return mistakes(yaml, Map.of());
  }

  @Test
  void anEmptyFileIsAWholeConfiguration() {
    Settings settings = Settings.defaults();

    assertThat(settings.http().host()).isEqualTo("127.0.0.1");
    assertThat(settings.http().port()).isEqualTo(8080);
    assertThat(settings.symbols()).containsExactly(BTC, Symbol.of("ETH/USDT"));
    assertThat(settings.sources()).containsOnlyKeys(Settings.SOURCES);
    assertThat(settings.source(BINANCE).timeout()).isEqualTo(Duration.ofSeconds(3));
    assertThat(settings.source(BINANCE).baseUrl()).isNull();
    assertThat(settings.breaker().failureThreshold()).isEqualTo(5);
    assertThat(settings.breaker().openMax()).isEqualTo(Duration.ofMinutes(5));
    assertThat(settings.retry().attempts()).isEqualTo(3);
    assertThat(settings.routes().prices().providers()).containsExactly(BINANCE, COINGECKO);
    assertThat(settings.routes().bars().providers())
        .extracting(SourceId::name)
        .containsExactly(
            "binance", "coinbase_exchange", "coinbase_advanced", "kraken", "okx", "bybit");
    assertThat(settings.routes().bars().fetch()).isEqualTo(RouteSettings.Route.Fetch.PRIMARY);
    assertThat(settings.routes().bars().equivalents()).isEmpty();
    assertThat(settings.routes().sentiment().providers())
        .containsExactly(new SourceId("alternative_me"), COINGECKO);
    assertThat(settings.refresh().intervals()).containsExactly(Interval.M1, Interval.H1);
    assertThat(settings.refresh().schedule()).isEqualTo(new Schedule.Every(Duration.ofSeconds(10)));
  }

  /// REQUIREMENTS B8: it is reported, and the rest goes on.
  @Test
  void anUnknownSourceInAListIsToldAndLeftOut() {
    List<Mistake> ignored = new ArrayList<>();
    Settings settings = Settings.parse(
        "routes: {bars: {providers: [binance, mtgox, okx], fetch: all}}", Map.of(), ignored::add);
    assertThat(settings.routes().bars().providers())
        .extracting(SourceId::name)
        .containsExactly("binance", "okx");
    assertThat(settings.routes().bars().fetch()).isEqualTo(RouteSettings.Route.Fetch.ALL);
    assertThat(ignored).singleElement().satisfies(mistake -> {
      assertThat(mistake.path()).isEqualTo("routes.bars.providers[1]");
      assertThat(mistake.message()).contains("must be a known source").contains("mtgox");
    });
    assertThat(mistakes("routes: {bars: {providers: [mtgox]}}")).hasSize(1);
  }

  @Test
  void everythingCanBeSet() {
    Settings settings = Settings.parse("""
        http: {host: 0.0.0.0, port: 9090, max_connections: 10, idle_timeout: 5s}
        log: {format: json, level: debug}
        breaker: {failure_threshold: 7, open: 10s}
        symbols: [BTC/USDT, SOL/USDT]
        sources:
          binance:
            base_url: http://127.0.0.1:9999/binance
            api_key: abc
            timeout: 2500ms
            weight_limit: 1_200
            ids: {SOL/USDT: SOLUSDT}
            breaker: {failure_threshold: 2}
          coingecko: {enabled: false}
        routes:
          prices:
            providers: [coingecko, binance]
            equivalents:
              BTC/USDT: {coingecko: BTC/EUR}
            fresh_for: 500ms
            patience: 1m
            deadline: 1m
        refresh: {cron: '*/5 * * * *', intervals: [1d], bars: 10}
        """, Map.of());

    assertThat(settings.http().port()).isEqualTo(9090);
    assertThat(settings.log().format()).isEqualTo(Settings.Log.Format.JSON);
    Settings.Source binance = settings.source(BINANCE);
    assertThat(binance.baseUrl()).isEqualTo(URI.create("http://127.0.0.1:9999/binance"));
    assertThat(Objects.requireNonNull(binance.apiKey()).reveal()).isEqualTo("abc");
    assertThat(binance.timeout()).isEqualTo(Duration.ofMillis(2_500));
    assertThat(binance.weightLimit()).isEqualTo(1_200);
    assertThat(binance.ids()).containsEntry(Symbol.of("SOL/USDT"), "SOLUSDT");
    assertThat(settings.source(COINGECKO).enabled()).isFalse();
    assertThat(settings.routes().prices().providers()).containsExactly(COINGECKO, BINANCE);
    assertThat(settings.routes().prices().equivalent(BTC, COINGECKO))
        .contains(Symbol.of("BTC/EUR"));
    assertThat(settings.routes().prices().equivalent(Symbol.of("SOL/USDT"), COINGECKO))
        .isEmpty();
  }

  /// Three layers: the source's own, the global, the default.
  @Test
  void aSourcesBreakerTakesWhatItDoesNotSetFromTheGlobalOne() {
    Settings settings = Settings.parse("""
        sources: {binance: {breaker: {failure_threshold: 2}, retry: {attempts: 1}}}
        breaker: {failure_threshold: 7, open: 10s}
        """, Map.of());

    assertThat(settings.source(BINANCE).breaker().failureThreshold()).isEqualTo(2);
    assertThat(settings.source(BINANCE).breaker().open()).isEqualTo(Duration.ofSeconds(10));
    assertThat(settings.source(BINANCE).breaker().window()).isEqualTo(Duration.ofSeconds(60));
    assertThat(settings.source(BINANCE).retry().attempts()).isEqualTo(1);
    assertThat(settings.source(COINGECKO).breaker()).isEqualTo(settings.breaker());
  }

  /// All at once, each with where, what was allowed, what was found.
  @Test
  void allMistakesAreToldAtOnce() {
    assertThat(mistakes("""
                http:
                  port: 70000
                  hots: 0.0.0.0
                log: {level: loud}
                symbols: [BTC/USDT, 'BTC USDT', BTC/USDT]
                sources:
                  binanse: {}
                  binance: {base_url: 'ftp://x', timeout: 3 parsecs, api_key: [a]}
                routes:
                  prices: {providers: [binance, nobody], deadline: 1s}
                refresh: {intervals: [1m, 7m], cron: '99 * * * *'}
                colour: blue
                """))
        .containsExactlyInAnyOrder(
            "http.port (line 2): must be a whole number from 0 to 65535, found \"70000\"",
            "http.hots (line 3): is not a setting; did you mean host?; known here: host, port,"
                + " max_connections, idle_timeout, tls, behind_proxy, allowed_origins, keys_file,"
                + " per_key",
            "log.level (line 4): must be one of error, warn, info, debug, trace, found \"loud\"",
            "symbols[1] (line 5): symbol must not contain blanks, quotes or '|', had U+0020 at 3,"
                + " found \"BTC USDT\"",
            "sources.binanse (line 7): must be a known source (" + KNOWN
                + "); did you mean binance?, found \"binanse\"",
            "sources.binance.base_url (line 8): must be an address such as"
                + " https://api.example.com, without user, query or #, found \"ftp://x\"",
            "sources.binance.timeout (line 8): must be a length of time such as 250ms, 3s, 5m, 1d"
                + " from 10ms to 2m, found \"3 parsecs\"",
            "sources.binance.api_key (line 8): must be one value, found a list or a table",
            "routes.prices.providers[1] (line 10): must be a known source (" + KNOWN
                + "), found \"nobody\"",
            "refresh.intervals[1] (line 11): must be an interval (" + Interval.all()
                + "), found \"7m\"",
            "refresh.cron (line 11): must be a cron expression such as \"*/5 * * * *\": Failed to"
                + " parse cron expression. Value 99 not in range [0, 59], found \"99 * * * *\"",
            "colour (line 12): is not a setting; known here: http, log, breaker, retry, sources,"
                + " symbols, routes, refresh, data_dir, shutdown_deadline, journal, stream, verdict, store,"
                + " backfill, accounts");
  }

  @Test
  void settingsThatDoNotFitEachOtherAreMistakes() {
    assertThat(mistakes("""
                breaker: {open: 60s, open_max: 10s}
                retry: {base: 5s}
                sources: {coingecko: {breaker: {open: 4m, open_max: 3m}}}
                routes:
                  prices: {providers: [binance, binance], patience: 4s, stale_after: 1s, fresh_for: 2s}
                  bars: {providers: []}
                  sentiment: {equivalents: {BTC/USDT: {coingecko: '*/USD'}}}
                refresh: {every: 10s, cron: '* * * * *'}
                """))
        .containsExactlyInAnyOrder(
            "breaker.open_max (line 1): must not be shorter than open (1m), was 10s",
            "retry.cap (line 2): must not be shorter than base (5s), was 2s",
            "sources.coingecko.breaker.open_max (line 3): must not be shorter than open (4m), was"
                + " 3m",
            "routes.prices.providers (line 5): must not name a source twice, found [binance,"
                + " binance]",
            "routes.prices.patience (line 5): must not be longer than deadline (1s), was 4s",
            "routes.prices.stale_after (line 5): must not be shorter than fresh_for (2s), was 1s",
            "routes.bars.providers (line 6): must name at least one source, found none",
            "routes.sentiment.equivalents (line 7): BTC/USDT has no '*' to put into */USD of"
                + " coingecko",
            "refresh.cron (line 8): must not be set together with every; take one of them");
  }

  @Test
  void aBarIsEitherTheVenuesOrBuiltAndOfAFixedLength() {
    assertThat(mistakes("stream: {intervals: [1m, 1h], build: [1s, 1m, 1w]}"))
        .containsExactly(
            "stream.build (line 1): 1m is in `intervals`, too: bar|SYMBOL|1m is either the venues' or"
                + " built here",
            "stream.build (line 1): has bars of a fixed length, 1w has none");
    assertThat(mistakes("stream: {channels: [quote, bar], build: [1s]}"))
        .containsExactly(
            "stream.build (line 1): bars are built from trades, and `channels` has none, found [QUOTE,"
                + " BAR]");
    assertThat(Settings.parse("stream: {channels: [trade], build: [1m]}", Map.of()).stream()
            .build())
        .containsExactly(Interval.M1);
  }

  @Test
  void aKeyThatStandsTwiceIsAMistake() {
    assertThat(mistakes("http:\n  port: 1\n  port: 2\n"))
        .containsExactly("http.port (line 3): must stand once, stood before at line 2");
  }

  @Test
  void whatIsNotATableOfSettingsIsSaidSo() {
    assertThat(mistakes("- a\n- b\n"))
        .containsExactly("configuration (line 1): must be a table of settings (`name: value`)");
    assertThat(mistakes("http: 8080"))
        .containsExactly("http (line 1): must be a table of settings (`name: value`)");
    assertThat(mistakes("symbols: BTC/USDT"))
        .containsExactly("symbols (line 1): must be a list, as in [a, b]");
    assertThat(mistakes("a: b: c").getFirst()).startsWith("configuration (line 1): is not YAML: ");
    assertThat(mistakes("http: {\nport").getFirst()).contains("is not YAML");
    assertThat(mistakes("routes: {prices: {equivalents: {*/USDT : {coingecko: BTC/USD}}}}")
            .getFirst())
        .contains("needs quotes");
    assertThat(mistakes("---\nlog: {}\n---\nlog: {}\n"))
        .containsExactly("configuration (line 4): must be one YAML document, found a second");
    assertThat(mistakes("a: " + "[".repeat(1_000) + "]".repeat(1_000))).isNotEmpty();
  }

  @Test
  void theEnvironmentGoesBeforeTheFile() {
    Settings settings = Settings.parse(
        "http: {port: 9090}",
        Map.of(
            "EVERFEED_HTTP_PORT", "7070",
            "EVERFEED_SYMBOLS", "BTC/USDT, SOL/USDT",
            "EVERFEED_REFRESH_INTERVALS", "[1d]",
            "EVERFEED_SOURCES_ALTERNATIVE_ME_BASE_URL", "http://127.0.0.1:1",
            "EVERFEED_SOURCES_BINANCE_BREAKER_OPEN_MAX", "2m",
            "EVERFEED_ROUTES_PRICES_STALE_WHILE_REVALIDATE", "0s",
            "EVERFEED_HOME", "/opt/everfeed",
            "PATH", "/bin"));

    assertThat(settings.http().port()).isEqualTo(7070);
    assertThat(settings.symbols()).containsExactly(BTC, Symbol.of("SOL/USDT"));
    assertThat(settings.refresh().intervals()).containsExactly(Interval.D1);
    assertThat(settings.source(new SourceId("alternative_me")).baseUrl())
        .isEqualTo(URI.create("http://127.0.0.1:1"));
    assertThat(settings.source(BINANCE).breaker().openMax()).isEqualTo(Duration.ofMinutes(2));
    assertThat(settings.routes().prices().staleWhileRevalidate()).isEqualTo(Duration.ZERO);
  }

  @Test
  void mistakesOfTheEnvironmentNameTheVariable() {
    assertThat(mistakes(
            "",
            Map.of(
                "EVERFEED_HTTP_PRT",
                "1",
                "EVERFEED_HTTP_PORT",
                "x",
                "EVERFEED_SYMBOLS",
                "[BTC/USDT, '']",
                "EVERFEED_LOG",
                "json")))
        .containsExactlyInAnyOrder(
            "configuration (EVERFEED_HTTP_PRT): is not a setting; did you mean"
                + " EVERFEED_HTTP_PORT?",
            "http.port (EVERFEED_HTTP_PORT): must be a whole number from 0 to 65535, found \"x\"",
            "symbols[1] (EVERFEED_SYMBOLS): symbol must have 1 to 40 characters, had 0, found"
                + " \"\"",
            "configuration (EVERFEED_LOG): is not a setting; such a variable is EVERFEED_ and the"
                + " setting's path, as in EVERFEED_HTTP_PORT");
  }

  @Test
  void variablesInTheFileAreReplaced() {
    Settings settings =
        Settings.parse("""
        http: {port: "${PORT}", host: "${HOST:-127.0.0.1}"}
        sources: {binance: {api_key: "${KEY}", base_url: "http://h/$${x}"}}
        """.replace("/$${x}", ""), Map.of("PORT", "1234", "KEY", "k$y"));

    assertThat(settings.http().port()).isEqualTo(1_234);
    assertThat(settings.http().host()).isEqualTo("127.0.0.1");
    assertThat(Objects.requireNonNull(settings.source(BINANCE).apiKey()).reveal())
        .isEqualTo("k$y");
    assertThat(mistakes("http: {host: '${NO_SUCH}'}"))
        .containsExactly(
            "http.host (line 1): names the environment variable NO_SUCH, and neither it nor"
                + " NO_SUCH_FILE is set",
            "http.host (line 1): must not be empty, found \"${NO_SUCH}\"");
  }

  @Test
  void secretsCanStandInFiles() throws IOException {
    Path file = folder.resolve("key");
    Files.writeString(file, "s3cret\n");

    for (Settings settings : List.of(
        Settings.parse("", Map.of("EVERFEED_SOURCES_BINANCE_API_KEY_FILE", file.toString())),
        Settings.parse(
            "sources: {binance: {api_key: '${KEY}'}}", Map.of("KEY_FILE", file.toString())),
        Settings.parse("sources: {binance: {api_key_file: '%s'}}".formatted(file), Map.of()))) {
      assertThat(Objects.requireNonNull(settings.source(BINANCE).apiKey()).reveal())
          .isEqualTo("s3cret");
    }
    assertThat(mistakes("sources: {binance: {api_key_file: /no/such/file}}").getFirst())
        .startsWith("sources.binance.api_key (line 1): file /no/such/file cannot be read: ");
  }

  /// A secret shows in no text: not of the settings, not of a mistake about or beside it.
  @Test
  void keysOfAccountsAreWrongByTheirPlaceAndNeverShown() {
    String right = "k1:" + "A".repeat(43) + "=";
    assertThat(Settings.parse(
                "accounts: {keys: '%s, k2:%sQ='}".formatted(right, "B".repeat(42)), Map.of())
            .accounts()
            .keyList())
        .extracting(AccountKey::name)
        .containsExactly("k1", "k2");
    assertThat(Settings.defaults().accounts().keyList()).isEmpty();

    List<String> mistakes =
        mistakes("accounts: {keys: '%s, HUNTER2, k2:HUNTER-2, k3:HUNTER2=, k1:%s='}"
            .formatted(right, "C".repeat(43)));
    assertThat(mistakes)
        .containsExactly(
            "accounts.keys (line 1): key 2: must be NAME:KEY, the name of 1 to 40 letters, digits, '_', '.' and '-'",
            "accounts.keys (line 1): key 3 (k2): must be base64, as `openssl rand -base64 32` writes it, and is not",
            "accounts.keys (line 1): key 4 (k3): must be of 32 bytes, as `openssl rand -base64 32` makes them, was of 5",
            "accounts.keys (line 1): key 5: must have a name of its own, \"k1\" is that of another one");
  }

  @Test
  void keysOfAccountsComeFromAFileOrTheEnvironment() throws IOException {
    String one = "2026:" + "A".repeat(43) + "=";
    String other = "2025:" + "B".repeat(42) + "A=";
    Path file = folder.resolve("keys");
    Files.writeString(file, one + "\n" + other + "\n");
    List<Settings> all = List.of(
        Settings.parse("accounts: {keys_file: '%s'}".formatted(file), Map.of()),
        Settings.parse("accounts: {keys: '${KEYS}'}", Map.of("KEYS", one + "," + other)),
        Settings.parse("", Map.of("EVERFEED_ACCOUNTS_KEYS", one + ", " + other)),
        Settings.parse("", Map.of("EVERFEED_ACCOUNTS_KEYS_FILE", file.toString())));
    assertThat(all).allSatisfy(settings -> {
      assertThat(settings.accounts().keyList())
          .extracting(AccountKey::name)
          .containsExactly("2026", "2025");
      assertThat(settings.toString()).doesNotContain("AAAA").doesNotContain("BBBB");
    });
  }

  @Test
  void aGatewaysStreamIsAWebSocket() {
    assertThat(mistakes("stream: {gateways: {binance: {stream_url: 'https://two.example'}}}"))
        .containsExactly(
            "stream.gateways.binance.stream_url (line 1): must begin with ws:// or wss://, found https://two.example");
  }

  @Test
  void secretsShowInNoText() {
    assertThat(Settings.parse("sources: {binance: {api_key: s3cret}}", Map.of()).toString())
        .doesNotContain("s3cret")
        .contains("(secret)");
    assertThat(mistakes("http: {port: '${KEY}'}", Map.of("KEY", "s3cret")).toString())
        .doesNotContain("s3cret")
        .contains("found \"${KEY}\"");
    assertThat(
            mistakes("sources: {binance: {api_key: s3cret, api_key_file: /no}}").toString())
        .doesNotContain("s3cret");
  }

  @Test
  void byDefaultCoingeckoMayServeDollarsForTethersAndNothingElse() {
    RouteSettings.Route prices = Settings.defaults().routes().prices();

    assertThat(prices.equivalent(BTC, COINGECKO)).contains(Symbol.of("BTC/USD"));
    assertThat(prices.equivalent(BTC, BINANCE)).isEmpty();
    assertThat(prices.equivalent(Symbol.of("ETH/EUR"), COINGECKO)).isEmpty();
    assertThat(prices.equivalent(Symbol.of("rb2601.SHFE"), COINGECKO)).isEmpty();
    assertThat(Settings.parse("routes: {prices: {equivalents: {}}}", Map.of())
            .routes()
            .prices()
            .equivalent(BTC, COINGECKO))
        .isEmpty();
  }

  @Test
  void cronRunsInUtcWithOrWithoutSeconds() {
    Instant noon = Instant.parse("2024-05-01T12:00:00Z");

    assertThat(Schedule.cron("*/5 * * * *").next(noon))
        .contains(Instant.parse("2024-05-01T12:05:00Z"));
    assertThat(Schedule.cron("*/10 * * * * *").next(noon))
        .contains(Instant.parse("2024-05-01T12:00:10Z"));
    assertThat(Schedule.cron("0 9 * * 1-5").next(noon))
        .contains(Instant.parse("2024-05-02T09:00:00Z"));
    assertThat(Schedule.cron("30 0 9 * * 7").next(noon))
        .contains(Instant.parse("2024-05-05T09:00:30Z"));
    assertThat(mistakes("refresh: {cron: hourly}").getFirst())
        .contains("must have 5 fields (minute hour day month weekday), or 6");
  }

  @Test
  void aFileThatCannotBeReadIsAMistake() throws IOException {
    Path file = folder.resolve("hub.yaml");
    Files.writeString(file, "http: {port: 1234}");
    assertThat(Settings.load(file, Map.of()).http().port()).isEqualTo(1_234);

    Files.write(file, new byte[] {'a', ':', ' ', (byte) 0xff});
    ConfigurationException binary =
        catchThrowableOfType(ConfigurationException.class, () -> Settings.load(file, Map.of()));
    assertThat(binary).hasMessageContaining("must be UTF-8 text").hasMessageContaining("hub.yaml");
    ConfigurationException missing = catchThrowableOfType(
        ConfigurationException.class, () -> Settings.load(folder.resolve("none"), Map.of()));
    assertThat(missing)
        .hasMessageContaining("none: 1 mistake")
        .hasMessageContaining("does not exist");
  }

  @Test
  void durationsReadBackWhatTheyWrite() {
    for (String text :
        List.of("0s", "1ms", "250ms", "3s", "1m30s", "5m", "1h", "1d", "1d1h1m1s1ms")) {
      assertThat(Durations.format(Durations.parse(text).orElseThrow())).isEqualTo(text);
    }
    for (String text : List.of("", "3", "s", "3 s", "-3s", "3S", "3s ", "1.5s", "9999999999999s")) {
      assertThat(Durations.parse(text)).as(text).isEmpty();
    }
  }

  @Test
  void databaseUrlOfTheEnvironmentIsTheStoreUnlessSomebodySaysAnother() {
    Map<String, String> usual = Map.of("DATABASE_URL", "postgres://u:p@one/db");
    assertThat(urlOf(Settings.parse("", usual))).isEqualTo("postgres://u:p@one/db");
    assertThat(urlOf(Settings.parse("store: {pool_size: 9}", usual)))
        .isEqualTo("postgres://u:p@one/db");
    assertThat(urlOf(Settings.parse("store: {url: 'postgres://two/db'}", usual)))
        .isEqualTo("postgres://two/db");
    assertThat(urlOf(Settings.parse(
            "",
            Map.of("DATABASE_URL", "postgres://one", "EVERFEED_STORE_URL", "postgres://three"))))
        .isEqualTo("postgres://three");
    assertThat(Settings.parse("", Map.of()).store().url()).isNull();
  }

  private static String urlOf(Settings settings) {
    return Objects.requireNonNull(settings.store().url()).reveal();
  }

  @Test
  void aJournalHasRoomForTwoOfItsFiles() {
    assertThatThrownBy(() -> Settings.parse("journal: {max_mib: 20, segment_mib: 16}", Map.of()))
        .hasMessageContaining("journal.segment_mib")
        .hasMessageContaining("must be at most half of max_mib (20), was 16");
  }

  /// docs/configuration.md is drawn from the records; this writes the expected table when told
  /// to.
  @Test
  void theDocumentedTableIsThatOfTheRecords() throws IOException {
    Path document = Path.of(System.getProperty("everfeed.project"), "docs/configuration.md");
    String mark = "<!-- Everything below is drawn from the records; SettingsTest compares. -->\n\n";
    String written = Files.readString(document);
    String head = written.substring(0, written.indexOf(mark) + mark.length());
    Path drawn = Path.of("target/configuration.md");
    Files.writeString(drawn, head + SettingsTable.markdown());

    assertThat(written)
        .as("docs/configuration.md is not what the records say; the right one is in hub/" + drawn)
        .isEqualTo(Files.readString(drawn));
  }

  /// The example at the top of the page is a configuration.
  @Test
  void theDocumentedExampleIsRight() throws IOException {
    String page =
        Files.readString(Path.of(System.getProperty("everfeed.project"), "docs/configuration.md"));
    int count = 0;
    for (String block : page.split("```yaml\n", -1)) {
      if (count++ > 0) {
        Settings.parse(block.substring(0, block.indexOf("```")), Map.of("COINGECKO_KEY", "k"));
      }
    }
    assertThat(count).isGreaterThan(1);
  }
}
