package dev.everfeed.benchmarks.soak;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;

/// A soak that loses a trade must fail: here one does.
class ProofTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private final Proof proof = new Proof();

  private void trade(long seq, String source, long id) throws JsonProcessingException {
    proof.heard(JSON.readTree(
        "{\"type\":\"trade\",\"symbol\":\"BTC/USDT\",\"source\":\"%s\",\"trade_id\":\"%d\",\"epoch\":7,\"seq\":%d}"
            .formatted(source, id, seq)));
  }

  @Test
  void whatGoesOnIsNotWrong() throws JsonProcessingException {
    trade(1, "binance", 10);
    trade(2, "binance", 11);

    assertThat(proof.sums().wrong()).isZero();
    assertThat(proof.sums().trades()).isEqualTo(2);
    assertThat(proof.resumption())
        .isEqualTo(
            "{\"op\":\"resume\",\"id\":3,\"streams\":[{\"stream\":\"trade|BTC/USDT\",\"epoch\":7,\"seq\":2}]}");
  }

  @Test
  void anIdThatDoesNotComeIsMissingUnlessItWasDeclared() throws JsonProcessingException {
    trade(1, "binance", 10);
    trade(2, "binance", 13);
    assertThat(proof.sums().missing()).isEqualTo(2);

    proof.heard(
        JSON.readTree(
            "{\"type\":\"event\",\"event_type\":\"gap_declared\",\"symbol\":\"BTC/USDT\",\"first_id\":\"11\",\"last_id\":\"12\",\"epoch\":7,\"seq\":1}"));
    assertThat(proof.sums().missing()).isZero();
    assertThat(proof.sums().lost()).isEqualTo(2);
  }

  @Test
  void anIdThatComesAgainIsDoubledAlsoAfterAnotherSource() throws JsonProcessingException {
    trade(1, "binance", 10);
    trade(2, "coinbase_exchange", 900);
    trade(3, "binance", 10);

    assertThat(proof.sums().doubled()).isEqualTo(1);
    assertThat(proof.sums().moves()).isEqualTo(2);
  }

  @Test
  void aHoleInSeqAndBeingToldThatOneLaggedAreWrong() throws JsonProcessingException {
    trade(1, "binance", 10);
    trade(3, "binance", 11);
    proof.heard(JSON.readTree("{\"type\":\"lagged\",\"stream\":\"trade|BTC/USDT\"}"));

    assertThat(proof.sums().holes()).isEqualTo(1);
    assertThat(proof.sums().lagged()).isEqualTo(1);
    assertThat(proof.evidence()).hasSize(2);
  }

  @Test
  void whatMayBeLostIsWhatComesWhileAllLinesAreShut() {
    assertThat(Proof.mayBeLost(20_000, 180, 0)).isZero();
    assertThat(Proof.mayBeLost(20_000, 180, 2)).isEqualTo(445);
  }
}
