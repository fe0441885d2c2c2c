package dev.everfeed.hub.runtime;

import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Span;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What is still to be asked of one series at one exchange: what is wanted and not covered, in
/// questions of some size, the newest first. Pure; whoever shares it locks it.
///
/// Newest first, because an exchange that knows only so many bars says so at the first question
/// beyond them, and then nothing older needs to be asked.
///
/// Questions end at multiples of their size, counted from 1970 on: so those of backfills that
/// overlap are equal ones, and equal questions that are out together are one call.
///
/// | a question…   | leaves behind                                                          |
/// |---------------|------------------------------------------------------------------------|
/// | taken         | -                                                                      |
/// | answered      | what of it is not covered is asked again, if anything was covered      |
/// | given back    | all of it is asked again                                               |
/// | given up      | all of it stays missing, with the reason                               |
final class Stretches {
  /// Intervals of one question, at first.
  static final int SIZE = 1_000;

  /// A smaller question is not worth a call.
  private static final int SMALLEST = 15;

  /// Different reasons that are kept; what has another one is counted with the last.
  private static final int MAX_REASONS = 20;

  /// Why something stays missing.
  ///
  /// @param unavailable the exchange does not have it: asking again is of no use
  record Reason(boolean unavailable, String text) {}

  private final Interval interval;
  private final Spans open;
  private final Map<Reason, Spans> missing = new LinkedHashMap<>();
  private int size;

  /// @param wanted  whole intervals
  /// @param covered may reach over them
  /// @param size    intervals of a question
  Stretches(Interval interval, Span wanted, List<Span> covered, int size) {
    this.interval = interval;
    this.size = size;
    this.open = new Spans();
    // What is covered may end within an interval; then the whole of it is asked for.
    Spans.of(covered).missing(wanted).forEach(span -> open.add(Intervals.outwards(interval, span)));
  }

  /// Intervals that are to be asked for.
  long openCount() {
    return open.all().stream()
        .mapToLong(span -> Intervals.count(interval, span))
        .sum();
  }

  /// The next question, or null when nothing is left that is not out.
  @Nullable
  Span take() {
    Span newest = open.last();
    if (newest == null) {
      return null;
    }
    long last = Intervals.number(interval, newest.to().minusNanos(1));
    Instant begin = Intervals.open(interval, Math.floorDiv(last, size) * size);
    Instant from = begin.isAfter(newest.from()) ? begin : newest.from();
    Span question = new Span(from, newest.to());
    open.remove(question);
    return question;
  }

  /// @param covered for which time the answer was all there is, null when it did not say
  /// @return how many intervals are covered by it; 0 ends the question, and it is the caller's
  ///     to give it up
  long answered(Span question, @Nullable Span covered) {
    Span known = covered == null ? null : whole(question, covered);
    if (known == null) {
      return 0;
    }
    Spans rest = Spans.of(List.of(question));
    rest.remove(known);
    rest.all().forEach(open::add);
    return Intervals.count(interval, known);
  }

  /// The whole intervals of a question that an answer covers.
  private @Nullable Span whole(Span question, Span covered) {
    Instant from = covered.from().isBefore(question.from())
        ? question.from()
        : Intervals.firstOpen(interval, covered.from());
    Instant to =
        covered.to().isAfter(question.to()) ? question.to() : interval.openOf(covered.to());
    return Span.between(from, to);
  }

  void giveBack(Span question) {
    open.add(question);
  }

  void giveUp(Span question, Reason reason) {
    Reason kept = missing.containsKey(reason) || missing.size() < MAX_REASONS
        ? reason
        : new Reason(false, "for one of many reasons; the log has them");
    missing.computeIfAbsent(kept, _ -> new Spans()).add(question);
  }

  /// Gives up the question and what is left before it, without a break or all of it.
  void giveUpBefore(Span question, boolean all, Reason reason) {
    giveUp(question, reason);
    if (all) {
      Span first = open.first();
      Span older = first == null ? null : Span.between(first.from(), question.to());
      if (older != null) {
        open.within(older).forEach(span -> {
          open.remove(span);
          giveUp(span, reason);
        });
      }
      return;
    }
    Span stretch = open.endingAt(question.from());
    if (stretch != null) {
      open.remove(stretch);
      giveUp(stretch, reason);
    }
  }

  /// Halves the questions to come; false when they are as small as they may be.
  boolean halve() {
    if (size / 2 < SMALLEST) {
      return false;
    }
    size /= 2;
    return true;
  }

  /// A part of what stays missing.
  ///
  /// @param reason null when it was not asked for
  record Missing(Span span, @Nullable Reason reason) {}

  /// What stays missing of a stretch, and why; rising and apart.
  List<Missing> explained(Span stretch) {
    List<Missing> parts = new ArrayList<>();
    Spans told = new Spans();
    missing.forEach((reason, spans) -> spans.within(stretch).forEach(part -> {
      told.missing(part).forEach(own -> parts.add(new Missing(own, reason)));
      told.add(part);
    }));
    told.missing(stretch).forEach(rest -> parts.add(new Missing(rest, null)));
    parts.sort(Comparator.comparing(part -> part.span().from()));
    return parts;
  }
}
