package dev.everfeed.simulator.venue;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Lines of one venue in processes of their own, on the wall clock: equal seeds, equal trades.
@Timeout(60)
class LineProcessesTest {
  private static final String ALL = "/stream?streams=btcusdt@trade/ethusdt@trade/bnbusdt@trade"
      + "/solusdt@trade/xrpusdt@trade/dogeusdt@trade";
  private static final String TRADES = "/ws/btcusdt@trade";

  @Test
  void twoProcessesOfOneSeedTellTheSameTrades() throws IOException {
    try (var venue =
            new LineProcess("binance", "--seed", "42", "--venue", "binance", "--port", "0");
        var line = new LineProcess(
            "binance_2", "--seed", "42", "--line", "binance_2=binance", "--port", "0");
        var one = new StreamClient(venue.url(), ALL);
        var two = new StreamClient(line.url(), ALL)) {
      while (one.waiting() > 0) {
        one.next(); // what came before the other was connected
      }
      Map<String, String> first = frames(one, 150);
      Map<String, String> second = frames(two, 150);
      Map<String, String> common = new LinkedHashMap<>(first);
      common.keySet().retainAll(second.keySet());
      assertThat(common).hasSizeGreaterThan(100);
      common.forEach((trade, frame) -> assertThat(second.get(trade)).isEqualTo(frame));
      assertThat(RawClient.body(line.url(), "/api/v3/time")).startsWith("{\"serverTime\":");
    }
  }

  @Test
  void aKilledLineComesBackOnItsPortAndGoesOn() throws IOException {
    try (var venue = new LineProcess("binance", "--venue", "binance", "--port", "0")) {
      int port;
      try (var line = new LineProcess("binance_2", "--line", "binance_2=binance", "--port", "0");
          var client = new StreamClient(line.url(), TRADES)) {
        client.json();
        port = line.url().getPort();
        line.kill();
        assertThat(client.closeCode()).isIn(-1, 1_006);
      }
      try (var again = new LineProcess(
              "binance_2", "--line", "binance_2=binance", "--port", Integer.toString(port));
          var client = new StreamClient(again.url(), TRADES)) {
        assertThat(again.url().getPort()).isEqualTo(port);
        JsonNode trade = client.json();
        assertThat(trade(venue.url(), trade.get("t").asLong()))
            .isEqualTo(trade(again.url(), trade.get("t").asLong()));
      }
    }
  }

  /// Silent while it is stopped, then all that it owed, without a hole.
  @Test
  void aStoppedLineIsSilentAndOwesWhatItDidNotSend() throws IOException {
    try (var venue = new LineProcess("binance", "--venue", "binance", "--port", "0");
        var line = new LineProcess("binance_2", "--line", "binance_2=binance", "--port", "0");
        var going = new StreamClient(venue.url(), TRADES);
        var stopped = new StreamClient(line.url(), TRADES)) {
      stopped.json();
      line.signal("STOP");
      long now = going.json().get("t").asLong();
      long then =
          going.json(frame -> frame.get("t").asLong() >= now + 10).get("t").asLong();
      long last = 0;
      while (stopped.waiting() > 0) {
        last = stopped.json().get("t").asLong();
      }
      assertThat(last).isLessThan(then);
      line.signal("CONT");
      for (long id = stopped.json().get("t").asLong(); id < then; ) {
        assertThat(last == 0 || id == last + 1).isTrue();
        last = id;
        id = stopped.json().get("t").asLong();
      }
    }
  }

  /// By symbol and id.
  private static Map<String, String> frames(StreamClient client, int count) throws IOException {
    Map<String, String> frames = new LinkedHashMap<>();
    for (int i = 0; i < count; i++) {
      String frame = client.next();
      JsonNode data = Asking.JSON.readTree(frame).get("data");
      frames.put(data.get("s").asText() + " " + data.get("t").asLong(), frame);
    }
    return frames;
  }

  private static String trade(URI url, long id) throws IOException {
    return RawClient.body(url, "/api/v3/historicalTrades?symbol=BTCUSDT&limit=1&fromId=" + id);
  }
}
