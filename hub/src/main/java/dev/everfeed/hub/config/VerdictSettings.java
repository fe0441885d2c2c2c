package dev.everfeed.hub.config;

import dev.everfeed.core.verdict.VerdictPolicy;
import java.time.Duration;

/// When a program may trade on the data of a symbol (REQUIREMENTS E1).
public record VerdictSettings(
    @Knob(
        value = "2s",
        min = "500ms",
        max = "1m",
        means =
            "How long a verdict is good. A program that has none younger than that takes it for `halt`.",
        touch = "longer where programs ask rarely; it is how long one trades on after the hub died")
    Duration validFor,

    @Knob(
        value = "5s",
        min = "10ms",
        max = "1h",
        means = "The limit is reduced while the newest quote or trade is older.",
        touch = "longer for symbols that are quoted rarely")
    Duration reduceAfter,

    @Knob(
        value = "30s",
        min = "10ms",
        max = "1d",
        means = "It is a halt while the newest quote or trade is older.",
        touch = "with `reduce_after`")
    Duration haltAfter,

    @Knob(
        value = "2",
        min = "1",
        max = "64",
        means =
            "Healthy sources of different content that are to have a symbol; lines of one venue count once.",
        touch = "1 where a symbol has one venue only, and you trust it alone")
    int sources,

    @Knob(
        value = "60s",
        min = "0s",
        max = "1d",
        means = "How long a lost trade counts.",
        touch = "with how far back your programs look")
    Duration lossFor,

    @Knob(
        value = "5s",
        min = "0s",
        max = "1h",
        means = "A better verdict is told when it was better for so long; a worse one at once.",
        touch = "longer against flapping")
    Duration betterAfter,

    @Knob(
        means =
            "Percent of the usual position limit that each reason allows; 100 leaves it out, 0 makes it a halt. The least of them is the verdict.")
    Percent percent)
    implements Checked {

  /// By reason.
  public record Percent(
      @Knob(
          value = "50",
          min = "0",
          max = "100",
          means = "While the newest quote or trade is older than `reduce_after`.",
          touch = "with what an old value costs you")
      int old,

      @Knob(
          value = "50",
          min = "0",
          max = "100",
          means = "While its newest value is in doubt: a gateway is suspected.",
          touch = "rarely")
      int maybeStale,

      @Knob(
          value = "25",
          min = "0",
          max = "100",
          means = "While gateways disagree and nobody can tell who is right.",
          touch = "0 where a wrong price is worse than none")
      int disagree,

      @Knob(
          value = "50",
          min = "0",
          max = "100",
          means = "With fewer healthy sources than `sources`.",
          touch = "100 where one source is enough")
      int fewSources,

      @Knob(
          value = "75",
          min = "0",
          max = "100",
          means = "While a lost trade counts (`loss_for`).",
          touch = "lower for programs that live on trades, 100 for those that read quotes")
      int lost,

      @Knob(
          value = "50",
          min = "0",
          max = "100",
          means = "While it is moved to another gateway.",
          touch = "rarely")
      int moving) {}

  @Override
  public void check(Complaints complaints) {
    if (haltAfter.compareTo(reduceAfter) < 0) {
      complaints.add(
          "halt_after",
          "must not be shorter than reduce_after (%s), was %s"
              .formatted(Durations.format(reduceAfter), Durations.format(haltAfter)));
    }
  }

  public VerdictPolicy policy() {
    return new VerdictPolicy(
        validFor.toNanos(),
        reduceAfter.toNanos(),
        haltAfter.toNanos(),
        sources,
        lossFor.toNanos(),
        betterAfter.toNanos(),
        percent.old(),
        percent.maybeStale(),
        percent.disagree(),
        percent.fewSources(),
        percent.lost(),
        percent.moving());
  }
}
