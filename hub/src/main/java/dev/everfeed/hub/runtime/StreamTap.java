package dev.everfeed.hub.runtime;

import dev.everfeed.core.engine.Link;

/// Is told of all that goes over a gateway's sockets, before anybody else makes something of
/// it. Called on the tick loop: it neither waits nor throws. Each connection has a number of
/// its own, from 1 on.
interface StreamTap {
  /// Wants to know nothing.
  StreamTap NONE = new StreamTap() {};

  default void opened(int connection) {}

  /// A whole message of the venue; the bytes are reused afterwards.
  default void frame(int connection, byte[] bytes, int length) {}

  default void sent(int connection, String text) {}

  /// What comes over it is published from now on, and before that what has come over it already:
  /// at its beginning, or when the one that it replaces has ended.
  default void delivers(int connection) {}

  /// By either side, or never opened.
  default void closed(int connection, String reason) {}

  /// The gateway as a whole.
  default void became(Link.State from, Link.State to, String reason) {}
}
