package dev.everfeed.simulator.fault;

import java.util.Arrays;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/// One way in which a venue can fail, as its clients' sockets see it.
///
/// Those that are no fault of HTTP ([#isOfStreams]) leave REST answers and handshakes as they
/// are, and can be ordered only of a venue that has streams. Of the others, `wrong-price`,
/// `truncated`, `frozen`, `skew`, `slow` and `garbage` hold for the frames of streams too, and
/// let a handshake pass; with all others a handshake fails as any request does.
///
/// Some can be ordered of one symbol ([#takesSymbol]) or one channel ([#takesChannel]); they
/// hold for the streams of that one then, and for nothing over REST.
public enum FaultKind {
  /// Nobody listens and existing connections are dropped: ECONNREFUSED. The port stays
  /// reserved, so that healing listens on the same one.
  REFUSE("refuse"),
  /// Every connection, existing ones too, ends with RST: ECONNRESET.
  RESET("reset"),
  /// Connections are accepted, requests are read, nothing is ever answered; connections stay
  /// open. What was swallowed is not answered after healing either. Open streams are as with
  /// `half-open`.
  BLACKHOLE("blackhole"),
  /// The right answer, late: 2 s, or the order's delay. Frames too, in their order.
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
  /// Answers of the moment at which the fault began: neither prices nor times move. A stream
  /// goes on at its pace and repeats the last event before that moment, with its ids and times,
  /// heartbeats too. What happened meanwhile is lost.
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
  /// Bytes that are not HTTP, then the end of the connection. To each stream a frame that is
  /// not JSON, or the order's number of them; then it goes on.
  GARBAGE("garbage"),
  /// Every stream, open ones and new ones, ends with a close frame (1001).
  CLOSE("close", true),
  /// All connections of the moment end at once with FIN and no close frame; new ones are
  /// welcome. Over as soon as it is done.
  DISCONNECT("disconnect", true),
  /// Streams of the moment stay open and dead: nothing is sent, nothing heard, pings are not
  /// answered, not after healing either. New ones are good.
  HALF_OPEN("half-open", true),
  /// Pings are answered, nothing else: no data, no acknowledgements. What was not sent is lost.
  STALL("stall", true),
  /// Pings and subscriptions are answered, heartbeats go on, data do not come. What was not
  /// sent is lost.
  SILENT("silent", true),
  /// Each data frame comes twice; the order's number of them, or all until healed.
  DUPLICATE("duplicate", true),
  /// Two neighbouring data frames of one stream change places; the order's number of times, or
  /// all pairs until healed.
  REORDER("reorder", true),
  /// One trade, or the order's number of trades in a row of one symbol, is sent to nobody. Over
  /// as soon as it is done.
  GAP("gap", true),
  /// Each stream gets one text frame of 8 MiB, valid JSON, or the order's number of them.
  GIANT("giant", true),
  /// Each stream gets one frame of 16 KiB that says it is compressed (RSV1), which nobody
  /// negotiated, and inflates to 16 MiB.
  BOMB("bomb", true),
  /// The venue says that it will go down, where it has words for that, and closes the streams
  /// of the moment 10 s, or the order's delay, later; new ones are welcome. Then it is over.
  SHUTDOWN("shutdown", true),
  /// Events come later and later, in their order: each second of the fault adds 100 ms, or the
  /// order's delay. What waits comes at once when healed.
  LAG("lag", true),
  /// Nobody trades at this venue from the next full second on, in all symbols or one: no trades
  /// and no quotes at any of its lines, over REST neither, bars stand flat, heartbeats go on.
  /// When healed, trade ids go on where they stopped. It stands at the server that it was
  /// ordered of, and is healed there; another line can have another fault meanwhile.
  HALT("halt", true);

  private final String word;
  private final boolean ofStreams;

  FaultKind(String word) {
    this(word, false);
  }

  FaultKind(String word, boolean ofStreams) {
    this.word = word;
    this.ofStreams = ofStreams;
  }

  /// Whether only streams have it.
  public boolean isOfStreams() {
    return ofStreams;
  }

  /// Whether a handshake is answered as if there were no fault.
  public boolean letsHandshakesPass() {
    return ofStreams
        || switch (this) {
          case SLOW, WRONG_PRICE, TRUNCATED, FROZEN, SKEW, GARBAGE -> true;
          default -> false;
        };
  }

  /// Whether it can be ordered of one symbol alone.
  public boolean takesSymbol() {
    return switch (this) {
      case FROZEN, WRONG_PRICE, SILENT, DUPLICATE, REORDER, GAP, LAG, HALT -> true;
      default -> false;
    };
  }

  /// Whether it can be ordered of one channel alone.
  public boolean takesChannel() {
    return takesSymbol() && this != GAP && this != HALT;
  }

  public static Optional<FaultKind> parse(String word) {
    return Arrays.stream(values()).filter(kind -> kind.word.equals(word)).findFirst();
  }

  /// `refuse reset blackhole …`, for messages that list what is valid.
  public static String all() {
    return words(_ -> true);
  }

  /// Those that [#takesSymbol], likewise.
  public static String ofSymbols() {
    return words(FaultKind::takesSymbol);
  }

  /// Those that [#takesChannel], likewise.
  public static String ofChannels() {
    return words(FaultKind::takesChannel);
  }

  private static String words(Predicate<FaultKind> which) {
    return Arrays.stream(values())
        .filter(which)
        .map(FaultKind::word)
        .collect(Collectors.joining(" "));
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
