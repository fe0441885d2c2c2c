package dev.everfeed.core.health;

import java.util.Arrays;
import java.util.Locale;

/// Whether each gateway's price of each contract is the one that the others see: a price that
/// is wrong, or frozen while the market goes on.
///
/// Gateways with the same content are lines of one venue, and deliver the same wrong thing
/// together. So a *voice* is a content: the median of its lines, if most of them agree. A
/// gateway is judged by the voices of the other contents; where these cannot say, by its sister
/// lines:
///
/// | who there is                               | who judges a line                             |
/// |--------------------------------------------|-----------------------------------------------|
/// | two other voices or more that agree        | they, whatever its sisters say                |
/// | else two sister lines or more that agree   | these                                         |
/// | else one sister line and one other voice   | both together                                 |
/// | fewer                                      | nobody: of two that differ either may be wrong |
///
/// Of two that *differ* it is told that they do, after the same time, and nobody is accused.
///
/// - It *disagrees* when it is further than its bound from the median of the others, these lie
///   within the bound of each other, and are more than half of all, those included that
///   disagree already and are no voice any more. So only a minority ever disagrees.
/// - The bound is a fixed part of the price, or a multiple of the distance that the gateway
///   usually has (a venue with another quote currency is always some tenths of a percent off).
///   The usual is a mean of the first 31 looks, and then learnt so slowly that a frozen price
///   does not become usual. A gateway that is off by less than the largest bound from the start
///   on counts as a venue with a premium.
/// - It must last, and all who are concerned must have said it again after four fifths of that:
///   the gateway and two of the others. An old price of a quiet venue, or one that comes late,
///   accuses nobody.
/// - Who is silent is not judged, that is for the [PeerClock]. *Frozen* is who goes on to send
///   events with the same price. It is found when the others have moved by the bound, and if
///   they take hours for it, at the latest by the largest bound.
///
/// [#price] only writes down; contracts of which a price changed are compared by [#timePassed],
/// at most 4,096 in one call. Neither allocates, but for what is told. Prices are held as
/// `float` (seven digits): they are compared, and never passed on. Memory: 17 bytes for each
/// gateway of a contract and 8.3 for each contract, none of which grows. Owned by one thread.
public final class PriceWatch {

  /// Takes what was found out, from within [PriceWatch#timePassed].
  public interface Output {
    /// Told once, until it agrees.
    ///
    /// @param how a sentence for people
    void disagrees(int contract, int gateway, String how);

    /// A gateway that disagreed is back with the others.
    void agrees(int contract, int gateway);

    /// Prices differ, and there is nobody who could say which are wrong. Told once, until they
    /// do not any more, or somebody is found to disagree.
    void differ(int contract, String how);

    /// They do not differ any more, or it is known who disagrees.
    void differNoMore(int contract);
  }

  static final int GATEWAYS_MAX = 64;

  private static final int NOBODY = -1;
  private static final int AT_ONCE = 4_096;
  private static final int TICK_SHIFT = 20; // a tick is 1.05 ms; differences wrap after 26 days
  private static final int DUE_TICKS = 16;
  private static final long LOOK_MOST_NANOS = 1_000_000_000L;

  // Flags of a cell; the upper five bits count looks while nothing is usual yet.
  private static final int OUT = 1; // since when is known
  private static final int TOLD = 2;
  private static final int BACK = 4; // told, and since when it agrees is known
  private static final int LOOK = 8;
  private static final int LOOKS_MAX = 31;

  private final int contracts;
  private final int gateways;
  private final PriceWatchPolicy policy;
  private final int freshTicks;
  private final int backTicks;

  /// By content: its gateways.
  private final long[] lines;

  private final int[] contentOf;

  // By cell: gateway + gateways x contract.
  private final float[] prices; // NaN for none
  private final int[] heard;
  private final int[] since;
  private final float[] usual;
  private final byte[] flags;

  // By contract: since when prices differ and nobody can be judged, and whether it is told.
  private final int[] differSince;
  private final long[] differ;
  private final long[] differTold;

  // Contracts to look at: a ring in which each stands once at most.
  private final int[] queue;
  private final long[] queued;
  private int head;
  private int size;
  private int left; // of the present round
  private long roundNanos = Long.MIN_VALUE / 2;
  private double learning; // weight of a look in this round
  private long blindUntil = Long.MIN_VALUE;

  // Of the contract that is looked at.
  private long fresh; // gateways
  private long told;
  private int present; // contents with a price, or that disagree
  private final double[] voice; // by content, NaN for none
  private final double[] voiceBound;
  private final int[] voiceHeard;

  // The last one of it that could not be judged, and differs from others.
  private int unjudged;
  private int unjudgedAt; // when it and another one had both said so
  private float unjudgedPrice;
  private double unjudgedMedian;

  // Who is asked: sorted by price.
  private final double[] said;
  private final double[] saidBound;
  private final int[] saidAt;
  private int asked;
  private int agreeing; // the most that lie within the bound of each other
  private int firstAgreeing;
  private double median;

  /// @param contracts their number; a contract is 0 to contracts - 1
  /// @param contents by gateway, 64 at most; gateways with the same number are lines of one
  ///     venue
  public PriceWatch(int contracts, int[] contents, PriceWatchPolicy policy) {
    this.gateways = contents.length;
    if (contracts < 1 || gateways < 1 || gateways > GATEWAYS_MAX) {
      throw new IllegalArgumentException(
          "prices are of at least one contract and 1 to %d gateways, was %d and %d"
              .formatted(GATEWAYS_MAX, contracts, gateways));
    }
    this.contracts = contracts;
    this.policy = policy;
    this.freshTicks = ticks(policy.freshNanos());
    this.backTicks = ticks(policy.backNanos());
    int[] names = Arrays.stream(contents).distinct().toArray();
    this.lines = new long[names.length];
    this.contentOf = new int[gateways];
    for (int gateway = 0; gateway < gateways; gateway++) {
      int content = 0;
      while (names[content] != contents[gateway]) {
        content++;
      }
      contentOf[gateway] = content;
      lines[content] |= 1L << gateway;
    }
    int cells = Math.multiplyExact(contracts, gateways);
    this.prices = new float[cells];
    Arrays.fill(prices, Float.NaN);
    this.heard = new int[cells];
    this.since = new int[cells];
    this.usual = new float[cells];
    this.flags = new byte[cells];
    this.differSince = new int[contracts];
    this.differ = new long[(contracts + 63) >>> 6];
    this.differTold = new long[(contracts + 63) >>> 6];
    this.queue = new int[contracts];
    this.queued = new long[(contracts + 63) >>> 6];
    this.voice = new double[names.length];
    this.voiceBound = new double[names.length];
    this.voiceHeard = new int[names.length];
    this.said = new double[gateways];
    this.saidBound = new double[gateways];
    this.saidAt = new int[gateways];
  }

  /// Whether there is any use in [#price] now: one in 17 ms is enough of what is looked at ten
  /// times a second.
  public boolean isDue(int contract, int gateway, long nowNanos) {
    return tick(nowNanos) - heard[contract * gateways + gateway] >= DUE_TICKS;
  }

  /// A new event of the gateway says this price, be it another one or the same. What is not
  /// above zero is ignored: there are no parts of it.
  public void price(int contract, int gateway, double price, long nowNanos) {
    if (!(price > Float.MIN_NORMAL && price < Float.MAX_VALUE)) {
      return;
    }
    int cell = contract * gateways + gateway;
    float known = prices[cell];
    prices[cell] = (float) price;
    heard[cell] = tick(nowNanos);
    if (known != (float) price && (queued[contract >> 6] & 1L << contract) == 0) {
      put(contract);
    }
  }

  /// This process stood still: what has queued up is read in any order, so nobody is judged for
  /// as long once more (within the policy's bounds). What had to last has to last for so much
  /// longer, and begins anew where that was more than is waited for: a machine that stands still
  /// for a moment every second would never find anything.
  public void paused(long slipNanos, long nowNanos) {
    long grace = Math.clamp(slipNanos, policy.graceFloorNanos(), policy.graceCapNanos());
    blindUntil = Math.max(blindUntil, nowNanos + grace);
    boolean anew = slipNanos > policy.graceCapNanos();
    int slip = anew ? 0 : ticks(slipNanos);
    for (int cell = 0; cell < flags.length; cell++) {
      if (anew) {
        flags[cell] &= ~(OUT | BACK);
      } else if ((flags[cell] & (OUT | BACK)) != 0) {
        since[cell] += slip;
      }
    }
    if (anew) {
      Arrays.fill(differ, 0);
      return;
    }
    for (int contract = 0; contract < differSince.length; contract++) {
      differSince[contract] += has(differ, contract) ? slip : 0;
    }
  }

  /// Looks at the contracts of which a price changed, or about which there is doubt. Cheap when
  /// there are none.
  public void timePassed(long nowNanos, Output out) {
    if (nextDeadlineNanos() > nowNanos) {
      return;
    }
    if (left == 0) {
      long look = Math.min(nowNanos - roundNanos, LOOK_MOST_NANOS);
      learning = Math.min(1, (double) look / policy.learnNanos());
      roundNanos = nowNanos;
      left = size;
    }
    int tick = tick(nowNanos);
    for (int todo = Math.min(left, AT_ONCE); todo > 0; todo--) {
      left--;
      int contract = take();
      if (look(contract, tick, out)) {
        put(contract);
      }
    }
  }

  /// When [#timePassed] must be called; `Long.MAX_VALUE` for never.
  public long nextDeadlineNanos() {
    if (size == 0) {
      return Long.MAX_VALUE;
    }
    return Math.max(left > 0 ? roundNanos : roundNanos + policy.everyNanos(), blindUntil);
  }

  public boolean disagrees(int contract, int gateway) {
    return (flags[contract * gateways + gateway] & TOLD) != 0;
  }

  /// Whether it is told that prices of a contract differ.
  public boolean differ(int contract) {
    return has(differTold, contract);
  }

  private static boolean has(long[] bits, int contract) {
    return (bits[contract >> 6] & 1L << contract) != 0;
  }

  private static void set(long[] bits, int contract, boolean on) {
    long bit = 1L << contract;
    bits[contract >> 6] = on ? bits[contract >> 6] | bit : bits[contract >> 6] & ~bit;
  }

  /// What the state takes, all of it arrays that do not grow.
  public long bytes() {
    return prices.length * (4L + 4 + 4 + 4 + 1)
        + 8L * queue.length
        + 24L * queued.length
        + lines.length * (8L + 8 + 8 + 4)
        + gateways * (4L + 8 + 8 + 4);
  }

  // ---- one contract ----

  /// Whether it has to be looked at again, even if no price changes.
  private boolean look(int contract, int now, Output out) {
    int base = contract * gateways;
    fresh = 0;
    told = 0;
    int doubts = 0;
    boolean known = true;
    float low = Float.MAX_VALUE;
    float high = 0;
    for (int gateway = 0; gateway < gateways; gateway++) {
      int cell = base + gateway;
      int flag = flags[cell];
      doubts |= flag & (OUT | TOLD);
      if ((flag & TOLD) != 0) {
        told |= 1L << gateway;
      }
      if (now - heard[cell] > freshTicks) {
        prices[cell] = Float.NaN;
      }
      float price = prices[cell];
      if (!Float.isNaN(price)) {
        fresh |= 1L << gateway;
        known &= looks(cell) == LOOKS_MAX;
        low = Math.min(low, price);
        high = Math.max(high, price);
      }
    }
    boolean differed = has(differ, contract) || has(differTold, contract);
    if (doubts == 0 && !differed && Long.bitCount(fresh) < 2) {
      return false;
    }
    // Too close together to matter for any bound.
    if (doubts == 0
        && !differed
        && known
        && (high - low) * policy.usualFactor() <= policy.bound() * low) {
      float distance = (high - low) / low;
      for (long rest = fresh; rest != 0; rest &= rest - 1) {
        learn(base + Long.numberOfTrailingZeros(rest), distance);
      }
      return false;
    }
    hearContents(base);
    doubts = 0;
    unjudged = NOBODY;
    int toldNow = NOBODY;
    for (int gateway = 0; gateway < gateways; gateway++) {
      int cell = base + gateway;
      judge(cell, contract, gateway, now, toldNow, out);
      if ((told & 1L << gateway) == 0 && (flags[cell] & TOLD) != 0) {
        toldNow = contentOf[gateway];
      }
      doubts |= flags[cell] & (OUT | TOLD);
    }
    return tellDifference(contract, now, (doubts & TOLD) == 0, out) || doubts != 0;
  }

  /// Prices that differ while nobody can be judged. Told as a disagreement is: after the same
  /// time, and when both sides have said it again near its end.
  ///
  /// @param nobodyDisagrees whether nobody was found yet
  /// @return whether it has to be looked at again
  private boolean tellDifference(int contract, int now, boolean nobodyDisagrees, Output out) {
    boolean isTold = has(differTold, contract);
    boolean differs = unjudged != NOBODY && nobodyDisagrees;
    if (differs == isTold) {
      set(differ, contract, false);
      return isTold;
    }
    if (!has(differ, contract)) { // since when it is another way than told
      set(differ, contract, true);
      differSince[contract] = now;
      return true;
    }
    int hold = isTold ? backTicks : ticks(policy.sureNanos());
    int again = differSince[contract] + hold - hold / 5;
    if (isTold) {
      if (!nobodyDisagrees || now - differSince[contract] >= hold) {
        set(differTold, contract, false);
        set(differ, contract, false);
        out.differNoMore(contract);
        return false;
      }
    } else if (now - differSince[contract] >= hold && unjudgedAt - again >= 0) {
      set(differTold, contract, true);
      set(differ, contract, false);
      out.differ(contract, unjudgedHow());
    }
    return true;
  }

  private String unjudgedHow() {
    return String.format(
        Locale.ROOT,
        "its prices are %.7g and %.7g, and there are too few others to tell which is right",
        (double) unjudgedPrice,
        unjudgedMedian);
  }

  private void hearContents(int base) {
    present = 0;
    for (int content = 0; content < lines.length; content++) {
      present += (lines[content] & (fresh | told)) != 0 ? 1 : 0;
      ask(base, lines[content] & fresh & ~told);
      compare();
      voice[content] = Double.NaN;
      if (2 * agreeing > asked) {
        voice[content] = median;
        voiceBound[content] = 0;
        voiceHeard[content] = saidAt[firstAgreeing];
        for (int i = firstAgreeing; i < firstAgreeing + agreeing; i++) {
          voiceBound[content] = Math.max(voiceBound[content], saidBound[i]);
          if (saidAt[i] - voiceHeard[content] > 0) {
            voiceHeard[content] = saidAt[i];
          }
        }
      }
    }
  }

  /// @param toldNow a content of which a gateway was told in this look, and was still a voice:
  ///     nobody else is before the next
  private void judge(int cell, int contract, int gateway, int now, int toldNow, Output out) {
    if ((fresh & 1L << gateway) == 0) {
      flags[cell] &= ~(OUT | BACK);
      return;
    }
    int all = askOthers(cell, gateway);
    double distance = Math.abs(prices[cell] - median) / median;
    boolean agreed = 2 * agreeing > asked;
    if (agreed && distance <= bound(cell)) {
      isWithin(cell, contract, gateway, now, distance, out);
    } else if (agreed && agreeing >= 2 && 2 * agreeing > all) {
      boolean may = toldNow < 0 || toldNow == contentOf[gateway];
      isOut(cell, contract, gateway, now, distance, may, out);
    } else {
      flags[cell] &= ~(OUT | BACK);
      if (asked > 0 && distance > bound(cell)) {
        notJudged(cell, gateway);
      }
    }
  }

  private void notJudged(int cell, int gateway) {
    int newest = saidAt[0];
    for (int i = 1; i < asked; i++) {
      newest = saidAt[i] - newest > 0 ? saidAt[i] : newest;
    }
    unjudged = gateway;
    unjudgedAt = heard[cell] - newest < 0 ? heard[cell] : newest;
    unjudgedPrice = prices[cell];
    unjudgedMedian = median;
  }

  /// Asks those who can judge a gateway, and tells how many there are with it.
  private int askOthers(int cell, int gateway) {
    int own = contentOf[gateway];
    asked = 0;
    for (int content = 0; content < lines.length; content++) {
      if (content != own && !Double.isNaN(voice[content])) {
        ask(voice[content], voiceBound[content], voiceHeard[content]);
      }
    }
    compare();
    if (asked >= 2 && 2 * agreeing > asked) {
      return present;
    }
    long sisters = lines[own] & fresh & ~told & ~(1L << gateway);
    int ownLines = Long.bitCount(lines[own] & (fresh | told));
    int base = cell - gateway;
    if (Long.bitCount(sisters) >= 2) {
      ask(base, sisters);
      compare();
      return ownLines;
    }
    if (sisters != 0 && asked == 0) {
      ask(base, sisters);
      compare();
      return ownLines;
    }
    if (sisters != 0 && asked == 1) {
      int sister = base + Long.numberOfTrailingZeros(sisters);
      ask(prices[sister], bound(sister), heard[sister]);
      compare();
      return ownLines + present - 1;
    }
    return present;
  }

  private void isWithin(int cell, int contract, int gateway, int now, double distance, Output out) {
    int flag = flags[cell];
    if ((flag & TOLD) == 0) {
      flags[cell] &= ~OUT;
      learn(cell, distance);
    } else if ((flag & BACK) == 0) {
      flags[cell] |= BACK;
      since[cell] = now;
    } else if (now - since[cell] >= backTicks && heard[cell] - since[cell] > 0) {
      flags[cell] &= ~(OUT | TOLD | BACK);
      out.agrees(contract, gateway);
    }
  }

  private void isOut(
      int cell, int contract, int gateway, int now, double distance, boolean may, Output out) {
    int flag = flags[cell];
    if ((flag & TOLD) != 0) {
      flags[cell] &= ~BACK;
      return;
    }
    if ((flag & OUT) == 0) {
      flags[cell] |= OUT;
      since[cell] = now;
      return;
    }
    int hold = ticks(distance > policy.gross() ? policy.grossNanos() : policy.sureNanos());
    int again = since[cell] + hold - hold / 5;
    if (now - since[cell] >= hold && heard[cell] - again >= 0 && may && saidAgain(again) >= 2) {
      flags[cell] = (byte) (flag & ~OUT | TOLD);
      out.disagrees(contract, gateway, how(prices[cell], agreeing));
    }
  }

  private String how(double price, int others) {
    return String.format(
        Locale.ROOT,
        "its price %.7g is %+.2f %% from %.7g, the median of others, of which %d agree",
        price,
        100 * (price - median) / median,
        median,
        others);
  }

  // ---- what is usual ----

  private double bound(int cell) {
    if (looks(cell) < LOOKS_MAX) {
      return policy.boundMost();
    }
    return Math.clamp(policy.usualFactor() * usual[cell], policy.bound(), policy.boundMost());
  }

  private int looks(int cell) {
    return (flags[cell] & 0xff) / LOOK;
  }

  private void learn(int cell, double distance) {
    double weight = learning;
    int looks = looks(cell);
    if (looks < LOOKS_MAX) {
      flags[cell] += LOOK;
      weight = 1.0 / (looks + 1);
    }
    usual[cell] += (float) ((distance - usual[cell]) * weight);
  }

  // ---- who is asked ----

  private void ask(int base, long which) {
    asked = 0;
    for (long rest = which; rest != 0; rest &= rest - 1) {
      int cell = base + Long.numberOfTrailingZeros(rest);
      ask(prices[cell], bound(cell), heard[cell]);
    }
  }

  private void ask(double price, double bound, int at) {
    int place = asked++;
    while (place > 0 && said[place - 1] > price) {
      said[place] = said[place - 1];
      saidBound[place] = saidBound[place - 1];
      saidAt[place] = saidAt[place - 1];
      place--;
    }
    said[place] = price;
    saidBound[place] = bound;
    saidAt[place] = at;
  }

  /// Finds the most neighbours of which the outer two are the same price. If they are more than
  /// half, the median is among them.
  private void compare() {
    agreeing = 0;
    firstAgreeing = 0;
    for (int low = 0, high = 0; high < asked; high++) {
      while (said[high] - said[low] > Math.max(saidBound[low], saidBound[high]) * said[low]) {
        low++;
      }
      if (high - low + 1 > agreeing) {
        agreeing = high - low + 1;
        firstAgreeing = low;
      }
    }
    median = asked == 0 ? Double.NaN : (said[(asked - 1) / 2] + said[asked / 2]) / 2;
  }

  private int saidAgain(int tick) {
    int again = 0;
    for (int i = firstAgreeing; i < firstAgreeing + agreeing; i++) {
      again += saidAt[i] - tick >= 0 ? 1 : 0;
    }
    return again;
  }

  // ---- contracts to look at ----

  private void put(int contract) {
    queued[contract >> 6] |= 1L << contract;
    int place = head + size++;
    queue[place < contracts ? place : place - contracts] = contract;
  }

  private int take() {
    int contract = queue[head];
    head = head + 1 < contracts ? head + 1 : 0;
    size--;
    queued[contract >> 6] &= ~(1L << contract);
    return contract;
  }

  private static int tick(long nanos) {
    return (int) (nanos >> TICK_SHIFT);
  }

  private static int ticks(long nanos) {
    return (int) Math.min(nanos >> TICK_SHIFT, Integer.MAX_VALUE / 2);
  }
}
