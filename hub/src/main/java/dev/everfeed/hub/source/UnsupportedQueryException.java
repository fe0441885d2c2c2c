package dev.everfeed.hub.source;

import dev.everfeed.core.model.SourceId;

/// A source cannot be asked this: it does not offer the kind, or has no name for the symbol.
/// Nobody was called; the caller asks the next source.
public final class UnsupportedQueryException extends Exception {
  private static final long serialVersionUID = 1;

  /// @param why without the source's name, which is put in front
  public UnsupportedQueryException(SourceId source, String why) {
    super(source + ": " + why, null, false, false);
  }

  /// Always there.
  @Override
  public String getMessage() {
    return String.valueOf(super.getMessage());
  }
}
