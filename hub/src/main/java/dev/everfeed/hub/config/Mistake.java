package dev.everfeed.hub.config;

/// One thing that is wrong with the configuration.
///
/// @param path    where: `sources.binance.timeout`
/// @param origin  who said so: `line 12` of the file, or the environment variable
/// @param message what was allowed and what was found
public record Mistake(String path, String origin, String message) {
  public Mistake {
    // What was found is shown, but never a password that somebody wrote into an address.
    message = message.replaceAll("://[^/@\\s\"]*@", "://***@");
  }

  @Override
  public String toString() {
    return (path.isEmpty() ? "configuration" : path)
        + (origin.isEmpty() ? "" : " (" + origin + ")")
        + ": "
        + message;
  }
}
