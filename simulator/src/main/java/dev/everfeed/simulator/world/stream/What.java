package dev.everfeed.simulator.world.stream;

/// What the [Agenda] holds. `a`, `b` and `c` are what each says.
enum What {
  /// The next event of a market: a venue, b stream.
  MARKET(false),
  /// A venue pings a connection: a pipe.
  PING(false),
  /// A connect has reached its venue: a pipe.
  CONNECT(false),
  /// A message of ours has reached its venue: a pipe; the request.
  REQUEST(false),
  /// We have closed a connection, and the venue hears of it: a pipe.
  HANG_UP(false),

  /// An event has come over a connection: a pipe, b stream, c which one of the market.
  TICK(true),
  /// Some other frame: a pipe.
  HEARD(true),
  /// The venue says which is its newest trade: a pipe, b stream, c its id.
  NEWEST(true),
  /// A connection is open: a pipe.
  OPENED(true),
  /// A connection is closed: a pipe; why.
  CLOSED(true),
  /// A request is answered: a pipe, b its id; the refusal, or null.
  ANSWERED(true),
  /// A stream is acknowledged: a pipe, b stream.
  ACKNOWLEDGED(true),
  /// An error that names nothing: a pipe.
  REFUSED(true),
  /// The venue will close the connection soon: a pipe.
  END_ANNOUNCED(true),

  /// The answer to a question whether there is newer data: a gateway, b stream, c silent since.
  CONFIRM(true),
  /// A part of an answer to a refill: b stream; the answer.
  REFILL(true),
  /// A fault begins: a its number.
  FAULT(false),
  /// And ends.
  FAULT_OVER(false),
  /// What a gateway lists is told: a gateway.
  LISTED(true),
  /// An operator does something: a its number.
  OPERATOR(true),
  /// Our process stands still for c nanoseconds.
  PAUSE(false),
  GO_ON(false),
  /// Our process ends, and begins again after c nanoseconds.
  RESTART(false),
  BEGIN(false),
  /// A virtual second has passed.
  SECOND(true);

  /// Whether it waits while our process stands still.
  final boolean isOurs;

  What(boolean isOurs) {
    this.isOurs = isOurs;
  }
}
