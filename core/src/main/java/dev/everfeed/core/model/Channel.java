package dev.everfeed.core.model;

/// What a stream carries: the first part of its name.
public enum Channel {
  TRADE("trade"),
  QUOTE("quote"),
  BAR("bar");

  private final String text;

  Channel(String text) {
    this.text = text;
  }

  public String text() {
    return text;
  }
}
