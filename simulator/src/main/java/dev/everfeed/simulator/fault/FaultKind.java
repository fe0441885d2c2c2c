package dev.everfeed.simulator.fault;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/// One way in which a venue can fail, as its clients' sockets see it.
public enum FaultKind {
  /// Nobody listens and existing connections are dropped: ECONNREFUSED. The port stays
  /// reserved, so that healing listens on the same one.
  REFUSE("refuse"),
  /// Every connection, existing ones too, ends with RST: ECONNRESET.
  RESET("reset"),
  /// Connections are accepted, requests are read, nothing is ever answered; connections stay
  /// open. What was swallowed is not answered after healing either.
  BLACKHOLE("blackhole"),
  /// The right answer, late: 2 s, or the order's delay.
  SLOW("slow"),
  /// 500, 502 or 503, drawn from the seed.
  SERVER_ERROR("5xx"),
  /// 429 with `Retry-After: 5`.
  TOO_MANY("429"),
  /// 429 that does not say when to come back.
  TOO_MANY_NO_RETRY_AFTER("429-no-retry-after"),
  /// 418, an address ban, with `Retry-After: 120`.
  BANNED("418"),
  /// 200 with an HTML page where JSON is due.
  HTML("html"),
  /// JSON that stops in the middle, with a content-length that tells the shorter length.
  TRUNCATED("truncated"),
  /// JSON that stops in the middle because the connection ends before content-length is reached.
  CUT("cut"),
  /// Well-formed answers with every price times ten.
  WRONG_PRICE("wrong-price"),
  /// Answers of the moment at which the fault began: neither prices nor times move.
  FROZEN("frozen"),
  /// The venue's clock is 1 h ahead, or the order's delay: its data, its time endpoint and its
  /// `Date` header are of a moment that has not come yet, prices included.
  SKEW("skew"),
  /// Probe paths answer; everything else fails with 500.
  PROBE_ONLY("probe-only"),
  /// A chunked body that never ends: as fast as the client reads, or one blank per delay.
  ENDLESS("endless"),
  /// 10 MiB of spaces.
  SPACES("spaces"),
  /// Bytes that are not HTTP, then the end of the connection.
  GARBAGE("garbage");

  private final String word;

  FaultKind(String word) {
    this.word = word;
  }

  public static Optional<FaultKind> parse(String word) {
    return Arrays.stream(values()).filter(kind -> kind.word.equals(word)).findFirst();
  }

  /// `refuse reset blackhole …`, for messages that list what is valid.
  public static String all() {
    return Arrays.stream(values()).map(FaultKind::word).collect(Collectors.joining(" "));
  }

  /// As it is written on the command line and to the console.
  public String word() {
    return word;
  }

  @Override
  public String toString() {
    return word;
  }
}
