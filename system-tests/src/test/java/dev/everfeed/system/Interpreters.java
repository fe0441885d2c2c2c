package dev.everfeed.system;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What runs the programs that are not in Java. Where one is missing it is said, and what needs
/// it is left out.
final class Interpreters {
  private Interpreters() {}

  /// The Python on the PATH, or the system's where that one alone has pyzmq, which a
  /// distribution installs for its own; null where there is none.
  static @Nullable String python() throws InterruptedException {
    for (String python : List.of("python3", "/usr/bin/python3")) {
      if (hasPyzmq(python)) {
        return python;
      }
    }
    if (succeeds("python3", "--version")) {
      System.out.println("not tested: ZeroMQ from Python, for want of pyzmq (Debian: python3-zmq)");
      return "python3";
    }
    System.out.println("not tested: the Python client, for want of python3 (Debian: python3)");
    return null;
  }

  static boolean hasPyzmq(String python) throws InterruptedException {
    return succeeds(python, "-c", "import zmq");
  }

  /// A node with a WebSocket, as a command; empty where there is none.
  static List<String> node() throws InterruptedException {
    String probe = "process.exit(typeof WebSocket === 'undefined' ? 1 : 0)";
    for (List<String> node :
        List.of(List.of("node"), List.of("node", "--experimental-websocket"))) {
      List<String> command = new java.util.ArrayList<>(node);
      command.addAll(List.of("-e", probe));
      if (succeeds(command.toArray(String[]::new))) {
        return node;
      }
    }
    System.out.println("not tested: a reader in JavaScript, for want of node with a WebSocket "
        + "(22, or 20.10 with --experimental-websocket)");
    return List.of();
  }

  private static boolean succeeds(String... command) throws InterruptedException {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getOutputStream().close();
      process.getInputStream().readAllBytes();
      return process.waitFor() == 0;
    } catch (IOException e) {
      return false; // not there
    }
  }
}
