package dev.everfeed.hub.publish;

import java.util.concurrent.atomic.AtomicBoolean;

/// How a sleeping reader is woken: it arms, looks once more for records, and sleeps; the writer
/// then runs the wake-up once, however much it writes, until the reader arms again.
public final class Wake implements AutoCloseable {
  private final PublicationLog log;
  private final Runnable wakeUp;
  private final AtomicBoolean armed = new AtomicBoolean();

  Wake(PublicationLog log, Runnable wakeUp) {
    this.log = log;
    this.wakeUp = wakeUp;
  }

  /// The reader's thread: from now on the next record wakes. What was added before does not, so
  /// look for it once more afterwards.
  public void arm() {
    armed.set(true);
  }

  /// The reader's thread: it is awake by itself.
  public void disarm() {
    armed.set(false);
  }

  /// The writer's thread.
  void fire() {
    if (armed.getOpaque() && armed.compareAndSet(true, false)) {
      wakeUp.run();
    }
  }

  @Override
  public void close() {
    log.forget(this);
  }
}
