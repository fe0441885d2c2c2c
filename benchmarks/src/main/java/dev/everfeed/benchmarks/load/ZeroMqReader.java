package dev.everfeed.benchmarks.load;

import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;
import org.zeromq.ZMQException;

/// A reader of trades at the ZeroMQ publisher of a hub.
public final class ZeroMqReader implements AutoCloseable {
  private final ZContext context = new ZContext(1);
  private final ZMQ.Socket socket;
  private final Receipts receipts;

  /// Connects and reads on a thread of its own.
  ///
  /// @param stamps of the trades that it will be told
  public ZeroMqReader(int port, Stamps stamps) {
    receipts = new Receipts("\"trade_id\":\"", stamps);
    socket = context.createSocket(SocketType.SUB);
    socket.setRcvHWM(0);
    socket.setReceiveTimeOut(200);
    socket.connect("tcp://127.0.0.1:" + port);
    socket.subscribe("trade|");
    Thread.ofPlatform().daemon().name("zeromq reader").start(this::read);
  }

  private void read() {
    try {
      while (!context.isClosed()) {
        byte[] part = socket.recv();
        if (part != null && !socket.hasReceiveMore()) {
          receipts.message(part, 0, part.length, System.nanoTime());
        }
      }
    } catch (ZMQException e) {
      // the context was closed
    }
  }

  public Receipts receipts() {
    return receipts;
  }

  @Override
  public void close() {
    context.close();
  }
}
