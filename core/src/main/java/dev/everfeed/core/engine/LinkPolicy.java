package dev.everfeed.core.engine;

/// What a [Link] keeps to. Times are nanoseconds.
///
/// @param streamsPerRequest      subscriptions asked for in one message
/// @param requestsMax            messages to the venue in any [#requestsWindowNanos] of a
/// connection
/// @param requestsWindowNanos    and how long that is
/// @param answersByRequest       whether the venue's answers name the request, else the streams
/// @param connectWithinNanos     from the beginning of a connection to its handshake's end
/// @param answerWithinNanos      from a request to its answer
/// @param quietNanos             without any frame a connection is given up after this
/// @param lifetimeNanos          the venue closes a connection after this; `Long.MAX_VALUE` for
///     never
/// @param overlapNanos           a planned successor is subscribed for so long before its
///     predecessor is closed
/// @param backoffBaseNanos       the first wait after a failure is random up to this
/// @param backoffCapNanos        each further one may be twice as long, up to this
/// @param settledNanos           a connection that has lasted so long is not a failure to
///     connect
public record LinkPolicy(
    int streamsPerRequest,
    int requestsMax,
    long requestsWindowNanos,
    boolean answersByRequest,
    long connectWithinNanos,
    long answerWithinNanos,
    long quietNanos,
    long lifetimeNanos,
    long overlapNanos,
    long backoffBaseNanos,
    long backoffCapNanos,
    long settledNanos) {
  public LinkPolicy {
    if (streamsPerRequest < 1
        || requestsMax < 1
        || backoffBaseNanos < 1
        || backoffCapNanos < backoffBaseNanos) {
      throw new IllegalArgumentException(
          "a link asks for at least 1 stream, at least 1 time in a window, and waits at least 1 ns"
              + " up to its cap; was %d, %d, %d, %d"
                  .formatted(streamsPerRequest, requestsMax, backoffBaseNanos, backoffCapNanos));
    }
  }
}
