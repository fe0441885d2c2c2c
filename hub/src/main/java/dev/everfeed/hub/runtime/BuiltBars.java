package dev.everfeed.hub.runtime;

import dev.everfeed.core.arbitrate.Identity;
import dev.everfeed.core.bars.BarBuilder;
import dev.everfeed.core.bars.BarPolicy;
import dev.everfeed.core.bars.BuiltBar;
import dev.everfeed.core.engine.StreamEngine;
import dev.everfeed.core.model.Channel;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Streams;
import dev.everfeed.core.model.Tick;
import dev.everfeed.core.model.ValueStatus;
import dev.everfeed.hub.publish.Gateway;
import dev.everfeed.hub.publish.Publisher;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Bars that are built from the trades that are published, and published on streams of their
/// own. Owned by the tick loop.
final class BuiltBars {
  private final StreamPlan plan;
  private final List<Interval> intervals;
  private final Publisher publisher;
  private final BarBuilder builder;

  /// Where the streams of bars begin.
  private final int first;

  /// By stream: which of the traded symbols it is, or [Streams#NONE].
  private final int[] series;

  /// By series: the stream of its trades.
  private final int[] trades;

  /// The contents that there have ever been, by number; there are fewer than there are sources.
  private final List<SourceId> sources = new ArrayList<>();

  /// By gateway: the number of its content.
  private final int[] contents;

  private final boolean[] dense;
  private volatile Shown shown = new Shown(0, 0, 0, 0, 0);

  /// What was done so far; the names are those of [BarBuilder].
  record Shown(long completed, long revised, long notWhole, long tooLate, long mistimed) {}

  BuiltBars(StreamPlan plan, StreamEngine engine, Publisher publisher) {
    this.plan = plan;
    this.intervals = plan.built();
    this.publisher = publisher;
    this.first = plan.streams().size();
    this.series = new int[first];
    Arrays.fill(series, Streams.NONE);
    int count = 0;
    int[] trades = new int[plan.traded().size()];
    for (int stream = 0; stream < first; stream++) {
      if (plan.streams().stream(stream).channel() == Channel.TRADE) {
        trades[count] = stream;
        series[stream] = count++;
      }
    }
    this.trades = trades;
    this.contents = new int[plan.gateways().count()];
    this.dense = new boolean[plan.gateways().count()];
    this.builder = new BarBuilder(
        count,
        intervals,
        Long.SIZE,
        BarPolicy.USUAL,
        of -> engine.arbiter().waits(trades[of]),
        this::publish);
    plan.gateways().taken().forEach(this::came);
  }

  /// A gateway has come to a place.
  void came(int place) {
    Gateway gateway = plan.gateways().get(place).gateway();
    if (!sources.contains(gateway.source())) {
      sources.add(gateway.source());
    }
    contents[place] = sources.indexOf(gateway.source());
    publisher.content(contents[place], gateway);
    dense[place] =
        trades.length > 0 && plan.engine().offer().identity(place, trades[0]) == Identity.DENSE;
  }

  private boolean isBuiltFrom(int stream) {
    return !intervals.isEmpty() && series[stream] != Streams.NONE;
  }

  private void publish(int of, int interval, BuiltBar bar, ValueStatus status, long receivedNanos) {
    publisher.publish(first + of * intervals.size() + interval, bar, status, receivedNanos);
  }

  // ---- what happens

  /// @param receivedNanos of the epoch
  void published(int gateway, Tick tick, long receivedNanos, long now) {
    int stream = tick.stream();
    if (isBuiltFrom(stream)) {
      builder.trade(series[stream], contents[gateway], dense[gateway], tick, receivedNanos, now);
    }
  }

  void lost(int stream, long trades, long now) {
    if (isBuiltFrom(stream)) {
      builder.lost(series[stream], trades, now);
    }
  }

  void status(int stream, ValueStatus status, long now) {
    if (isBuiltFrom(stream)) {
      builder.status(series[stream], status, now);
      for (int i = 0; i < intervals.size(); i++) {
        publisher.statusNow(first + series[stream] * intervals.size() + i, status);
      }
    }
  }

  void paused(long slipNanos) {
    builder.paused(slipNanos);
  }

  void timePassed(long now) {
    if (!intervals.isEmpty()) {
      builder.timePassed(now);
    }
  }

  void look() {
    shown = new Shown(
        builder.completed(),
        builder.revised(),
        builder.notWhole(),
        builder.tooLate(),
        builder.mistimed());
  }

  /// For any thread; at most 350 ms old.
  Shown shown() {
    return shown;
  }
}
