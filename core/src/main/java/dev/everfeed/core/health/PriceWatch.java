package dev.everfeed.core.health;

import dev.everfeed.core.compact.SparseLongs;
import java.util.Arrays;
import java.util.BitSet;
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
/// `float` (seven digits): they are compared, and never passed on. Memory: 13 bytes for each
/// gateway of a contract and 0.4 for each contract; and 24 for what is doubted, which there is
/// little of. Owned by one thread.
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
  private static final long UNKNOWN = Long.MIN_VALUE;
  private static final int AT_ONCE = 4_096;
  private static final int TICK_SHIFT = 20; // a tick is 1.05 ms
  private static final int DUE_TICKS = 16;
  private static final long LOOK_MOST_NANOS = 1_000_000_000L;

  // Flags of a cell; the upper five bits count looks while nothing is usual yet.
  private static final int OUT = 1; // since when is known
  private static final int TOLD = 2;
  private static final int BACK = 4; // told, and since when it agrees is known
  private static final int LOOK = 8;
  private static final int LOOKS_MAX = 31;

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
  private final float[] usual;
  private final byte[] flags;
  private final SparseLongs since = new SparseLongs(UNKNOWN); // ticks, while OUT or BACK

  // By contract: since when prices differ and nobody can be judged, or do not any more while it
  // is told that they do; and whether it is told.
  private final SparseLongs differSince = new SparseLongs(UNKNOWN); // ticks
  private final BitSet differTold;

  // Contracts to look at, each in one of the two at most.
  private BitSet round;
  private BitSet nextRound;
  private int size; // of both
  private int left; // of the present round
  private int place; // of the one that was looked at last
  private long roundNanos = Long.MIN_VALUE / 2;
  private double learning; // weight of a look in this round
  private long blindUntil = Long.MIN_VALUE;

  // Of the contract that is looked at.
  private int looked = NOBODY;
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

  private final Poll poll;

  /// @param contracts their number; a contract is 0 to contracts - 1
  /// @param contents by gateway, 64 at most, each below their number; gateways with the same one
  ///     are lines of one venue. -1 where no gateway is
  public PriceWatch(int contracts, int[] contents, PriceWatchPolicy policy) {
    this.gateways = contents.length;
    if (contracts < 1 || gateways < 1 || gateways > GATEWAYS_MAX) {
      throw new IllegalArgumentException(
          "prices are of at least one contract and 1 to %d gateways, was %d and %d"
              .formatted(GATEWAYS_MAX, contracts, gateways));
    }
    this.policy = policy;
    this.freshTicks = ticks(policy.freshNanos());
    this.backTicks = ticks(policy.backNanos());
    this.lines = new long[gateways];
    this.contentOf = contents.clone();
    for (int gateway = 0; gateway < gateways; gateway++) {
      if (contents[gateway] != NOBODY) {
        lines[contents[gateway]] |= 1L << gateway;
      }
    }
    int cells = Math.multiplyExact(contracts, gateways);
    this.prices = new float[cells];
    Arrays.fill(prices, Float.NaN);
    this.heard = new int[cells];
    this.usual = new float[cells];
    this.flags = new byte[cells];
    this.differTold = new BitSet(contracts);
    this.round = new BitSet(contracts);
    this.nextRound = new BitSet(contracts);
    this.voice = new double[gateways];
    this.voiceBound = new double[gateways];
    this.voiceHeard = new int[gateways];
    this.poll = new Poll(gateways);
  }

  /// Whether there is any use in [#price] now: one in 17 ms is enough of what is looked at ten
  /// times a second.
  public boolean isDue(int contract, int gateway, long nowNanos) {
    return isLongerAgo(heard[contract * gateways + gateway], DUE_TICKS - 1, tick(nowNanos));
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
    if (known != (float) price && !round.get(contract)) {
      put(contract);
    }
  }

  /// The gateway has no events of the contract any more. What it said last says nothing when it
  /// comes back; if it disagreed it has to agree anew, however long it was away.
  public void unsubscribed(int contract, int gateway) {
    int cell = contract * gateways + gateway;
    prices[cell] = Float.NaN;
    settle(cell);
    if (contract == looked) { // it is because of what is being told
      fresh &= ~(1L << gateway);
    }
  }

  /// Another gateway comes to the place of one that is not subscribed to anything: what was usual
  /// of it, and what it was held to be, is over without a word.
  ///
  /// @param content of the one that comes, or -1 for none
  public void forget(int gateway, int content) {
    if (contentOf[gateway] != NOBODY) {
      lines[contentOf[gateway]] &= ~(1L << gateway);
    }
    contentOf[gateway] = content;
    if (content != NOBODY) {
      lines[content] |= 1L << gateway;
    }
    for (int cell = gateway; cell < flags.length; cell += gateways) {
      settle(cell);
      prices[cell] = Float.NaN;
      usual[cell] = 0;
      flags[cell] = 0;
    }
  }

  /// This process stood still: what has queued up is read in any order, so nobody is judged for
  /// as long once more (within the policy's bounds). What had to last has to last for so much
  /// longer, and begins anew where that was more than is waited for: a machine that stands still
  /// for a moment every second would never find anything.
  public void paused(long slipNanos, long nowNanos) {
    long grace = Math.clamp(slipNanos, policy.graceFloorNanos(), policy.graceCapNanos());
    blindUntil = Math.max(blindUntil, nowNanos + grace);
    if (slipNanos > policy.graceCapNanos()) {
      for (int cell = 0; cell < flags.length; cell++) {
        flags[cell] &= ~(OUT | BACK);
      }
      since.clear();
      differSince.clear();
      return;
    }
    int slip = ticks(slipNanos);
    for (int cell = 0; cell < flags.length; cell++) {
      if ((flags[cell] & (OUT | BACK)) != 0) {
        move(since, cell, slip);
      }
    }
    int contracts = flags.length / gateways;
    for (int contract = 0; contract < contracts; contract++) {
      if (differSince.has(contract)) {
        move(differSince, contract, slip);
      }
    }
  }

  /// Looks at the contracts of which a price changed, or about which there is doubt. Cheap when
  /// there are none.
  public void timePassed(long nowNanos, Output out) {
    if (nextDeadlineNanos() > nowNanos) {
      return;
    }
    if (left == 0) {
      BitSet empty = round;
      round = nextRound;
      nextRound = empty;
      place = NOBODY;
      long look = Math.min(nowNanos - roundNanos, LOOK_MOST_NANOS);
      learning = Math.min(1, (double) look / policy.learnNanos());
      roundNanos = nowNanos;
      left = size;
    }
    int tick = tick(nowNanos);
    for (int todo = Math.min(left, AT_ONCE); todo > 0; todo--) {
      left--;
      looked = take();
      if (look(looked, tick, out)) {
        put(looked);
      }
    }
    looked = NOBODY;
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
    return differTold.get(contract);
  }

  /// What the state takes; of it only what is known of those in doubt grows.
  public long bytes() {
    return prices.length * (4L + 4 + 4 + 1)
        + since.bytes()
        + differSince.bytes()
        + (differTold.size() + round.size() + nextRound.size()) / 8
        + lines.length * (8L + 8 + 8 + 4)
        + gateways * 4L
        + poll.bytes();
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
      if (isLongerAgo(heard[cell], freshTicks, now)) {
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
    boolean differed = differSince.has(contract) || differTold.get(contract);
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
    boolean isTold = differTold.get(contract);
    boolean differs = unjudged != NOBODY && nobodyDisagrees;
    if (differs == isTold) {
      differSince.clear(contract);
      return isTold;
    }
    if (!differSince.has(contract)) { // since when it is another way than told
      differSince.set(contract, now);
      return true;
    }
    int begun = (int) differSince.get(contract);
    int hold = isTold ? backTicks : ticks(policy.sureNanos());
    int again = begun + hold - hold / 5;
    if (isTold) {
      if (!nobodyDisagrees || now - begun >= hold) {
        differTold.clear(contract);
        differSince.clear(contract);
        out.differNoMore(contract);
        return false;
      }
    } else if (now - begun >= hold && unjudgedAt - again >= 0) {
      differTold.set(contract);
      differSince.clear(contract);
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
      poll.begin();
      ask(base, lines[content] & fresh & ~told);
      voice[content] = Double.NaN;
      if (poll.mostAgree()) {
        voice[content] = poll.median();
        voiceBound[content] = poll.boundOfAgreeing();
        voiceHeard[content] = poll.agreedAt();
      }
    }
  }

  /// @param toldNow a content of which a gateway was told in this look, and was still a voice:
  ///     nobody else is before the next
  private void judge(int cell, int contract, int gateway, int now, int toldNow, Output out) {
    if ((fresh & 1L << gateway) == 0) {
      settle(cell);
      return;
    }
    int all = askOthers(cell, gateway);
    double distance = Math.abs(prices[cell] - poll.median()) / poll.median();
    boolean agreed = poll.mostAgree();
    if (agreed && distance <= bound(cell)) {
      isWithin(cell, contract, gateway, now, distance, out);
    } else if (agreed && poll.agreeing() >= 2 && 2 * poll.agreeing() > all) {
      boolean may = toldNow < 0 || toldNow == contentOf[gateway];
      isOut(cell, contract, gateway, now, distance, may, out);
    } else {
      settle(cell);
      if (poll.asked() > 0 && distance > bound(cell)) {
        unjudged = gateway;
        int newest = poll.saidAt();
        unjudgedAt = heard[cell] - newest < 0 ? heard[cell] : newest;
        unjudgedPrice = prices[cell];
        unjudgedMedian = poll.median();
      }
    }
  }

  /// Asks those who can judge a gateway, and tells how many there are with it.
  private int askOthers(int cell, int gateway) {
    int own = contentOf[gateway];
    poll.begin();
    for (int content = 0; content < lines.length; content++) {
      if (content != own && !Double.isNaN(voice[content])) {
        poll.add(voice[content], voiceBound[content], voiceHeard[content]);
      }
    }
    poll.compare();
    if (poll.asked() >= 2 && poll.mostAgree()) {
      return present;
    }
    long sisters = lines[own] & fresh & ~told & ~(1L << gateway);
    int ownLines = Long.bitCount(lines[own] & (fresh | told));
    int base = cell - gateway;
    if (Long.bitCount(sisters) >= 2 || (sisters != 0 && poll.asked() == 0)) {
      poll.begin();
      ask(base, sisters);
      return ownLines;
    }
    if (sisters != 0 && poll.asked() == 1) {
      ask(base, sisters);
      return ownLines + present - 1;
    }
    return present;
  }

  private void ask(int base, long which) {
    for (long rest = which; rest != 0; rest &= rest - 1) {
      int cell = base + Long.numberOfTrailingZeros(rest);
      poll.add(prices[cell], bound(cell), heard[cell]);
    }
    poll.compare();
  }

  private void isWithin(int cell, int contract, int gateway, int now, double distance, Output out) {
    int flag = flags[cell];
    if ((flag & TOLD) == 0) {
      settle(cell);
      learn(cell, distance);
    } else if ((flag & BACK) == 0) {
      begin(cell, BACK, now);
    } else {
      int begun = (int) since.get(cell);
      if (now - begun >= backTicks && heard[cell] - begun > 0) {
        settle(cell);
        flags[cell] &= ~TOLD;
        out.agrees(contract, gateway);
      }
    }
  }

  private void isOut(
      int cell, int contract, int gateway, int now, double distance, boolean may, Output out) {
    int flag = flags[cell];
    if ((flag & TOLD) != 0) {
      settle(cell);
      return;
    }
    if ((flag & OUT) == 0) {
      begin(cell, OUT, now);
      return;
    }
    int begun = (int) since.get(cell);
    int hold = ticks(distance > policy.gross() ? policy.grossNanos() : policy.sureNanos());
    int again = begun + hold - hold / 5;
    boolean said = heard[cell] - again >= 0 && poll.agreedSince(again) >= 2;
    if (now - begun >= hold && said && may) {
      settle(cell);
      flags[cell] |= TOLD;
      out.disagrees(contract, gateway, how(prices[cell]));
    }
  }

  private void begin(int cell, int flag, int now) {
    flags[cell] |= (byte) flag;
    since.set(cell, now);
  }

  /// Nothing is waited for, be it to tell that it disagrees or that it is back.
  private void settle(int cell) {
    if ((flags[cell] & (OUT | BACK)) != 0) {
      flags[cell] &= ~(OUT | BACK);
      since.clear(cell);
    }
  }

  /// What began at a tick began so many later.
  private static void move(SparseLongs ticks, int place, int later) {
    ticks.set(place, (int) ticks.get(place) + later);
  }

  private String how(double price) {
    return String.format(
        Locale.ROOT,
        "its price %.7g is %+.2f %% from %.7g, the median of others, of which %d agree",
        price,
        100 * (price - poll.median()) / poll.median(),
        poll.median(),
        poll.agreeing());
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

  // ---- contracts to look at ----

  private void put(int contract) {
    if (!nextRound.get(contract)) {
      nextRound.set(contract);
      size++;
    }
  }

  private int take() {
    place = round.nextSetBit(place + 1);
    round.clear(place);
    size--;
    return place;
  }

  /// Ticks wrap after 52 days: what seems to be in the future is more than 26 days ago.
  private static boolean isLongerAgo(int tick, int ticks, int now) {
    int ago = now - tick;
    return ago > ticks || ago < 0;
  }

  private static int tick(long nanos) {
    return (int) (nanos >> TICK_SHIFT);
  }

  private static int ticks(long nanos) {
    return (int) Math.min(nanos >> TICK_SHIFT, Integer.MAX_VALUE / 2);
  }
}
