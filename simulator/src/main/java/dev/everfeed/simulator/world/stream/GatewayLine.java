package dev.everfeed.simulator.world.stream;

import dev.everfeed.core.engine.ConnectBudget;
import dev.everfeed.core.engine.Link;
import dev.everfeed.core.engine.Link.Command;
import dev.everfeed.core.engine.Link.Input;
import dev.everfeed.core.engine.LinkPolicy;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.SortedSet;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Our end of a gateway: the production [Link], and the connections that it has made.
final class GatewayLine {

  /// What the link's decisions do to the world.
  interface Ports {
    Pipe connect(int gateway, int connection);

    void request(Pipe pipe, VenueSide.Request request);

    void hangUp(Pipe pipe);

    void delivers(Pipe pipe);

    void became(int gateway, Link.State state, String reason);

    void refused(int gateway, int stream, String reason);
  }

  private final int gateway;
  private final Link link;
  private final Ports ports;
  private final List<Pipe> pipes = new ArrayList<>();
  private final Queue<Command> commands = new ArrayDeque<>();
  private boolean acting;
  private long dueNanos = Long.MAX_VALUE;

  GatewayLine(
      int gateway, LinkPolicy policy, ConnectBudget budget, RandomGenerator random, Ports ports) {
    this.gateway = gateway;
    this.link = new Link(policy, budget, random);
    this.ports = ports;
  }

  long dueNanos() {
    return dueNanos;
  }

  void heard(Pipe pipe, long now) {
    link.heard(pipe.connection, now);
  }

  void want(SortedSet<Integer> streams, long now) {
    on(new Input.Want(streams), now);
  }

  /// Of these streams those that the connection that delivers has already.
  List<Integer> acknowledged(SortedSet<Integer> streams) {
    for (Pipe pipe : pipes) {
      if (pipe.openHere && pipe.delivers) {
        return streams.stream().filter(pipe.acknowledged::get).toList();
      }
    }
    return List.of();
  }

  /// The connections are to be made anew.
  void reconnect(String reason, long now) {
    for (Pipe pipe : List.copyOf(pipes)) {
      if (pipe.openHere) {
        ports.hangUp(pipe);
        closed(pipe, reason, now);
      }
    }
  }

  void closed(Pipe pipe, String reason, long now) {
    pipe.openHere = false;
    pipes.remove(pipe);
    on(new Input.Closed(pipe.connection, reason), now);
  }

  void timePassed(long now) {
    on(new Input.TimePassed(), now);
  }

  void on(Input input, long now) {
    link.on(input, now, commands::add);
    dueNanos = link.nextDeadlineNanos(now);
    if (acting) {
      return; // by what is done just now, and after it
    }
    acting = true;
    for (Command next = commands.poll(); next != null; next = commands.poll()) {
      act(next);
    }
    acting = false;
  }

  private void act(Command command) {
    switch (command) {
      case Command.Connect connect -> pipes.add(ports.connect(gateway, connect.connection()));
      case Command.Subscribe subscribe ->
        request(subscribe.connection(), subscribe.requestId(), true, subscribe.streams());
      case Command.Unsubscribe unsubscribe ->
        request(unsubscribe.connection(), unsubscribe.requestId(), false, unsubscribe.streams());
      case Command.Close close -> {
        Pipe pipe = find(close.connection());
        if (pipe != null) {
          pipe.openHere = false;
          pipes.remove(pipe);
          ports.hangUp(pipe);
        }
      }
      case Command.Deliver deliver -> {
        Pipe pipe = find(deliver.connection());
        if (pipe != null) {
          pipe.delivers = true;
          ports.delivers(pipe);
        }
      }
      case Command.Subscribed _ -> {
        // told by the connection that delivers, with the state of the gateway
      }
      case Command.Became became -> ports.became(gateway, became.state(), became.reason());
      case Command.StreamRefused refused ->
        ports.refused(gateway, refused.stream(), refused.reason());
    }
  }

  private void request(int connection, int id, boolean subscribes, List<Integer> streams) {
    Pipe pipe = find(connection);
    if (pipe == null) {
      return;
    }
    if (subscribes) {
      pipe.requestId = id;
      pipe.requested.clear();
      streams.forEach(pipe.requested::set);
    } else {
      streams.forEach(pipe.acknowledged::clear);
    }
    ports.request(pipe, new VenueSide.Request(id, subscribes, List.copyOf(streams)));
  }

  private @Nullable Pipe find(int connection) {
    for (Pipe pipe : pipes) {
      if (pipe.connection == connection) {
        return pipe;
      }
    }
    return null;
  }
}
