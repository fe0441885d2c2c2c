package dev.everfeed.hub.store;

import dev.everfeed.hub.store.EmbeddedServerException.Reason;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// As whom the server's programs run: PostgreSQL refuses to be root.
///
/// An ordinary user runs them directly. Root becomes somebody else first: the user who owns the
/// data already, else `postgres`, else `nobody`, through `setpriv`; and where such a user
/// cannot reach the folder, a nameless user of a user namespace (`unshare -U`), who still is
/// root to the file system's owner checks and to nothing else. What works is found by trying
/// it.
///
/// @param prefix stands before every command
/// @param uid    who must own the data
/// @param label  for the log
record ServerAccount(List<String> prefix, int uid, String label) {
  private static final Duration TRIAL = Duration.ofSeconds(20);
  private static final int ROOT = 0;

  ServerAccount {
    prefix = List.copyOf(prefix);
  }

  /// @param folder where we may write
  /// @param server the program to try, beneath the folder that has to be reached
  /// @param data   the server's data, if there are any yet
  static ServerAccount choose(Path folder, Path server, Path data)
      throws EmbeddedServerException, InterruptedException {
    try {
      int self = ownUid(folder);
      if (self != ROOT) {
        return new ServerAccount(List.of(), self, "this user");
      }
      return forRoot(folder, server, data);
    } catch (IOException failure) {
      throw new EmbeddedServerException(
          Reason.FAILED, "embedded PostgreSQL: %s: %s".formatted(server, failure), failure);
    }
  }

  private static ServerAccount forRoot(Path folder, Path server, Path data)
      throws IOException, InterruptedException, EmbeddedServerException {
    List<String> refusals = new ArrayList<>();
    for (String user : candidates(data)) {
      Optional<String> uid = number("-u", user);
      if (uid.isEmpty()) {
        continue;
      }
      String gid = number("-g", user).orElse(uid.get());
      ServerAccount account = new ServerAccount(
          List.of("setpriv", "--reuid", uid.get(), "--regid", gid, "--clear-groups", "--"),
          Integer.parseInt(uid.get()),
          "user " + user);
      String refusal = account.refusal(server);
      if (refusal == null) {
        return account;
      }
      refusals.add("as user %s: %s".formatted(user, refusal));
    }
    ServerAccount nameless =
        new ServerAccount(List.of("unshare", "-U", "--"), ROOT, "a user namespace");
    String refusal = nameless.refusal(server);
    if (refusal == null) {
      return nameless;
    }
    refusals.add("in a user namespace: " + refusal);
    throw new EmbeddedServerException(
        Reason.NO_ACCOUNT,
        ("embedded PostgreSQL: it does not run as root, and no other way was found (%s). Run the"
                + " hub as an ordinary user who owns %s, or set store.url to a PostgreSQL of your"
                + " own.")
            .formatted(String.join("; ", refusals), data.getParent()));
  }

  private static LinkedHashSet<String> candidates(Path data) throws IOException {
    LinkedHashSet<String> users = new LinkedHashSet<>();
    if (Files.exists(data)) {
      int owner = uid(data);
      if (owner != ROOT) {
        users.add(Integer.toString(owner));
      }
    }
    users.add("postgres");
    users.add("nobody");
    return users;
  }

  private static Optional<String> number(String flag, String user)
      throws InterruptedException, IOException {
    if (user.chars().allMatch(Character::isDigit)) {
      return Optional.of(user);
    }
    ServerCommand.Result result = ServerCommand.run(List.of("id", flag, user), TRIAL);
    return result.succeeded() && result.output().chars().allMatch(Character::isDigit)
        ? Optional.of(result.output())
        : Optional.empty();
  }

  /// Why this account cannot run the server, or null.
  private @Nullable String refusal(Path server) throws InterruptedException {
    try {
      ServerCommand.Result result =
          ServerCommand.run(command(List.of(server.toString(), "-V")), TRIAL);
      return result.succeeded() ? null : "exit %d, %s".formatted(result.exit(), result.output());
    } catch (IOException failure) {
      return failure.getMessage();
    }
  }

  List<String> command(List<String> program) {
    List<String> whole = new ArrayList<>(prefix);
    whole.addAll(program);
    return whole;
  }

  /// Gives a tree to this account. The top is given last: it tells whether all has been done.
  void own(Path tree) throws IOException {
    if (uid(tree) == uid) {
      return;
    }
    Files.walkFileTree(tree, new SimpleFileVisitor<>() {
      @Override
      public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
          throws IOException {
        give(file);
        return FileVisitResult.CONTINUE;
      }

      @Override
      public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException failure)
          throws IOException {
        if (failure != null) {
          throw failure;
        }
        give(folder);
        return FileVisitResult.CONTINUE;
      }
    });
  }

  private void give(Path path) throws IOException {
    Files.setAttribute(path, "unix:uid", uid, LinkOption.NOFOLLOW_LINKS);
  }

  static int uid(Path path) throws IOException {
    return (Integer) Files.getAttribute(path, "unix:uid", LinkOption.NOFOLLOW_LINKS);
  }

  /// Who this process is to the file system.
  static int ownUid(Path writable) throws IOException {
    Path self = Path.of("/proc/self/");
    if (Files.isDirectory(self)) {
      return (Integer) Files.getAttribute(self, "unix:uid");
    }
    Path probe = Files.createTempFile(writable, "probe", null);
    try {
      return uid(probe);
    } finally {
      Files.delete(probe);
    }
  }
}
