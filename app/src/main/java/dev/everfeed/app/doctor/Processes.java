package dev.everfeed.app.doctor;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// Which process has what, as /proc tells it (proc(5)); where it does not, nobody is named.
final class Processes {
  private static final Path PROC = Path.of("/proc");
  private static final String LISTENS = "0A";
  private static final int LOCAL = 1;
  private static final int STATE = 3;
  private static final int INODE = 9;

  private Processes() {}

  /// A process, for a message.
  record Named(long pid, String command) {
    boolean isHub() {
      return command.startsWith("dev.everfeed.app.Everfeed");
    }

    @Override
    public String toString() {
      return "process %d (%s)".formatted(pid, command);
    }
  }

  static Named named(long pid) {
    String command = ProcessHandle.of(pid)
        .flatMap(process -> process.info().commandLine())
        .orElse("not visible to this user");
    return new Named(pid, shortened(command));
  }

  /// A Java program is its main class and what comes after it.
  static String shortened(String command) {
    int main = command.indexOf(" dev.everfeed."); // an argument by itself, not a part of an agent's
    String shown = main > 0 ? command.substring(main + 1) : command;
    return shown.length() <= 80 ? shown : shown.substring(0, 80) + "…";
  }

  /// Who listens on a TCP port of this machine.
  static Optional<Named> listeningOn(int port) {
    Set<String> sockets = new HashSet<>();
    for (String table : List.of("tcp", "tcp6")) {
      sockets.addAll(listening(PROC.resolve("net").resolve(table), port));
    }
    return sockets.isEmpty() ? Optional.empty() : owner(sockets);
  }

  private static Set<String> listening(Path table, int port) {
    String suffix = ":%04X".formatted(port);
    Set<String> inodes = new HashSet<>();
    try {
      for (String line : Files.readAllLines(table)) {
        String[] parts = line.strip().split("\\s+", -1);
        if (parts.length > INODE
            && parts[STATE].equals(LISTENS)
            && parts[LOCAL].toUpperCase(Locale.ROOT).endsWith(suffix)) {
          inodes.add("socket:[" + parts[INODE] + "]");
        }
      }
    } catch (IOException _) {
      return Set.of(); // no such table here
    }
    return inodes;
  }

  private static Optional<Named> owner(Set<String> sockets) {
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
      for (Path process : processes) {
        if (has(process.resolve("fd"), sockets)) {
          return Optional.of(named(Long.parseLong(process.getFileName().toString())));
        }
      }
    } catch (IOException | NumberFormatException _) {
      return Optional.empty();
    }
    return Optional.empty();
  }

  private static boolean has(Path descriptors, Set<String> sockets) {
    try (DirectoryStream<Path> all = Files.newDirectoryStream(descriptors)) {
      for (Path descriptor : all) {
        if (isOneOf(descriptor, sockets)) {
          return true;
        }
      }
    } catch (IOException _) {
      return false; // of another user, or just gone
    }
    return false;
  }

  private static boolean isOneOf(Path descriptor, Set<String> sockets) {
    try {
      return sockets.contains(Files.readSymbolicLink(descriptor).toString());
    } catch (IOException _) {
      return false; // closed just now
    }
  }
}
