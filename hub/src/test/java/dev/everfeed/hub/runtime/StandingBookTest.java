package dev.everfeed.hub.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.everfeed.core.engine.ControlInput;
import dev.everfeed.core.engine.FailoverPolicy;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.hub.api.StandingOrders;
import dev.everfeed.hub.config.Settings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StandingBookTest {

  private static StandingBook open(Path folder) {
    return new StandingBook(
        StreamPlan.of(Settings.defaults()), _ -> FailoverPolicy.IMMEDIATE, new HubClock(), folder);
  }

  /// A file that lost its end, or that somebody has written by hand.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "{'frozen': true}",
        "{'pinned': {'symbol': 'BTC/USDT'}}",
        "{'stopped': 'binance'}",
        "{'frozen': {'since': 'yesterday'}}",
        "{'frozen': {'since': '2026-01-01T00:00:00Z', 'gateways': ['binance']}}",
        "{'frozen': {'since': '2026-01-01T00:00:00Z', 'gateways': {'no symbol': 'binance'}}}",
        "{'policies': [{'symbol': 'BTC/USDT', 'policy': 'never', 'since': '2026-01-01T00:00:00Z'}]}",
        "{'frozen': null, 'pinned': ["
      })
  void whatCannotBeReadIsSaidAndPutAside(String text, @TempDir Path folder) throws Exception {
    Path file = folder.resolve("standing-orders.json");
    Files.writeString(file, text.replace('\'', '"'));
    StandingOrders shown = open(folder).shown();

    assertThat(shown.remark()).contains("cannot be read", file.toString());
    assertThat(shown.frozen()).isNull();
    assertThat(file).doesNotExist();
    assertThat(folder.resolve("standing-orders.json.damaged")).exists();
  }

  @Test
  void whatIsPinnedToAGatewayThatIsNotThereWaitsForIt(@TempDir Path folder) throws Exception {
    Symbol symbol = Symbol.of("BTC/USDT");
    Files.writeString(folder.resolve("standing-orders.json"), """
        {"frozen": {"since": "2026-01-01T00:00:00Z", "gateways": {"BTC/USDT": "binance"}},
         "pinned": [{"symbol": "BTC/USDT", "gateway": "later", "since": "2026-01-01T00:00:00Z"}]}
        """);
    StandingBook book = open(folder);
    List<ControlInput> told = new ArrayList<>();
    book.begin(told::add);
    assertThat(told)
        .hasExactlyElementsOfTypes(ControlInput.Settle.class, ControlInput.Freeze.class);
    assertThat(book.awaiting()).containsExactly(Map.entry(symbol, "later"));
    assertThat(book.awaitedPin(symbol)).isEqualTo("later");
    assertThat(book.shown().pinned()).hasSize(1);

    // where it is meanwhile is not where it belongs
    assertThat(book.moved(new TreeMap<>(Map.of("BTC/USDT", "coinbase_exchange"))))
        .isFalse();
    told.clear();
    book.arrived(symbol, told::add);
    assertThat(told).containsExactly(new ControlInput.Pin(new TreeSet<>(List.of(0)), true));
    assertThat(book.awaiting()).isEmpty();
    assertThat(book.moved(new TreeMap<>(Map.of("BTC/USDT", "later")))).isTrue();
  }

  @Test
  void whatIsUnpinnedOrFrozenOnceMoreWhileItWaitsIsStillWhereItWasFrozen(@TempDir Path folder)
      throws Exception {
    Symbol symbol = Symbol.of("BTC/USDT");
    Files.writeString(folder.resolve("standing-orders.json"), """
        {"frozen": {"since": "2026-01-01T00:00:00Z", "gateways": {"BTC/USDT": "later"}},
         "pinned": [{"symbol": "BTC/USDT", "gateway": "never", "since": "2026-01-01T00:00:00Z"}]}
        """);
    StandingBook book = open(folder);
    book.begin(_ -> {});
    assertThat(book.shown().awaiting()).containsExactly(Map.entry("BTC/USDT", "never"));
    book.unpin(List.of(symbol), _ -> {});
    assertThat(book.awaiting()).containsExactly(Map.entry(symbol, "later"));

    book.freeze("again", new TreeMap<>(Map.of("BTC/USDT", "binance")), _ -> {});
    StandingOrders.Frozen frozen = book.shown().frozen();
    assertThat(frozen).isNotNull();
    assertThat(frozen.gateways()).containsExactly(Map.entry("BTC/USDT", "later"));

    assertThat(book.left("later", _ -> {})).isFalse();
    assertThat(book.shown().awaiting()).isEmpty();
  }

  @Test
  void whatIsFrozenWhileItsPinWaitsIsFrozenWhereItIs(@TempDir Path folder) throws Exception {
    Symbol symbol = Symbol.of("BTC/USDT");
    Files.writeString(folder.resolve("standing-orders.json"), """
        {"pinned": [{"symbol": "BTC/USDT", "gateway": "never", "since": "2026-01-01T00:00:00Z"}]}
        """);
    StandingBook book = open(folder);
    book.begin(_ -> {});
    book.freeze(null, new TreeMap<>(Map.of("BTC/USDT", "binance")), _ -> {});
    StandingOrders.Frozen frozen = book.shown().frozen();
    assertThat(frozen).isNotNull();
    assertThat(frozen.gateways()).containsExactly(Map.entry("BTC/USDT", "binance"));
    book.unpin(List.of(symbol), _ -> {});
    assertThat(book.awaiting()).containsExactly(Map.entry(symbol, "binance"));
  }

  @Test
  void whatIsTakenBackIsNotAwaitedEither(@TempDir Path folder) throws Exception {
    Symbol symbol = Symbol.of("BTC/USDT");
    Files.writeString(folder.resolve("standing-orders.json"), """
        {"frozen": {"since": "2026-01-01T00:00:00Z", "gateways": {"BTC/USDT": "later"}}}
        """);
    StandingBook book = open(folder);
    book.begin(_ -> {});
    assertThat(book.awaiting()).containsKey(symbol);
    assertThat(book.awaitedPin(symbol)).isNull();
    book.unfreeze(_ -> {});
    assertThat(book.awaiting()).isEmpty();
  }

  @Test
  void whatCouldNotBeWrittenIsToldUntilItIs(@TempDir Path folder) throws Exception {
    StandingBook book = open(folder);
    Path inTheWay = Files.createDirectory(folder.resolve("standing-orders.json.new"));
    book.freeze("noon", new TreeMap<>(), _ -> {});

    assertThat(book.keep(book.shown()).durable()).isFalse();
    assertThat(book.shown().durable()).isFalse();
    assertThat(book.shown().remark()).contains("cannot be written");
    assertThat(book.isUnkept()).isTrue();

    Files.delete(inTheWay);
    assertThat(book.keep(book.shown()).frozen()).isNotNull();
    assertThat(book.isUnkept()).isFalse();
    assertThat(book.shown().durable()).isTrue();
    assertThat(book.shown().remark()).isNull();
    assertThat(open(folder).shown().frozen()).isNotNull();
  }
}
