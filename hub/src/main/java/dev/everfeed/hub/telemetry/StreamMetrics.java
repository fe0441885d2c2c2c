package dev.everfeed.hub.telemetry;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/// The meters of the readers at the WebSocket. Safe for every thread.
public final class StreamMetrics {
  private final MeterRegistry registry;
  private final AtomicInteger readers = new AtomicInteger();
  private final AtomicInteger slow = new AtomicInteger();
  private final Counter messages;
  private final Counter writes;
  private final Counter conflated;
  private final Counter lagged;
  private final Counter overruns;
  private final Counter refused;

  public StreamMetrics(Metrics metrics) {
    registry = metrics.registry();
    Gauge.builder("everfeed.stream.readers", readers, AtomicInteger::get)
        .description("Readers at the WebSocket")
        .register(registry);
    Gauge.builder("everfeed.stream.readers.slow", slow, AtomicInteger::get)
        .description("Readers that take less than there is")
        .register(registry);
    messages = counter("messages", "Published messages given to a reader, each reader counted");
    writes = counter("writes", "Writes to a reader's socket; one carries many messages");
    conflated = counter("conflated", "Quotes and running bars that a slow reader was spared");
    lagged = counter("lagged", "Messages that a slow reader was told it will not get");
    overruns = counter("overruns", "How often the server itself was overrun by the log");
    refused = counter("readers.refused", "Readers refused because stream.readers.max were there");
  }

  /// Of the ZeroMQ publisher.
  ///
  /// @param published messages given to the socket
  /// @param lost      messages that the log had overwritten before
  /// @param overruns  how often that happened
  public static void zeromq(
      Metrics metrics,
      LongSupplier published,
      LongSupplier lost,
      LongSupplier overruns,
      LongSupplier refused) {
    function(metrics, "messages", "Messages given to the ZeroMQ socket", published);
    function(metrics, "lost", "Messages that the publisher was too late for", lost);
    function(metrics, "refused", "Readers whose key is not listed", refused);
    function(metrics, "overruns", "How often the publisher was overrun by the log", overruns);
  }

  private static void function(
      Metrics metrics, String name, String description, LongSupplier value) {
    FunctionCounter.builder("everfeed.zeromq." + name, value, LongSupplier::getAsLong)
        .description(description)
        .register(metrics.registry());
  }

  private Counter counter(String name, String description) {
    return Counter.builder("everfeed.stream." + name).description(description).register(registry);
  }

  public void readers(int count, int slowOnes) {
    readers.set(count);
    slow.set(slowOnes);
  }

  public void sent(long count) {
    messages.increment((double) count);
  }

  public void written(long count) {
    writes.increment((double) count);
  }

  public void conflated(long count) {
    conflated.increment((double) count);
  }

  public void lagged(long count) {
    lagged.increment((double) count);
  }

  public void overrun() {
    overruns.increment();
  }

  public void refused() {
    refused.increment();
  }

  /// @param reason a fixed word
  public void closed(String reason) {
    Counter.builder("everfeed.stream.readers.closed")
        .description("Readers that the server closed")
        .tag("reason", reason)
        .register(registry)
        .increment();
  }
}
