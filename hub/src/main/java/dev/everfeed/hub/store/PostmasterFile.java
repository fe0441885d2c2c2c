package dev.everfeed.hub.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// What a PostgreSQL server writes about itself into `postmaster.pid` in its data folder.
///
/// The lines: process id, data folder, start time, port, socket folder, listen address, shared
/// memory, status (PostgreSQL source, src/include/utils/pidfile.h). The later lines come as the
/// start goes on.
///
/// @param port   0 while unknown
/// @param status `starting`, `ready`, `stopping`, `standby`, or empty
record PostmasterFile(long pid, int port, String status) {
  private static final String NAME = "postmaster.pid";
  private static final int PORT_LINE = 3;
  private static final int STATUS_LINE = 7;

  static Optional<PostmasterFile> read(Path data) throws IOException {
    List<String> lines;
    try {
      lines = Files.readAllLines(data.resolve(NAME));
    } catch (NoSuchFileException none) {
      return Optional.empty();
    }
    long pid = number(lines, 0);
    if (pid <= 0) {
      return Optional.empty();
    }
    String status = lines.size() > STATUS_LINE ? lines.get(STATUS_LINE).strip() : "";
    return Optional.of(new PostmasterFile(pid, (int) number(lines, PORT_LINE), status));
  }

  private static long number(List<String> lines, int index) {
    try {
      return lines.size() > index ? Long.parseLong(lines.get(index).strip()) : 0;
    } catch (NumberFormatException notOne) {
      return 0;
    }
  }

  boolean ready() {
    return status.equals("ready") && port > 0;
  }

  /// Is that process alive, and a PostgreSQL of this data folder? A number alone says nothing:
  /// after a restart of the machine it belongs to somebody else.
  boolean isServerOf(Path data) {
    return isAlive(pid)
        && ProcessHandle.of(pid)
            .map(ProcessHandle::info)
            .filter(info -> info.arguments()
                .filter(arguments -> Arrays.asList(arguments).contains(data.toString()))
                .isPresent())
            .flatMap(info -> info.commandLine())
            .filter(line -> line.contains("postgres"))
            .isPresent();
  }

  /// A process that has ended and was not yet fetched by its parent is not alive.
  static boolean isAlive(long pid) {
    if (ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isEmpty()) {
      return false;
    }
    try {
      String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
      int state = stat.lastIndexOf(')') + 2;
      return state >= stat.length() || (stat.charAt(state) != 'Z' && stat.charAt(state) != 'X');
    } catch (IOException unreadable) {
      // No /proc here, or gone just now.
      return ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isPresent();
    }
  }

  /// Lets the next server take no notice of a process that has the number and is not a server of
  /// this folder, or is dead and was not yet fetched by its parent. Does nothing without a file.
  ///
  /// PostgreSQL takes a file with its parent's number for a left-over and goes on to its second
  /// test, whether the old shared memory is still in use (CreateLockFile in
  /// src/backend/utils/init/miscinit.c). Deleting the file would take away that test as well.
  static void disown(Path data) throws IOException {
    Path file = data.resolve(NAME);
    if (!Files.exists(file)) {
      return;
    }
    List<String> lines = new ArrayList<>(Files.readAllLines(file));
    if (!lines.isEmpty()) {
      lines.set(0, Long.toString(ProcessHandle.current().pid()));
      Files.write(file, lines);
    }
  }
}
