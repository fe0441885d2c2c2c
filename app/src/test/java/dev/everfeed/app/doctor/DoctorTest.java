package dev.everfeed.app.doctor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.everfeed.app.LentPrograms;
import dev.everfeed.hub.config.JournalSettings;
import dev.everfeed.hub.config.Settings;
import dev.everfeed.hub.runtime.Hub;
import dev.everfeed.hub.store.DataDirectory;
import dev.everfeed.hub.store.DatabaseAddress;
import dev.everfeed.hub.store.EmbeddedServer;
import dev.everfeed.hub.store.Migrations;
import dev.everfeed.simulator.fault.FaultKind;
import dev.everfeed.simulator.fault.FaultOrder;
import dev.everfeed.simulator.venue.Venues;
import dev.everfeed.simulator.venue.VenuesConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Each check on real sockets, folders, databases and venues.
@Timeout(120)
class DoctorTest {
  /// One source, at a port where nobody listens.
  private static final String NOBODY_ANSWERS = """
      sources:
        binance: {base_url: "http://127.0.0.1:9"}
        coingecko: {enabled: false}
        alternative_me: {enabled: false}
        coinbase_exchange: {enabled: false}
        coinbase_advanced: {enabled: false}
        kraken: {enabled: false}
        okx: {enabled: false}
        bybit: {enabled: false}
      """;

  private static final RunningHub NONE =
      RunningHub.find(settings("http: {port: 0}").http(), request -> request);

  @TempDir
  Path folder;

  private static Settings settings(String... yaml) {
    return Settings.parse(String.join("\n", yaml), Map.of());
  }

  private Settings inFolder(String... yaml) {
    return settings("data_dir: \"%s\"\n%s".formatted(folder, String.join("\n", yaml)));
  }

  private static Finding only(List<Finding> findings) {
    assertThat(findings).hasSize(1);
    return findings.getFirst();
  }

  private static ServerSocket listening() throws IOException {
    return new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
  }

  /// `run` would end with 78.
  @Test
  void whatTheHubWouldRefuseToListenWithIsAFailure() {
    assertThat(only(new AccessCheck(inFolder("http: {host: 0.0.0.0}")).look())).satisfies(found -> {
      assertThat(found.outcome()).isEqualTo(Finding.Outcome.FAIL);
      assertThat(found.what()).contains("http.host", "everfeed keys create");
    });
    assertThat(only(new AccessCheck(inFolder("stream: {zeromq: {host: 0.0.0.0}}")).look())
            .what())
        .contains("stream.zeromq.host", "keys curve");
    assertThat(only(new AccessCheck(inFolder("")).look()).outcome()).isEqualTo(Finding.Outcome.OK);
  }

  @Test
  void aPortThatSomebodyElseHasIsAFailureThatNamesTheProcess() throws Exception {
    try (ServerSocket taken = listening()) {
      Settings settings = settings(
          "http: {port: %d}".formatted(taken.getLocalPort()), "stream: {zeromq: {port: 0}}");
      List<Finding> findings = new PortsCheck(settings, NONE).look();

      assertThat(findings.getFirst().outcome()).isEqualTo(Finding.Outcome.FAIL);
      assertThat(findings.getFirst().what())
          .contains("http.port: 127.0.0.1:" + taken.getLocalPort() + " is taken by process "
              + ProcessHandle.current().pid());
      assertThat(findings.getLast().outcome()).isEqualTo(Finding.Outcome.OK);
    }
  }

  @Test
  void aHubIsKnownByItsMainClass() {
    assertThat(of("java -cp /opt/everfeed/lib/* dev.everfeed.app.Everfeed run").isHub())
        .isTrue();
    assertThat(of("java -cp /opt/everfeed/lib/* dev.everfeed.app.Everfeed run"))
        .hasToString("process 7 (dev.everfeed.app.Everfeed run)");
    assertThat(of("python3 /srv/everfeed/serve.py").isHub()).isFalse();
    assertThat(of("java -javaagent:a.jar=includes=dev.everfeed.app.* Other").isHub())
        .isFalse();
  }

  private static Processes.Named of(String command) {
    return new Processes.Named(7, Processes.shortened(command));
  }

  @Test
  void aFreePortAmongThoseOfOutgoingConnectionsIsAWarning() throws Exception {
    int port;
    try (ServerSocket free = listening()) {
      port = free.getLocalPort(); // of that range, since the system chose it
    }
    Finding finding = new PortsCheck(
            settings("http: {port: %d}".formatted(port), "stream: {zeromq: {enabled: false}}"),
            NONE)
        .look()
        .getFirst();
    assertThat(finding.outcome()).isEqualTo(Finding.Outcome.WARN);
    assertThat(finding.what()).contains("outgoing connections", Integer.toString(port));
  }

  @Test
  void anAddressOfAnotherMachineIsNoPlaceToListen() throws Exception {
    Finding finding = only(new PortsCheck(
            settings("http: {host: 192.0.2.1, port: 8080}", "stream: {zeromq: {enabled: false}}"),
            NONE)
        .look());
    assertThat(finding.outcome()).isEqualTo(Finding.Outcome.FAIL);
    assertThat(finding.what()).contains("192.0.2.1:8080 is no address of this machine");
  }

  /// With the hub that has them, a taken port and a locked folder are as they should be.
  @Test
  void whileAHubRunsItsPortsAndFolderAreItsOwnAndItsHealthIsTold() throws Exception {
    int port;
    try (ServerSocket free = listening()) {
      port = free.getLocalPort();
    }
    Settings settings =
        inFolder("http: {port: %d}".formatted(port), "stream: {enabled: false}", NOBODY_ANSWERS);
    try (Hub hub = Hub.start(settings)) {
      RunningHub running =
          found(settings, it -> it.answers() && told(it).outcome() != Finding.Outcome.OK);
      assertThat(running.answers()).isTrue();
      assertThat(running.health().orElseThrow().what()).contains("a hub runs, and is ");
      Finding folderFinding = only(new DataFolderCheck(settings, running).look());
      assertThat(folderFinding.outcome()).isEqualTo(Finding.Outcome.OK);
      assertThat(folderFinding.what()).contains("is used by the hub that runs");
      assertThat(hub.port()).isEqualTo(port);
    }
  }

  /// The certificate is for another name than the address, as one for a proxy's or a balancer's is.
  @Test
  void aHubWithTlsIsKnownByItsCertificateAndAnotherServerIsNot() throws Exception {
    Keytool keytool = new Keytool(folder);
    keytool.make("hub", "EC", 90);
    keytool.make("other", "EC", 90);
    int port;
    try (ServerSocket free = listening()) {
      port = free.getLocalPort();
    }
    try (Hub hub = Hub.start(withTls(keytool, "hub", port))) {
      RunningHub own = found(withTls(keytool, "hub", port), RunningHub::answers);
      assertThat(own.answers()).isTrue();
      assertThat(own.health().orElseThrow().what()).contains("a hub runs, and is ");

      RunningHub stranger = found(
          withTls(keytool, "other", port),
          it -> it.isUnproven() && told(it).what().contains("another certificate"));
      assertThat(stranger.answers()).isFalse();
      assertThat(stranger.health().orElseThrow().outcome()).isEqualTo(Finding.Outcome.WARN);
      Finding ports =
          new PortsCheck(withTls(keytool, "other", port), stranger).look().getFirst();
      assertThat(ports.outcome()).isNotEqualTo(Finding.Outcome.OK);
      assertThat(stranger.health().orElseThrow().what())
          .contains("127.0.0.1:" + hub.port(), "another certificate than that of", "other.crt");
    }
  }

  /// It may be a hub whose new certificate is not for this user to read.
  @Test
  void whoCannotBeKnownIsNotSaidToBeSomebodyElse() throws Exception {
    try (ServerSocket silent = listening()) {
      Settings settings = settings(
          "data_dir: '%s'".formatted(folder),
          "http: {port: %d, tls: {certificate_file: '%s', key_file: '%s'}}"
              .formatted(
                  silent.getLocalPort(), folder.resolve("gone"), folder.resolve("gone.key")));
      RunningHub unknown = RunningHub.find(settings.http(), request -> request);

      assertThat(unknown.answers()).isFalse();
      assertThat(unknown.isUnproven()).isTrue();
      assertThat(unknown.health().orElseThrow().what())
          .contains("the certificate that it would be known by cannot be read", "gone");
      try (DataDirectory _ = DataDirectory.open(folder)) {
        Finding held = only(new DataFolderCheck(settings, unknown).look());
        assertThat(held.outcome()).isEqualTo(Finding.Outcome.WARN);
        assertThat(held.remedy()).doesNotContain("end that process");
      }
    }
    assertThat(RunningHub.find(
                settings("http: {port: 1, tls: {certificate_file: '/gone', key_file: '/gone'}}")
                    .http(),
                request -> request)
            .health())
        .isEmpty();
  }

  /// On a busy machine it does not answer in time, and in its first moments it has not asked its
  /// source; the test has a timeout.
  private static RunningHub found(Settings settings, Predicate<RunningHub> as) {
    while (true) {
      RunningHub running = RunningHub.find(settings.http(), request -> request);
      if (as.test(running)) {
        return running;
      }
    }
  }

  private static Finding told(RunningHub running) {
    return running.health().orElseThrow();
  }

  private Settings withTls(Keytool keytool, String certificate, int port) {
    return settings(
        "http: {port: %d, tls: {certificate_file: '%s', key_file: '%s'}}"
            .formatted(port, keytool.certificate(certificate), keytool.key(certificate)),
        "store: {enabled: false}",
        "stream: {enabled: false}",
        NOBODY_ANSWERS);
  }

  @Test
  void aFolderThatAnotherProcessHasIsAFailure() throws Exception {
    try (DataDirectory held = DataDirectory.open(folder)) {
      Finding finding = only(new DataFolderCheck(inFolder(), NONE).look());
      assertThat(finding.outcome()).isEqualTo(Finding.Outcome.FAIL);
      assertThat(finding.what())
          .contains(
              held.path().toString(),
              "is locked by process " + ProcessHandle.current().pid());
    }
    assertThat(only(new DataFolderCheck(inFolder(), NONE).look()).outcome())
        .isEqualTo(Finding.Outcome.OK);
  }

  /// /proc is a real file system on which nobody makes folders, root neither.
  @Test
  void aFolderThatCannotBeMadeIsAFailure() throws Exception {
    Finding finding =
        only(new DataFolderCheck(settings("data_dir: /proc/everfeed/data"), NONE).look());
    assertThat(finding.outcome()).isEqualTo(Finding.Outcome.FAIL);
    assertThat(finding.what()).contains("/proc/everfeed/data is not there", "may not make it");
    assertThat(finding.remedy()).contains("chown");
  }

  @Test
  void aFolderThatIsReadOnlyIsAFailure() throws Exception {
    assumeTrue(!System.getProperty("user.name").equals("root"), "root writes everywhere");
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("r-xr-xr-x"));
    try {
      Finding finding = only(new DataFolderCheck(inFolder(), NONE).look());
      assertThat(finding.outcome()).isEqualTo(Finding.Outcome.FAIL);
      assertThat(finding.what()).contains("cannot be written");
    } finally {
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
    }
  }

  @Test
  void theDisksRoomIsHeldAgainstWhatTheJournalMayKeepAndAnFsyncIsTimed() throws Exception {
    JournalSettings journal = settings().journal(); // 1,024 MiB at most, 256 left free
    long mib = 1L << 20;
    assertThat(DiskCheck.room(journal, 255 * mib, 0, false, folder).outcome())
        .isEqualTo(Finding.Outcome.FAIL);
    assertThat(DiskCheck.room(journal, 1_279 * mib, 0, false, folder).outcome())
        .isEqualTo(Finding.Outcome.WARN);
    assertThat(DiskCheck.room(journal, 1_279 * mib, 1_000 * mib, false, folder).outcome())
        .isEqualTo(Finding.Outcome.OK);
    assertThat(new DiskCheck(inFolder()).look())
        .anySatisfy(finding ->
            assertThat(finding.what()).containsPattern("an fsync of 4 KiB at .* takes [\\d,]+ us"));
    try (var left = Files.list(folder)) {
      assertThat(left).isEmpty();
    }
  }

  @Test
  void anExternalDatabaseThatIsNotThereIsAFailureThatSaysWhatToDo() throws Exception {
    int port;
    try (ServerSocket free = listening()) {
      port = free.getLocalPort();
    }
    Settings settings =
        settings("store: {url: \"postgres://bob:s3cretPW@127.0.0.1:%d/db\"}".formatted(port));
    Finding finding = only(new StoreCheck(settings, false).look());
    assertThat(finding.outcome()).isEqualTo(Finding.Outcome.FAIL);
    assertThat(finding.what())
        .contains("127.0.0.1:" + port + "/db as bob: no connection is accepted there")
        .doesNotContain("s3cretPW");
    assertThat(finding.remedy()).contains("start the server");
    assertThat(only(new StoreCheck(settings, true).look()).outcome())
        .isEqualTo(Finding.Outcome.SKIPPED);
  }

  /// A real server: empty, then with this version's tables, then for a user without rights, then
  /// with a password that is wrong.
  @Test
  void aDatabaseIsAskedForItsTablesAndRights() throws Exception {
    LentPrograms.to(folder);
    try (DataDirectory data = DataDirectory.open(folder);
        EmbeddedServer server =
            new EmbeddedServer(data.path().resolve("postgres"), System::nanoTime)) {
      DatabaseAddress address = server.start(Duration.ofSeconds(60));
      assertThat(texts(new StoreCheck(inFolder(), false).look()))
          .contains("PostgreSQL 18", "version 0, the next start brings them to");
      Migrations.run(address.dataSource());
      assertThat(texts(new StoreCheck(inFolder(), false).look()))
          .contains("its tables are of this version");

      String url = address.jdbcUrl().replace("jdbc:postgresql://", "");
      try (Connection connection = address.connect();
          Statement sql = connection.createStatement()) {
        sql.execute("CREATE ROLE bob LOGIN PASSWORD 'right'");
        sql.execute("GRANT USAGE ON SCHEMA public TO bob");
        sql.execute("GRANT SELECT ON everfeed_schema_history TO bob");
      }
      Settings asBob = settings("store: {url: \"postgres://bob:right@%s\"}".formatted(url));
      List<Finding> findings = new StoreCheck(asBob, false).look();
      assertThat(texts(findings))
          .contains("its tables belong to another user than bob", "stays on this machine");
      assertThat(findings).anyMatch(finding -> finding.outcome() == Finding.Outcome.FAIL);
      Settings wrong = settings("store: {url: \"postgres://bob:s3cret@%s\"}".formatted(url));
      assertThat(only(new StoreCheck(wrong, false).look()).what())
          .contains("does not accept the password")
          .doesNotContain("s3cret");
    }
    assertThat(texts(new StoreCheck(inFolder(), false).look())).contains("can be started");
  }

  private static String texts(List<Finding> findings) {
    return findings.stream().map(Finding::what).collect(Collectors.joining("\n"));
  }

  private static Settings of(Venues venues, String... names) {
    return settings("sources:\n"
        + VenuesConfig.VENUES.stream()
            .map(venue -> List.of(names).contains(venue)
                ? "  %s: {base_url: \"%s\"}".formatted(venue, venues.baseUrl(venue))
                : "  %s: {enabled: false}".formatted(venue))
            .collect(Collectors.joining("\n")));
  }

  @Test
  void oneSourceWithASkewedClockIsToldApartFromOurOwn() throws Exception {
    try (Venues venues = Venues.start(VenuesConfig.onFreePorts(InstantSource.system()))) {
      Settings settings = of(venues, "binance", "kraken", "okx", "bybit", "coinbase_exchange");
      List<Finding> well = new ClockCheck(settings, false, InstantSource.system()).look();
      assertThat(only(well).outcome()).isEqualTo(Finding.Outcome.OK);

      venues.fault("okx", FaultOrder.of(FaultKind.SKEW).delayedBy(Duration.ofMinutes(10)));
      List<Finding> skewed = new ClockCheck(settings, false, InstantSource.system()).look();
      assertThat(skewed.getFirst().outcome()).isEqualTo(Finding.Outcome.OK);
      assertThat(skewed).hasSize(2);
      assertThat(skewed.getLast().outcome()).isEqualTo(Finding.Outcome.WARN);
      assertThat(skewed.getLast().what()).containsPattern("^okx: .* by (599|600),\\d{3} ms");
    }
  }

  @Test
  void aClockOfOursThatIsWrongIsAFailureAndAnUnreachableSourceIsSkipped() throws Exception {
    try (Venues venues = Venues.start(VenuesConfig.onFreePorts(InstantSource.system()))) {
      Settings settings = of(venues, "binance", "okx", "bybit");
      venues.fault("bybit", FaultOrder.of(FaultKind.REFUSE));
      InstantSource late = () -> Instant.now().minusSeconds(90);
      List<Finding> findings = new ClockCheck(settings, false, late).look();
      assertThat(findings.getFirst().outcome()).isEqualTo(Finding.Outcome.FAIL);
      assertThat(findings.getFirst().what())
          .containsPattern("this machine's clock is (89|90),\\d{3} ms behind the sources");
      assertThat(findings.getLast().outcome()).isEqualTo(Finding.Outcome.SKIPPED);
      assertThat(findings.getLast().what()).contains("bybit", "does not answer");
      assertThat(only(new ClockCheck(settings, true, late).look()).outcome())
          .isEqualTo(Finding.Outcome.SKIPPED);
    }
  }

  @Test
  void addressesOfServicesThatHaveEndedAreFound() {
    List<Finding> findings = new RetiredCheck(settings(
            "sources:",
            "  coinbase_exchange: {base_url: \"https://api.pro.coinbase.com\"}",
            "  okx: {stream_url: \"wss://ws.okx.com:8443/ws/v5/public\"}",
            "stream:",
            "  gateways:",
            "    line: {source: binance, stream_url: \"wss://data-stream.binance.vision\"}"))
        .look();
    assertThat(findings)
        .extracting(Finding::outcome)
        .containsExactly(Finding.Outcome.FAIL, Finding.Outcome.WARN);
    assertThat(findings.getFirst().what())
        .contains("sources.coinbase_exchange.base_url", "SPEC.md section 2");
    assertThat(findings.getFirst().remedy()).contains("api.exchange.coinbase.com");
    assertThat(only(new RetiredCheck(settings()).look()).outcome()).isEqualTo(Finding.Outcome.OK);
  }

  /// The table says where it has each of its lines from, and the place says so.
  @Test
  void everyRetiredServiceNamesWhereThatIsWritten() {
    assertThat(RetiredCheck.TABLE).allSatisfy(retired -> {
      assertThat(retired.source()).matches("SPEC\\.md section \\d+");
      assertThat(retired.story()).isNotBlank();
      assertThat(retired.instead()).isNotBlank();
    });
  }

  @Test
  void limitsAreHeldAgainstWhatIsConfigured() throws Exception {
    LimitsCheck check = new LimitsCheck(settings("http: {max_connections: 5000}"));
    assertThat(check.files(1_024).outcome()).isEqualTo(Finding.Outcome.FAIL);
    assertThat(check.files(1_024).remedy()).contains("LimitNOFILE=");
    assertThat(check.files(65_536).outcome()).isEqualTo(Finding.Outcome.OK);
    assertThat(check.memory(OptionalLong.of(300), 32_000).outcome())
        .isEqualTo(Finding.Outcome.WARN);
    assertThat(check.memory(OptionalLong.of(300), 32_000).what())
        .contains("300 MiB of memory (limit of the control group");
    assertThat(check.memory(OptionalLong.empty(), 32_000).outcome()).isEqualTo(Finding.Outcome.OK);
    assertThat(check.look()).hasSizeGreaterThanOrEqualTo(3);
  }

  @Test
  void aCheckThatHangsOrFailsIsAFindingAndHoldsNobodyUp() {
    CountDownLatch never = new CountDownLatch(1);
    long began = System.nanoTime();
    List<Finding> findings = Doctor.run(
        List.of(
            new Named("hangs", () -> {
              never.await();
              return List.of();
            }),
            new Named("fails", () -> {
              throw new IOException("the disk is on fire");
            }),
            new Named("works", () -> List.of(Finding.ok("works", "well")))),
        Duration.ofSeconds(1));
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(10));
    assertThat(findings)
        .extracting(Finding::outcome)
        .containsExactly(Finding.Outcome.FAIL, Finding.Outcome.FAIL, Finding.Outcome.OK);
    assertThat(findings.getFirst().what()).contains("hangs");
    assertThat(findings.get(1).what()).contains("the disk is on fire");
  }

  private interface Look {
    List<Finding> look() throws Exception;
  }

  private record Named(String name, Look what) implements Check {
    @Override
    public List<Finding> look() throws Exception {
      return what.look();
    }
  }
}
