package dev.everfeed.hub.source;

/// Frames of one connection in, from its first on and in order, ticks out. Its state is what it
/// reuses, and of a venue that states only what has changed, what the connection has stated. It
/// is owned by one thread; decoding what comes all day allocates nothing.
public interface FrameDecoder {

  /// One frame. What is well formed and of no use gives nothing.
  ///
  /// @param frame bytes that the caller may reuse afterwards
  /// @throws Undecodable when it is not a message of the venue; ticks of an earlier part of the
  ///     frame may have been given by then only if they stand by themselves
  void decode(byte[] frame, int from, int to, FrameSink out) throws Undecodable;
}
