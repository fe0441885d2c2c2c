package dev.everfeed.app.doctor;

import dev.everfeed.hub.config.Settings;
import dev.everfeed.hub.store.DataDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;

/// Whether the hub can keep anything in its folder, and whether another one has it.
final class DataFolderCheck implements Check {
  private final Settings settings;
  private final RunningHub running;

  DataFolderCheck(Settings settings, RunningHub running) {
    this.settings = settings;
    this.running = running;
  }

  @Override
  public String name() {
    return "data_dir";
  }

  @Override
  public List<Finding> look() throws IOException {
    if (!settings.store().enabled()) {
      return List.of(Finding.skipped(name(), "nothing is kept (store.enabled is false)"));
    }
    Path folder = Path.of(settings.dataDir()).toAbsolutePath().normalize();
    if (!Files.exists(folder)) {
      return List.of(missing(folder));
    }
    if (!Files.isDirectory(folder)) {
      return List.of(Finding.fail(
          name(),
          folder + " is a file, and must be a folder",
          "another data_dir, or move it away"));
    }
    String owner = Files.getOwner(folder).getName();
    Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(folder);
    String shown =
        "%s (owner %s, %s)".formatted(folder, owner, PosixFilePermissions.toString(permissions));
    if (!isWritable(folder)) {
      return List.of(Finding.fail(
          name(),
          "%s cannot be written by user %s".formatted(shown, System.getProperty("user.name")),
          "`chown` it to the user that the hub runs as, run the hub as %s, or mount it writable"
              .formatted(owner)));
    }
    OptionalLong holder = DataDirectory.heldBy(folder);
    if (holder.isPresent()) {
      return List.of(held(shown, holder.getAsLong()));
    }
    if (permissions.contains(PosixFilePermission.OTHERS_WRITE)) {
      return List.of(Finding.warn(
          name(), shown + ": everybody may write in it", "`chmod 700 %s`".formatted(folder)));
    }
    return List.of(Finding.ok(name(), shown + " is writable, and no hub has it"));
  }

  private Finding held(String shown, long pid) {
    String who = pid < 0 ? "another process" : Processes.named(pid).toString();
    if (running.isUnproven()) {
      return Finding.warn(
          name(),
          "%s is used by %s: by the hub that runs, if that is who is there".formatted(shown, who),
          "what is said of hub");
    }
    return running.answers()
        ? Finding.ok(name(), "%s is used by the hub that runs, %s".formatted(shown, who))
        : Finding.fail(
            name(),
            "%s is locked by %s, and no hub answers on http.port %d"
                .formatted(shown, who, settings.http().port()),
            "one hub uses a folder: another data_dir for this one, or end that process");
  }

  private Finding missing(Path folder) {
    Path parent = folder;
    while (!Files.isDirectory(parent) && parent.getParent() != null) {
      parent = parent.getParent();
      if (Files.exists(parent) && !Files.isDirectory(parent)) {
        return Finding.fail(
            name(),
            "%s cannot be made: %s is a file".formatted(folder, parent),
            "another data_dir");
      }
    }
    return isWritable(parent)
        ? Finding.ok(name(), "%s is not there yet, and can be made".formatted(folder))
        : Finding.fail(
            name(),
            "%s is not there, and user %s may not make it in %s"
                .formatted(folder, System.getProperty("user.name"), parent),
            "make it, and `chown` it to the user that the hub runs as");
  }

  /// By trying it: permissions tell nothing about a file system that is mounted read-only.
  private static boolean isWritable(Path folder) {
    try {
      Files.delete(Files.createTempFile(folder, ".doctor", null));
      return true;
    } catch (IOException _) {
      return false;
    }
  }
}
