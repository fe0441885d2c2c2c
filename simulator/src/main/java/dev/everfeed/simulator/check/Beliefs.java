package dev.everfeed.simulator.check;

import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Symbol;
import java.util.Map;
import java.util.TreeMap;

/// Of which assets the hub may rightly be misled: a wrong price cannot be told from a right one
/// when it is the first ever, or when two sources say the same within one question. From then on
/// it may hold the right one for wrong.
final class Beliefs {
  /// Longer than any question takes that two lies could meet in.
  private static final long MEETING_NANOS = 20_000_000_000L;

  private static final long AGREEING_PPM = 100_000;

  private record Lie(Event.Price price, long at) {}

  private final Truth truth;

  /// By base asset: an equivalent is held against what it stands for. False when misled.
  private final Map<String, Boolean> sound = new TreeMap<>();

  private final Map<String, Lie> lies = new TreeMap<>();
  private boolean misled;

  Beliefs(Truth truth) {
    this.truth = truth;
  }

  /// Of a process that has just begun: it knows nothing yet, and may be told what the one before
  /// was misled to believe.
  Beliefs afterRestart() {
    Beliefs next = new Beliefs(truth);
    sound.forEach((asset, was) -> {
      if (!was) {
        next.sound.put(asset, false);
      }
    });
    next.misled = misled;
    return next;
  }

  void told(Event.Price price, long now) {
    String asset = asset(price.symbol());
    if (truth.isRight(price)) {
      sound.putIfAbsent(asset, true);
      return;
    }
    Lie before = lies.put(asset, new Lie(price, now));
    boolean first = sound.putIfAbsent(asset, false) == null;
    boolean confirmed = before != null
        && !before.price().source().equals(price.source())
        && now - before.at() <= MEETING_NANOS
        && price.price().signum() > 0
        && price.price().partsPerMillionFrom(before.price().price()) <= AGREEING_PPM;
    if (first || confirmed) {
      sound.put(asset, false);
      misled = true;
    }
  }

  /// The hub has every reason to know what the symbol is worth.
  boolean areSound(Symbol symbol) {
    return sound.getOrDefault(asset(symbol), false);
  }

  /// About any asset.
  boolean everMisled() {
    return misled;
  }

  private static String asset(Symbol symbol) {
    return symbol.base().orElse(symbol.text());
  }
}
