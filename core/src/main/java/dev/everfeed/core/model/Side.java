package dev.everfeed.core.model;

/// What the taker of a trade did.
public enum Side {
  BUY("buy"),
  SELL("sell");

  private final String text;

  Side(String text) {
    this.text = text;
  }

  public String text() {
    return text;
  }
}
