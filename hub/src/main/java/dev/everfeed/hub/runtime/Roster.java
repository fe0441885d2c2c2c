package dev.everfeed.hub.runtime;

import dev.everfeed.core.model.SourceId;
import dev.everfeed.hub.api.OrderRefused;
import dev.everfeed.hub.config.GatewaySettings;
import dev.everfeed.hub.config.Settings;
import dev.everfeed.hub.source.KnownSources;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Gateways come, are used in another way, and leave, while the others go on (REQUIREMENTS C7).
/// Any thread may call it; everything happens on the tick loop, and futures complete there. What
/// cannot be done fails with [OrderRefused], and has changed nothing.
final class Roster {
  private static final Logger LOG = LoggerFactory.getLogger("everfeed.stream");

  private final StreamLoop loop;
  private final StreamPlan plan;
  private final Settings settings;
  private final StandingBook book;

  /// Why nothing can be changed here; null when it can.
  private final @Nullable String fixed;

  /// @param fixed why nothing can be changed; null when it can
  Roster(
      StreamLoop loop,
      StreamPlan plan,
      Settings settings,
      StandingBook book,
      @Nullable String fixed) {
    this.book = book;
    this.loop = loop;
    this.plan = plan;
    this.settings = settings;
    this.fixed = fixed;
  }

  /// Something that is done on the loop, or refused.
  private interface Task {
    void done(Promise<Void> promise) throws OrderRefused;
  }

  private Future<Void> onLoop(Task task) {
    Promise<Void> promise = Promise.promise();
    loop.onLoop(() -> {
      try {
        if (fixed != null) {
          throw new OrderRefused(fixed, List.of());
        }
        task.done(promise);
      } catch (OrderRefused | RuntimeException e) {
        promise.tryFail(e);
      }
    });
    return promise.future();
  }

  /// A gateway is there from now on, as it is set. One that is switched off has left first, with
  /// everything that was published from it.
  Future<Void> put(String id, GatewaySettings wanted) {
    return onLoop(promise -> {
      StreamPlan.Line line = line(id, wanted);
      int place = plan.gateways().numberOf(id);
      if (place < 0) {
        come(line);
        promise.complete();
        return;
      }
      SourceId source = plan.gateways().get(place).source().id();
      if (!source.equals(line.source().id())) {
        throw new OrderRefused(
            "%s is a gateway of %s; it must leave before one of %s has its name"
                .formatted(id, source.name(), line.source().id().name()),
            List.of());
      }
      if (line.plan().enabled() || !loop.control().isEnabled(place)) {
        loop.operators().departures().isWanted(place);
        plan(place, line);
        promise.complete();
      } else {
        leave(place, false, () -> plan(place, line), promise);
      }
    });
  }

  /// A gateway is not there any more.
  ///
  /// @param force also when there are contracts that have nowhere to go
  Future<Void> remove(String id, boolean force) {
    return onLoop(promise -> {
      int place = plan.gateways().numberOf(id);
      if (place < 0) {
        loop.operators().left(id);
        promise.complete();
        return;
      }
      Runnable gone = () -> {
        loop.leave(place);
        loop.operators().left(id);
        book.policies(loop::tell);
        LOG.info("{}: is taken away", id);
      };
      if (loop.control().isEnabled(place)) {
        leave(place, force, gone, promise);
      } else {
        gone.run();
        promise.complete();
      }
    });
  }

  private void leave(int place, boolean force, Runnable then, Promise<Void> promise)
      throws OrderRefused {
    String id = plan.gateways().get(place).id();
    Promise<Boolean> left = Promise.promise();
    loop.operators().departures().leave(place, force, then, left);
    left.future().onComplete(done -> {
      if (done.failed()) {
        promise.fail(done.cause());
      } else if (done.result()) {
        promise.complete();
      } else {
        promise.fail(new OrderRefused(
            id + " is there still, since not all that is published from it could leave",
            List.of()));
      }
    });
  }

  private StreamPlan.Line line(String id, GatewaySettings wanted) throws OrderRefused {
    String name = wanted.source(id);
    if (KnownSources.stream(name).isEmpty()) {
      throw new OrderRefused("%s does not stream".formatted(name), List.of());
    }
    SourceId source = new SourceId(name);
    Settings.Source own = settings.source(source);
    if (!own.enabled()) {
      throw new OrderRefused(
          "%s is switched off in the configuration (sources.%s.enabled)".formatted(name, name),
          List.of());
    }
    List<StreamPlan.Line> others =
        plan.gateways().all().stream().filter(line -> !line.id().equals(id)).toList();
    // what an operator has stopped stays stopped, however it is set
    return StreamPlan.line(
        id, source, own, book.isStopped(id) ? wanted.switchedOff() : wanted, others);
  }

  private void come(StreamPlan.Line line) throws OrderRefused {
    int place = plan.gateways().vacant();
    if (place < 0) {
      throw new OrderRefused(
          "all %d places for gateways are taken; more can be set (stream.more_gateways), and are there after a restart"
              .formatted(plan.gateways().count()),
          List.of());
    }
    loop.come(place, line);
    book.policies(loop::tell);
    LOG.info("{}: a gateway of {} has come", line.id(), line.source().id().name());
  }

  private void plan(int place, StreamPlan.Line line) {
    loop.plan(place, line);
    book.policies(loop::tell);
    LOG.info("{}: is used as it is set now: {}", line.id(), line.plan());
  }
}
