package dev.everfeed.benchmarks.ticks;

import dev.everfeed.benchmarks.load.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// Programs of others that take the same trades, in `benchmarks/peers`, which `benchmarks/run`
/// has made ready where it could. They give each trade to a callback, or a loop, of their own
/// process and send nothing on.
final class Peers {
  private static final Path READY = Path.of("benchmarks/target/peers");

  /// Starts one with the address of the venue.
  interface Start {
    Program start(String url) throws IOException;
  }

  /// @param needs a file without which it cannot run
  record Peer(String name, boolean isOfNode, Path needs, Start how) {
    Program start(String url) throws IOException {
      if (!Files.exists(needs)) {
        throw new IOException("its libraries could not be fetched: no " + needs);
      }
      return how.start(url);
    }
  }

  private final List<Peer> all = List.of(
      new Peer("XChange-stream", false, READY.resolve("lib"), Peers::xchange),
      new Peer("tardis-dev", true, READY.resolve("node_modules/tardis-dev"), Peers::tardis),
      new Peer("ccxt pro", true, READY.resolve("node_modules/ccxt"), Peers::ccxt));

  List<Peer> all() {
    return all;
  }

  boolean isOfNode(String name) {
    return all.stream().anyMatch(peer -> peer.name().equals(name) && peer.isOfNode());
  }

  private static Program xchange(String url) throws IOException {
    return new Program(
        "ticks-xchange",
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:+UseSerialGC",
            "-Xms32m",
            "-Xmx512m",
            "--sun-misc-unsafe-memory-access=allow",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            READY.resolve("lib") + "/*",
            "benchmarks/peers/XChange.java",
            url),
        Map.of());
  }

  private static Program tardis(String url) throws IOException {
    return new Program(
        "ticks-tardis",
        List.of("node", READY.resolve("tardis.mjs").toString()),
        Map.of("WSS_URL_BINANCE", url + "/stream"));
  }

  private static Program ccxt(String url) throws IOException {
    return new Program(
        "ticks-ccxt", List.of("node", READY.resolve("ccxt.mjs").toString(), url), Map.of());
  }
}
