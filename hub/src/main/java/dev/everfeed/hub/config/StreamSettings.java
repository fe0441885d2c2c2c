package dev.everfeed.hub.config;

import java.time.Duration;

/// What is published as it happens, and to whom.
public record StreamSettings(
    @Knob(
        value = "64",
        min = "1",
        max = "1024",
        means =
            "Mebibytes of memory for what was published last, a power of two at or above; `replay`, `resume`, snapshots and slow readers are served from it. A message takes 250 to 400 bytes.",
        touch = "with how long a reader may be away and still get all it missed")
    int logMib,

    @Knob(means = "The ZeroMQ publisher.") ZeroMq zeromq,

    @Knob(means = "Readers at the WebSocket `/v1/stream`.") Readers readers) {

  /// The PUB socket.
  public record ZeroMq(
      @Knob(
          value = "true",
          means = "Whether there is one.",
          touch = "false when nobody reads over ZeroMQ")
      boolean enabled,

      @Knob(
          value = "127.0.0.1",
          means = "Address to listen on.",
          touch =
              "when readers run on other machines of a network that you trust: there is neither a key nor encryption")
      String host,

      @Knob(
          value = "8081",
          min = "0",
          max = "65535",
          means = "TCP port; 0 takes any free one.",
          touch = "when something else listens on 8081")
      int port,

      @Knob(
          value = "100000",
          min = "1",
          max = "10000000",
          means =
              "Messages that may wait for one reader; further ones are dropped for it, which it sees by `seq`.",
          touch = "with the memory that a slow reader may cost, about 400 bytes for each")
      int highWaterMark) {}

  /// Limits of readers.
  public record Readers(
      @Knob(
          value = "800",
          min = "1",
          max = "100000",
          means =
              "Readers at once; further ones are refused. They count as connections too (`http.max_connections`).",
          touch = "with `http.max_connections`, which leaves the rest to other requests")
      int max,

      @Knob(
          value = "10000",
          min = "1",
          max = "100000",
          means = "Streams that one reader may subscribe to.",
          touch = "rarely")
      int streamsMax,

      @Knob(
          value = "20",
          min = "1",
          max = "10000",
          means =
              "Messages that a reader may send a second, and twice as many at once; further ones are refused.",
          touch = "rarely")
      int messagesPerSecond,

      @Knob(
          value = "256",
          min = "16",
          max = "65536",
          means =
              "Kibibytes that may wait for one reader. With more it is slow: its quotes are conflated, its trades come later from the log.",
          touch = "rarely")
      int bufferKib,

      @Knob(
          value = "30s",
          min = "100ms",
          max = "1h",
          means = "A reader that takes too little for so long is closed.",
          touch = "longer for readers that pause and come back")
      Duration stuckAfter) {}
}
