package dev.everfeed.simulator.check;

import dev.everfeed.core.request.Decision;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The invariants of one life of our process, and which of them looks at what: there are
/// thousands of equal answers to a herd, and most invariants look at one or two kinds of events
/// only.
final class Invariants {
  final List<Invariant> all;
  final List<Invariant> hearing;
  final List<Invariant> counting;
  final List<Invariant> settling;
  private final List<Invariant> aboutAnswers;
  private final List<Invariant> aboutKept;
  private final List<Invariant> aboutCalls;

  Invariants(Checks checks) {
    HistoryIsLast historyIsLast = new HistoryIsLast(checks);
    SaidBySomebody saidBySomebody = new SaidBySomebody(checks);
    this.aboutKept = List.of(saidBySomebody);
    this.aboutAnswers = List.of(
        new AnsweredOnce(checks),
        new RememberedIsServed(checks),
        new UsableIsAsked(checks),
        new LiveIsFresh(checks),
        new WrongPriceIsNotLive(checks),
        new EveryoneIsNamed(checks),
        new SubstituteIsNamed(checks),
        new StandingStillIsNotServed(checks),
        new HistoryIsServed(checks),
        new HistoryIsAsked(checks),
        new RestoredIsNotLive(checks),
        saidBySomebody,
        historyIsLast);
    this.aboutCalls = List.of(
        new OpenIsNotCalled(checks),
        new HalfOpenIsNarrow(checks),
        new ClosedIsEarned(checks),
        new EqualQuestionsAreOne(checks),
        new FurtherAttemptsAreFew(checks),
        new WeightIsKept(checks),
        new PauseIsKept(checks),
        new RunsDoNotOverlap(checks),
        new SkipIsToldOnce(checks),
        new CallsEnd(checks),
        new HealthyIsNotConvicted(checks),
        new RestIsLeft(checks),
        new DutyIsKept(checks),
        new AskedOnceInAPeriod(checks),
        historyIsLast);
    List<Invariant> both = new ArrayList<>(aboutAnswers);
    aboutCalls.stream().filter(one -> one != historyIsLast).forEach(both::add);
    this.all = List.copyOf(both);
    this.hearing = having("input");
    this.counting = having("arrived");
    this.settling = having("settled");
  }

  List<Invariant> about(Decision decision) {
    return switch (decision) {
      case Decision.Answer _ -> aboutAnswers;
      case Decision.Keep _ -> aboutKept;
      default -> aboutCalls;
    };
  }

  /// Those that have a method of their own for it; the one of [Invariant] does nothing.
  private List<Invariant> having(String method) {
    return all.stream()
        .filter(one -> Arrays.stream(one.getClass().getDeclaredMethods())
            .anyMatch(own -> own.getName().equals(method)))
        .toList();
  }
}
