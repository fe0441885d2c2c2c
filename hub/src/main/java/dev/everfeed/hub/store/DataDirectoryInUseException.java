package dev.everfeed.hub.store;

import java.nio.file.Path;
import java.util.OptionalLong;

/// Another hub works in the data directory: this one must not start on it.
public final class DataDirectoryInUseException extends Exception {
  private final OptionalLong holder;

  DataDirectoryInUseException(Path directory, OptionalLong holder) {
    super(
        "data directory %s: it is in use (%s): by another hub, or by `everfeed sql`, which ends by itself. One hub has one directory: stop that one, or choose another directory for this one."
            .formatted(
                directory,
                holder.isPresent()
                    ? "process %d".formatted(holder.getAsLong())
                    : "which process is not known"));
    this.holder = holder;
  }

  /// Its process, if it could be read.
  public OptionalLong holder() {
    return holder;
  }
}
