package dev.everfeed.simulator.venue;

import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;

/// Keeps a port ours while nobody listens on it.
///
/// A socket that is bound but does not listen reserves its port: connecting to it is refused,
/// the kernel gives it to nobody else, and with SO_REUSEADDR on both a listener can be bound
/// beside it at any time. Without it, an outgoing connection of anyone could take the port
/// between "refuse" and "heal".
final class PortHold implements AutoCloseable {
  private final SocketChannel socket;
  private final int port;

  private PortHold(SocketChannel socket, int port) {
    this.socket = socket;
    this.port = port;
  }

  /// @param port 0 for any free one
  /// @throws IOException when somebody else has it
  static PortHold of(String host, int port) throws IOException {
    SocketChannel socket = SocketChannel.open();
    try {
      socket.setOption(StandardSocketOptions.SO_REUSEADDR, true);
      socket.bind(new InetSocketAddress(host, port));
      return new PortHold(socket, ((InetSocketAddress) socket.getLocalAddress()).getPort());
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  /// Whether anybody still listens on the port: only then can no second socket be bound to it.
  boolean isListenedOn() throws IOException {
    try (SocketChannel probe = SocketChannel.open()) {
      probe.setOption(StandardSocketOptions.SO_REUSEADDR, true);
      probe.bind(socket.getLocalAddress());
      return false;
    } catch (BindException taken) {
      return true;
    }
  }

  int port() {
    return port;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
