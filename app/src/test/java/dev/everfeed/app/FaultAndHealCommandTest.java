package dev.everfeed.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.everfeed.simulator.fault.ConsoleClient;
import dev.everfeed.simulator.fault.FaultKind;
import dev.everfeed.simulator.venue.Venues;
import dev.everfeed.simulator.venue.VenuesConfig;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/// The commands as a user calls them, against real simulated venues.
class FaultAndHealCommandTest {
  private static final Instant NOW = Instant.parse("2026-03-04T05:06:07Z");

  private Venues venues;
  private String console;

  private record Run(int exit, String out, String err) {}

  @BeforeEach
  void start() throws IOException {
    venues = Venues.start(
        VenuesConfig.onFreePorts(InstantSource.fixed(NOW)).withServers(DemoCommand.SERVERS));
    console = "--console=" + venues.console();
  }

  @AfterEach
  void end() throws IOException {
    venues.close();
  }

  @Test
  void aFaultIsInForceWhenTheCommandReturns() throws IOException {
    Run run = fault("binance", "refuse", "--for", "30s", console);
    assertThat(run)
        .isEqualTo(new Run(
            0,
            "binance: refuse since 2026-03-04T05:06:07Z, heals itself at 2026-03-04T05:06:37Z\n",
            ""));
    assertThat(venues.status("binance").fault()).isEqualTo(FaultKind.REFUSE);
    assertThat(fault("binance", "slow", "--delay", "500ms", console).out())
        .isEqualTo("binance: slow (delay 500 ms) since 2026-03-04T05:06:07Z, until healed\n");
    assertThat(fault("binance", "duplicate", "--count", "3", console).exit()).isZero();
    assertThat(venues.status("binance").fault()).isEqualTo(FaultKind.DUPLICATE);
    assertThat(fault("kraken", "skew", "--delay", "90s", console).out())
        .isEqualTo("kraken: skew (delay 90000 ms) since 2026-03-04T05:06:07Z, until healed\n");
  }

  @Test
  void oneLineFailsAndIsHealedAlone() throws IOException {
    assertThat(fault("binance_2", "silent", console).out()).startsWith("binance_2: silent since ");
    assertThat(venues.status("binance_2").fault()).isEqualTo(FaultKind.SILENT);
    assertThat(venues.status("binance").fault()).isNull();
    assertThat(heal("binance_2", console))
        .isEqualTo(new Run(0, "binance_2: healthy, no fault in force\n", ""));
  }

  @Test
  void aFaultCanBeOfOneSymbolAndOneChannel() throws IOException {
    assertThat(fault("binance", "lag", "--symbol", "BTC/USDT", "--delay", "1s", console)
            .out())
        .isEqualTo(
            "binance: lag (BTC/USDT, delay 1000 ms) since 2026-03-04T05:06:07Z, until healed\n");
    assertThat(fault("binance", "silent", "--symbol=BTC/USDT", "--channel=trade", console)
            .exit())
        .isZero();
    assertThat(venues.status("binance").symbol()).isEqualTo("BTC/USDT");
    assertThat(venues.status("binance").channel()).isEqualTo("trade");

    Run whole = fault("binance", "close", "--symbol", "BTC/USDT", console);
    assertThat(whole.exit()).isEqualTo(2);
    assertThat(whole.err()).contains("--symbol: close cannot be ordered of one symbol");
    assertThat(fault("binance", "silent", "--channel", "news", console).err())
        .contains("must be one of trade quote bar, was news");
    assertThat(fault("binance", "silent", "--symbol", "BTC USDT", console).exit())
        .isEqualTo(2);
    Run unknown = fault("binance", "halt", "--symbol", "ABC/USDT", console);
    assertThat(unknown.exit()).isEqualTo(1);
    assertThat(unknown.err()).contains("binance does not list ABC/USDT");
  }

  @Test
  void healEndsOneOrAll() throws IOException {
    fault("binance", "html", console);
    fault("coingecko", "refuse", console);
    assertThat(heal("binance", console))
        .isEqualTo(new Run(0, "binance: healthy, no fault in force\n", ""));
    Run all = heal(console);
    assertThat(all.exit()).isZero();
    assertThat(all.out())
        .hasLineCount(DemoCommand.SERVERS.names().size())
        .contains("coingecko: healthy");
    assertThat(venues.status("coingecko").fault()).isNull();
  }

  @Test
  void aVenueThatIsNotSimulatedIsRefusedWithTheNamesOfThoseThatAre() {
    Run run = fault("nobody", "refuse", console);
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.err())
        .isEqualTo("fault: no simulated venue \"nobody\"; there are: %s\n"
            .formatted(String.join(", ", DemoCommand.SERVERS.names())));
    assertThat(heal("nobody", console).exit()).isEqualTo(1);
  }

  @Test
  void withoutADemoTheQuestionIsWhetherItRuns() throws IOException {
    int free;
    try (var socket = new ServerSocket(0)) {
      free = socket.getLocalPort();
    }
    Run run = fault("binance", "refuse", "--console=http://127.0.0.1:" + free);
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.err()).contains("is `./everfeed demo` running?");
    assertThat(heal("--console=http://127.0.0.1:" + free).err())
        .contains("is `./everfeed demo` running?");
  }

  @Test
  void wrongUsageListsWhatIsValid() {
    Run kind = fault("binance", "explode", console);
    assertThat(kind.exit()).isEqualTo(2);
    assertThat(kind.err()).contains("refuse reset blackhole slow 5xx 429").contains("was explode");
    assertThat(fault("binance", console).exit()).isEqualTo(2);
    assertThat(fault("binance", "slow", "--for", "soon", console).err())
        .contains("must be like 250ms, 30s, 2m, 1h");
    assertThat(fault("binance", "slow", "--for", "48h", console).exit()).isEqualTo(2);
    for (String count : new String[] {"0", "-1", "many", "999999999"}) {
      assertThat(fault("binance", "gap", "--count", count, console).err())
          .contains("must be 1 to ")
          .contains("was " + count);
    }
    assertThat(heal("a", "b").exit()).isEqualTo(2);
  }

  @Test
  void helpNamesTheVenuesAndTheKinds() {
    String help = fault("--help").out();
    assertThat(help)
        .contains(DemoCommand.SERVERS.names())
        .contains("--symbol", "--channel", "trade, quote, bar")
        .contains("429-no-retry-after", "skew")
        .contains("Exit status:");
    // the lines are wrapped, so that only the words stand in a row
    assertThat(help.replaceAll("\\s+", " "))
        .contains("For skew: how far its clock is ahead")
        .contains("For: " + FaultKind.ofSymbols().replace(" ", ", "));
    assertThat(URI.create(FaultCommand.CONSOLE)).isEqualTo(ConsoleClient.DEFAULT);
  }

  private static Run fault(String... arguments) {
    return run(new FaultCommand(), arguments);
  }

  private static Run heal(String... arguments) {
    return run(new HealCommand(), arguments);
  }

  private static Run run(Object command, String... arguments) {
    var out = new StringWriter();
    var err = new StringWriter();
    int exit = new CommandLine(command)
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(arguments);
    return new Run(exit, out.toString(), err.toString());
  }
}
