package dev.everfeed.benchmarks.kills;

/// What is done to a line.
enum Blow {
  /// SIGKILL; the process is started again on its port.
  KILL("SIGKILL"),
  /// SIGSTOP, and SIGCONT a second or two later: it owes all that it did not send.
  FREEZE("SIGSTOP, SIGCONT after 1 to 2 s"),
  /// Every connection ends with RST, for some 0.1 to 1 s.
  RESET("reset"),
  /// Connections of the moment stay open and dead; no new ones for 1 to 2 s.
  BLACKHOLE("blackhole");

  private final String text;

  Blow(String text) {
    this.text = text;
  }

  @Override
  public String toString() {
    return text;
  }
}
