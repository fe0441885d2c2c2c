package dev.everfeed.app.doctor;

import dev.everfeed.hub.config.HttpSettings;
import dev.everfeed.hub.config.Settings;
import dev.everfeed.hub.config.StreamSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Whether the addresses where readers connect can be taken, by taking them for a moment.
final class PortsCheck implements Check {
  private static final Path EPHEMERAL = Path.of("/proc/sys/net/ipv4/ip_local_port_range");
  private static final Path UNPRIVILEGED = Path.of("/proc/sys/net/ipv4/ip_unprivileged_port_start");
  private static final int USUAL_UNPRIVILEGED = 1_024;

  private final Settings settings;
  private final RunningHub running;

  PortsCheck(Settings settings, RunningHub running) {
    this.settings = settings;
    this.running = running;
  }

  @Override
  public String name() {
    return "ports";
  }

  @Override
  public List<Finding> look() throws IOException {
    List<Finding> findings = new ArrayList<>();
    HttpSettings http = settings.http();
    findings.add(port("http.port", http.host(), http.port()));
    StreamSettings.ZeroMq zeromq = settings.stream().zeromq();
    if (settings.stream().enabled() && zeromq.enabled()) {
      Integer own = zeromq.port();
      int port = own != null ? own : http.port() == 0 ? 0 : Math.min(http.port() + 1, 65_535);
      findings.add(port("stream.zeromq.port", zeromq.host(), port));
    }
    return findings;
  }

  private Finding port(String setting, String host, int port) throws IOException {
    String where = "%s: %s:%d".formatted(setting, host, port);
    if (port == 0) {
      return Finding.ok(name(), "%s: any free port of %s".formatted(setting, host));
    }
    InetAddress address;
    try {
      address = InetAddress.getByName(host);
    } catch (UnknownHostException e) {
      return Finding.fail(
          name(),
          "%s: the name is not known".formatted(where),
          "an address of this machine as host");
    }
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true); // what is only waiting to be forgotten is no obstacle
      socket.bind(new InetSocketAddress(address, port));
    } catch (IOException e) {
      return taken(where, port, String.valueOf(e.getMessage()));
    }
    if (isEphemeral(port)) {
      return Finding.warn(
          name(),
          "%s is free, and one of those that outgoing connections take (%s): now and then it will not be"
              .formatted(where, line(EPHEMERAL).replaceAll("\\s+", " to ")),
          "a port below that range, or add it to net.ipv4.ip_local_reserved_ports");
    }
    return Finding.ok(name(), where + " is free");
  }

  private Finding taken(String where, int port, String reason) throws IOException {
    if (port < unprivileged() && reason.contains("ermission")) {
      return Finding.fail(
          name(),
          "%s is privileged (below %d), and this user may not take it"
              .formatted(where, unprivileged()),
          "a port above, or a proxy in front; in a systemd unit AmbientCapabilities=CAP_NET_BIND_SERVICE");
    }
    if (reason.contains("ssign")) {
      return Finding.fail(
          name(),
          "%s is no address of this machine (%s)".formatted(where, reason),
          "an address of this machine (`ip address` lists them), or 127.0.0.1");
    }
    Optional<Processes.Named> holder = Processes.listeningOn(port);
    boolean isHub = holder.map(Processes.Named::isHub).orElse(false);
    if (running.answers() && (isHub || holder.isEmpty())) {
      return Finding.ok(
          name(),
          "%s is taken by the hub that runs%s"
              .formatted(where, holder.map(process -> ", " + process).orElse("")));
    }
    if (isHub || (running.isUnproven() && holder.isEmpty())) {
      return Finding.warn(
          name(),
          "%s is taken%s: by the hub that runs, if that is who is there"
              .formatted(where, holder.map(process -> " by " + process).orElse("")),
          "what is said of hub; a busy one does not answer in time, or has no place left");
    }
    return holder.isPresent()
        ? Finding.fail(
            name(),
            "%s is taken by %s".formatted(where, holder.get()),
            "end that process, or another port")
        : Finding.fail(
            name(),
            "%s cannot be taken: %s".formatted(where, reason),
            "another port, or end who has it (`ss -ltnp` as root names it)");
  }

  private static int unprivileged() throws IOException {
    return Files.isReadable(UNPRIVILEGED)
        ? Integer.parseInt(line(UNPRIVILEGED))
        : USUAL_UNPRIVILEGED;
  }

  private static boolean isEphemeral(int port) throws IOException {
    if (!Files.isReadable(EPHEMERAL)) {
      return false;
    }
    String[] range = line(EPHEMERAL).split("\\s+", -1);
    return port >= Integer.parseInt(range[0]) && port <= Integer.parseInt(range[1]);
  }

  /// In one read: the kernel gives such a file's text to the first, and nothing to a second
  /// (proc_dointvec of kernel/sysctl.c), where [Files#readString] begins with few bytes.
  private static String line(Path file) throws IOException {
    return Files.readAllLines(file).getFirst().strip();
  }
}
