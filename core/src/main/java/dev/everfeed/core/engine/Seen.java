package dev.everfeed.core.engine;

/// What has come through gateways: counted where ticks are handled, looked at by the
/// [Control] when it decides. Of the same thread.
interface Seen {
  /// When a gateway last brought something new of a stream; `Long.MIN_VALUE` for never.
  long newestNanos(int stream, int gateway);

  /// When a gateway last brought something new of any stream; `Long.MIN_VALUE` for never.
  long newestNanos(int gateway);

  /// When a gateway last brought something new of one of its canaries; `Long.MIN_VALUE` for
  /// never.
  long canaryNanos(int gateway);

  /// Events of a stream that were declared lost since the start.
  long lost(int stream);
}
