package dev.everfeed.core.health;

import dev.everfeed.core.compact.GatewaySets;
import dev.everfeed.core.compact.SparseLongs;
import java.util.Arrays;
import java.util.Locale;

/// Whether the lines of a venue say the same price of the same event. They have equal content,
/// so two prices for one id are a direct contradiction: it needs no bound and no time, as
/// [PriceWatch] does.
///
/// Of each stream one event at a time is kept, the *sample*: its id, what the first line said,
/// and who says so. Another one is taken when all lines have told theirs, 10 ms later at the
/// soonest, or after a while.
///
/// | of the lines subscribed           | it is                                                    |
/// |-----------------------------------|----------------------------------------------------------|
/// | more than half say one price      | right, and who says another one *contradicts*, at once   |
/// | all have spoken, and no more than | undecided: that they *differ* is told, and nobody        |
/// | half agree                        | accused                                                  |
///
/// So of three lines one is found by the second of the others, some 20 to 45 ms after its first
/// lie (RESILIENCE section 1); of two it is never known which lies. Who contradicted is taken
/// to be right again when it has agreed with the most for a while without a contradiction; one
/// that is left alone, when nobody could contradict for longer.
///
/// Nothing is allocated but for what is told. 17 bytes a stream of three gateways. Owned by one
/// thread.
public final class LineWatch {

  /// Takes what was found out, from within [LineWatch#event].
  public interface Output {
    /// Most of the lines say another price than this one of the same event. Told once, until it
    /// agrees.
    ///
    /// @param how a sentence for people
    void contradicted(int stream, int gateway, String how);

    /// A line that contradicted the others says what they say.
    void agrees(int stream, int gateway);

    /// Lines contradict each other, and none is in the majority. Told once, until they agree.
    void differ(int stream, String how);

    void differNoMore(int stream);
  }

  private static final int TICK_SHIFT = 20; // a tick is 1.05 ms
  private static final int APART_TICKS = 10;
  private static final int NOBODY = -1;
  private static final long NEVER = Long.MAX_VALUE;
  private static final long NONE = Long.MIN_VALUE;

  private final int togetherTicks;
  private final LineWatchPolicy policy;

  // The sample, by stream.
  private final long[] key;
  private final int[] since;
  private final float[] price; // that was said first
  private final GatewaySets say; // lines that say the first price, none for no sample
  private final GatewaySets sayOther;
  private final SparseLongs otherPrice = new SparseLongs(NONE); // bits of a `float`

  // What was told and is not over: of a stream and a gateway, or NOBODY for lines that differ.
  private int[] toldStream = new int[4];
  private int[] toldGateway = new int[4];
  private long[] wellSince = new long[4];
  private int toldCount;

  /// @param gateways their number, 64 at most
  public LineWatch(int streams, int gateways, LineWatchPolicy policy) {
    this.policy = policy;
    this.togetherTicks = (int) (policy.togetherNanos() >> TICK_SHIFT);
    this.key = new long[streams];
    this.since = new int[streams];
    this.price = new float[streams];
    this.say = new GatewaySets(streams, gateways);
    this.sayOther = new GatewaySets(streams, gateways);
  }

  /// Whether there is any use in [#event] now. False for most events of a busy stream.
  ///
  /// @param isFirst whether no other line has told the event yet: one that others have told
  ///     already is no sample
  public boolean isDue(int stream, long id, boolean isFirst, long nowNanos) {
    return key[stream] == id || (isFirst && isLongAgo(stream, APART_TICKS, nowNanos));
  }

  /// A new event of one of the lines.
  ///
  /// @param id    the same at every line
  /// @param price of it; what is not above zero is ignored
  /// @param lines a bit for each line that is subscribed to the stream, this one among them
  public void event(
      int stream, int gateway, long id, double price, long lines, long nowNanos, Output out) {
    long own = 1L << gateway;
    if (lines == own) {
      if (toldCount > 0) {
        alone(stream, gateway, nowNanos, out);
      }
      return;
    }
    long first = say.get(stream);
    long others = sayOther.get(stream);
    if (key[stream] != id || first == 0) {
      boolean isOver = first == 0
          || (lines & ~(first | others)) == 0
          || isLongAgo(stream, togetherTicks, nowNanos);
      if (isOver && price > 0) {
        if (others != 0 && inMajority(stream, lines) == 0) {
          undecided(stream, lines, out); // not everybody has spoken in time
        }
        key[stream] = id;
        since[stream] = tick(nowNanos);
        this.price[stream] = (float) price;
        say.set(stream, own);
        sayOther.set(stream, 0);
        otherPrice.clear(stream);
      }
      return;
    }
    if (((first | others) & own) != 0 || !(price > 0)) {
      return;
    }
    if ((float) price == this.price[stream]) {
      say.add(stream, gateway);
      if (others == 0 && toldCount == 0) {
        return; // nearly always
      }
    } else if (others == 0) {
      otherPrice.set(stream, Float.floatToRawIntBits((float) price));
      sayOther.add(stream, gateway);
    } else if ((float) price == otherPrice(stream)) {
      sayOther.add(stream, gateway);
    }
    judge(stream, gateway, (float) price, lines, nowNanos, out);
  }

  /// Whether the sample was taken so many ticks ago. They wrap after 52 days: what seems to be in
  /// the future is more than 26 days ago.
  private boolean isLongAgo(int stream, int ticks, long nowNanos) {
    int ago = tick(nowNanos) - since[stream];
    return ago >= ticks || ago < 0;
  }

  private static int tick(long nanos) {
    return (int) (nanos >> TICK_SHIFT);
  }

  private float otherPrice(int stream) {
    return Float.intBitsToFloat((int) otherPrice.get(stream));
  }

  /// A line has no events of the stream any more. What it said of the sample is forgotten; if it
  /// contradicted the others it has to agree with them for the whole time again, however long it
  /// was away.
  public void unsubscribed(int stream, int gateway) {
    say.remove(stream, gateway);
    sayOther.remove(stream, gateway);
    if (say.get(stream) == 0 && sayOther.get(stream) != 0) {
      price[stream] = otherPrice(stream);
      say.set(stream, sayOther.get(stream));
      sayOther.set(stream, 0);
    }
    if (sayOther.get(stream) == 0) {
      otherPrice.clear(stream);
    }
    int place = toldCount == 0 ? -1 : place(stream, gateway);
    if (place >= 0) {
      wellSince[place] = NEVER;
    }
  }

  private void judge(int stream, int gateway, float said, long lines, long nowNanos, Output out) {
    long agree = inMajority(stream, lines);
    if (agree == 0) {
      if ((lines & ~(say.get(stream) | sayOther.get(stream))) == 0) {
        undecided(stream, lines, out);
      }
      return;
    }
    boolean firstIsRight = agree == say.get(stream);
    float right = firstIsRight ? price[stream] : otherPrice(stream);
    float wrong = firstIsRight ? otherPrice(stream) : price[stream];
    long contradict = (say.get(stream) | sayOther.get(stream)) & ~agree;
    for (; contradict != 0; contradict &= contradict - 1) {
      contradicts(
          stream, Long.numberOfTrailingZeros(contradict), wrong, right, Long.bitCount(agree), out);
    }
    if ((agree & 1L << gateway) == 0 && said != wrong) { // a third price
      contradicts(stream, gateway, said, right, Long.bitCount(agree), out);
    }
    boolean allAgree = (lines & ~agree) == 0;
    for (int i = toldCount - 1; i >= 0; i--) {
      boolean agrees = toldGateway[i] == NOBODY ? allAgree : (agree & 1L << toldGateway[i]) != 0;
      if (toldStream[i] == stream && agrees) {
        isWell(i, policy.backNanos(), nowNanos, out);
      }
    }
  }

  /// The lines that say what more than half of all say; 0 for nobody.
  private long inMajority(int stream, long lines) {
    int all = Long.bitCount(lines);
    long first = say.get(stream);
    if (2 * Long.bitCount(first & lines) > all) {
      return first;
    }
    long others = sayOther.get(stream);
    return 2 * Long.bitCount(others & lines) > all ? others : 0;
  }

  private void contradicts(
      int stream, int gateway, float wrong, float right, int others, Output out) {
    int place = place(stream, gateway);
    if (place >= 0) {
      wellSince[place] = NEVER;
      return;
    }
    add(stream, gateway);
    out.contradicted(
        stream,
        gateway,
        String.format(
            Locale.ROOT,
            "its price %.7g of event %d is not %.7g, as %d lines of the same content say",
            (double) wrong,
            key[stream],
            (double) right,
            others));
  }

  private void undecided(int stream, long lines, Output out) {
    boolean isKnown = false;
    for (int i = 0; i < toldCount; i++) {
      if (toldStream[i] == stream && toldGateway[i] == NOBODY) {
        wellSince[i] = NEVER;
        isKnown = true;
      } else if (toldStream[i] == stream && (sayOther.get(stream) | say.get(stream)) != 0) {
        isKnown |= (lines & 1L << toldGateway[i]) != 0; // it is one of those, and known for it
        wellSince[i] = NEVER;
      }
    }
    if (isKnown) {
      return;
    }
    add(stream, NOBODY);
    out.differ(
        stream,
        String.format(
            Locale.ROOT,
            "two lines of the same content say %.7g and %.7g of event %d, and no majority says"
                + " which is right",
            (double) price[stream],
            (double) otherPrice(stream),
            key[stream]));
  }

  /// Nobody is there who could contradict.
  private void alone(int stream, int gateway, long nowNanos, Output out) {
    for (int i = toldCount - 1; i >= 0; i--) {
      boolean isIt = toldGateway[i] == gateway || toldGateway[i] == NOBODY;
      if (toldStream[i] == stream && isIt) {
        isWell(i, policy.aloneNanos(), nowNanos, out);
      }
    }
  }

  /// Another gateway comes to the place of one that is not subscribed to anything: what was told of
  /// that one is over without a word.
  public void forget(int gateway) {
    for (int i = toldCount - 1; i >= 0; i--) {
      if (toldGateway[i] == gateway) {
        remove(i);
      }
    }
  }

  private void isWell(int place, long forNanos, long nowNanos, Output out) {
    if (wellSince[place] == NEVER) {
      wellSince[place] = nowNanos;
    } else if (nowNanos - wellSince[place] >= forNanos) {
      int stream = toldStream[place];
      int gateway = toldGateway[place];
      remove(place);
      if (gateway == NOBODY) {
        out.differNoMore(stream);
      } else {
        out.agrees(stream, gateway);
      }
    }
  }

  private void remove(int place) {
    toldCount--;
    toldStream[place] = toldStream[toldCount];
    toldGateway[place] = toldGateway[toldCount];
    wellSince[place] = wellSince[toldCount];
  }

  private int place(int stream, int gateway) {
    for (int i = 0; i < toldCount; i++) {
      if (toldStream[i] == stream && toldGateway[i] == gateway) {
        return i;
      }
    }
    return -1;
  }

  private void add(int stream, int gateway) {
    if (toldCount == toldStream.length) {
      toldStream = Arrays.copyOf(toldStream, 2 * toldCount);
      toldGateway = Arrays.copyOf(toldGateway, 2 * toldCount);
      wellSince = Arrays.copyOf(wellSince, 2 * toldCount);
    }
    toldStream[toldCount] = stream;
    toldGateway[toldCount] = gateway;
    wellSince[toldCount++] = NEVER;
  }

  /// Whether a line contradicts the others.
  public boolean contradicts(int stream, int gateway) {
    return toldCount > 0 && place(stream, gateway) >= 0;
  }

  /// Whether lines contradict each other and it is not known which is right.
  public boolean differ(int stream) {
    return toldCount > 0 && place(stream, NOBODY) >= 0;
  }

  /// What the state takes: of each stream, and nothing that grows but with what is told and with
  /// samples of which two prices are said.
  public long bytes() {
    return key.length * (8L + 4 + 4) + say.bytes() + sayOther.bytes() + otherPrice.bytes();
  }
}
