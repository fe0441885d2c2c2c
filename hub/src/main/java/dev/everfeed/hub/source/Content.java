package dev.everfeed.hub.source;

/// What a source's numbers are of, which decides who may stand in for whom.
public enum Content {
  /// One exchange's own trading.
  EXCHANGE("exchange"),
  /// Many exchanges' trading, averaged by the source.
  AGGREGATE("aggregate"),
  /// A calculated figure that nobody trades.
  INDEX("index");

  private final String text;

  Content(String text) {
    this.text = text;
  }

  public String text() {
    return text;
  }
}
