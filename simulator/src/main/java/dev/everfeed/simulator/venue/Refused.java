package dev.everfeed.simulator.venue;

/// A request that a venue refuses, with the answer that says so in the venue's own way.
final class Refused extends Exception {
  private static final long serialVersionUID = 1;

  private final transient Answer answer;

  Refused(Answer answer) {
    super("refused with status " + answer.status(), null, false, false);
    this.answer = answer;
  }

  Answer answer() {
    return answer;
  }
}
