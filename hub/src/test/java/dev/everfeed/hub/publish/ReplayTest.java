package dev.everfeed.hub.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Stream;
import dev.everfeed.core.model.Streams;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.core.model.Tick;
import dev.everfeed.core.model.ValueStatus;
import dev.everfeed.hub.publish.Publications.Message;
import dev.everfeed.hub.publish.Publications.Replay;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReplayTest {
  private static final Symbol BTC = Symbol.of("BTC/USDT");
  private static final Streams STREAMS =
      new Streams(List.of(Stream.trades(BTC), Stream.quotes(BTC)));
  private static final long EPOCH = 9;

  private final Publisher publisher = new Publisher(
      STREAMS,
      List.of(new Gateway("binance", new SourceId("binance"), "binance")),
      EPOCH,
      PublicationLog.MIN_BYTES);
  private final Publications publications = publisher.publications();
  private final Tick tick = new Tick();

  private void publish(int stream, long seq) {
    tick.begin(stream);
    tick.setNumber(0, seq, 0);
    publisher.publish(tick, 0, ValueStatus.LIVE, seq, seq);
  }

  private static List<Long> seqs(Replay replay) {
    return ((Replay.Messages) replay).messages().stream().map(Message::seq).toList();
  }

  @Test
  void messagesComeInOrderFromTheOneAskedForUpToTheLimit() {
    for (int seq = 1; seq <= 100; seq++) {
      publish(0, seq);
      publish(1, seq);
    }
    Replay replay = publications.replay(0, EPOCH, 42, 5);

    assertThat(seqs(replay)).containsExactly(42L, 43L, 44L, 45L, 46L);
    assertThat(((Replay.Messages) replay).lastSeq()).isEqualTo(100);
    assertThat(((Replay.Messages) replay).messages().getFirst().text())
        .startsWith("{\"type\":\"trade\"")
        .endsWith("\"epoch\":9,\"seq\":42}");
    assertThat(seqs(publications.replay(0, EPOCH, 99, 5))).containsExactly(99L, 100L);
    assertThat(seqs(publications.replay(0, EPOCH, 101, 5))).isEmpty();
    assertThat(seqs(publications.replay(0, EPOCH, -3, 2))).containsExactly(1L, 2L);
    assertThat(seqs(publications.replay(0, EPOCH, Long.MAX_VALUE, 2))).isEmpty();
  }

  @Test
  void whatIsOverwrittenOrOfAnotherEpochIsGoneAndTheFirstOneThereIsTold() {
    for (int seq = 1; seq <= 2_000; seq++) {
      publish(0, seq);
    }
    Replay.Gone gone = (Replay.Gone) publications.replay(0, EPOCH, 1, 10);

    assertThat(gone.firstSeq()).isBetween(1_700L, 1_999L);
    assertThat(gone.lastSeq()).isEqualTo(2_000);
    assertThat(seqs(publications.replay(0, EPOCH, gone.firstSeq(), 10_000)))
        .hasSize((int) (2_000 - gone.firstSeq() + 1));
    assertThat(publications.replay(0, EPOCH, gone.firstSeq() - 1, 10)).isEqualTo(gone);
    assertThat(publications.replay(0, EPOCH - 1, 2_000, 10)).isEqualTo(gone);
    assertThat(publications.replay(1, EPOCH + 1, 1, 10))
        .isEqualTo(new Replay.Gone(PublicationLog.NOWHERE, PublicationLog.NOWHERE));
  }

  @Test
  void aStreamThatHasSaidNothingYetHasNothingToReplay() {
    assertThat(publications.replay(1, EPOCH, 1, 10))
        .isEqualTo(new Replay.Messages(List.of(), PublicationLog.NOWHERE));
    assertThat(publications.latest(1)).isEmpty();
  }

  @Test
  void eventsOfTheHubHaveStreamsOfTheirOwn() {
    publisher.event("gap_declared", "\"stream\":\"trade|BTC/USDT\"");
    publisher.event("hub_started", "");
    publisher.event("gap_declared", "\"stream\":\"x\"");

    int number = publications.numberOf("event|gap_declared");
    assertThat(publications.name(number)).isEqualTo("event|gap_declared");
    assertThat(publications.isEvent(number)).isTrue();
    assertThat(publications.isEvent(publications.numberOf("quote|BTC/USDT"))).isFalse();
    assertThat(publications.numberOf("event|nothing")).isEqualTo(Streams.NONE);
    assertThat(publications.latest(number).orElseThrow().text())
        .isEqualTo("{\"type\":\"event\",\"event_type\":\"gap_declared\",\"stream\":\"x\","
            + "\"epoch\":9,\"seq\":2}");
    assertThat(publications.events()).containsExactly("event|gap_declared", "event|hub_started");
    assertThatThrownBy(() -> publisher.event("Gap|declared", ""))
        .hasMessageContaining("Gap|declared");
  }
}
