package dev.everfeed.hub.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DecodeFilesTest {
  @TempDir
  Path folder;

  private final StringBuilder out = new StringBuilder();
  private final StringBuilder err = new StringBuilder();
  private String good = "";
  private String bad = "";

  @BeforeEach
  void write() throws IOException {
    good = Files.writeString(folder.resolve("good"), "{\"symbol\":\"BTCUSDT\",\"price\":\"1e2\"}")
        .toString();
    bad = Files.writeString(folder.resolve("bad"), "[{\"symbol\":\"BTCUSDT\",\"price\":\"1\"},7]")
        .toString();
  }

  @Test
  void aBadFileGivesItsErrorLineAndTheOthersTheirEvents() throws IOException {
    assertThat(run("binance", "rest_price", List.of(good, bad, good), null, null, null))
        .isEqualTo(65);
    String price =
        "{\"type\":\"price\",\"symbol\":\"BTC/USDT\",\"exchange\":\"binance\",\"source\":\"binance\",\"price\":100,\"time\":null}\n";
    assertThat(out)
        .hasToString(price
            + "{\"type\":\"error\",\"file\":\"" + bad
            + "\",\"offset\":34,\"reason\":\"a price must be an object, was 7\"}\n"
            + price);
    assertThat(err).isEmpty();
  }

  @Test
  void allMistakesOfTheCommandLineAreToldAtOnce() throws IOException {
    assertThat(run("binance", "rest_nothing", List.of("/nowhere"), "a b", "2m", "BTC/USD,,x"))
        .isEqualTo(2);
    assertThat(out).isEmpty();
    assertThat(err.toString().lines())
        .hasSize(5)
        .allMatch(l -> l.startsWith("decode: "))
        .anyMatch(l -> l.contains("rest_bars"))
        .anyMatch(l -> l.contains("1s 1m 3m"))
        .anyMatch(l -> l.contains("/nowhere"));
  }

  @Test
  void anUnknownSourceIsAnsweredWithTheList() throws IOException {
    assertThat(run("nobody", "x", List.of(good), null, null, null)).isEqualTo(2);
    assertThat(err)
        .hasToString("decode: no source \"nobody\", there are "
            + String.join(" ", KnownSources.wires())
            + "\n");
  }

  @Test
  void barsWithoutTheirSymbolAreAWrongCommandLineNotWrongBytes() throws IOException {
    Path bars = Files.writeString(folder.resolve("bars"), "[]");
    assertThat(run("binance", "rest_bars", List.of(bars.toString()), null, "1h", null))
        .isEqualTo(2);
    assertThat(err.toString()).contains("give a symbol");
  }

  private int run(
      String source,
      String kind,
      List<String> files,
      @Nullable String symbol,
      @Nullable String interval,
      @Nullable String batch)
      throws IOException {
    return DecodeFiles.run(source, kind, files, symbol, interval, batch, out, err);
  }
}
