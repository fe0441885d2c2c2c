package dev.everfeed.app.doctor;

import dev.everfeed.hub.config.Settings;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Looks whether a hub can run here with a configuration, or how one does that runs: every check
/// on a thread of its own, all of them within [#WITHIN]. It starts nothing and changes nothing.
public final class Doctor {
  /// For all checks together, which begin once the hub that may run here was asked, for 6 s at
  /// most; whoever waits at a terminal, or a start of a service, waits for it.
  public static final Duration WITHIN = Duration.ofSeconds(7);

  private Doctor() {}

  /// How a key is shown to a hub that runs.
  public interface Key {
    /// @throws IOException when it should be shown and is not there
    HttpRequest.Builder shownBy(HttpRequest.Builder request) throws IOException;
  }

  /// What can be said without a configuration: of the machine and its Java.
  public static List<Finding> lookAtMachine() {
    return run(List.of(new JavaCheck(), new TimeCheck()), WITHIN);
  }

  /// @param offline asks nobody outside this machine
  /// @param key     shown to the hub that runs here
  public static List<Finding> look(Settings settings, boolean offline, Key key) {
    RunningHub running = RunningHub.find(settings.http(), key);
    List<Check> checks = new ArrayList<>(List.of(
        new JavaCheck(),
        new TimeCheck(),
        new AccessCheck(settings),
        new LimitsCheck(settings),
        new PortsCheck(settings, running),
        new DataFolderCheck(settings, running),
        new DiskCheck(settings),
        new StoreCheck(settings, offline),
        new RetiredCheck(settings),
        new ClockCheck(settings, offline, InstantSource.system())));
    String certificate = settings.http().tls().certificateFile();
    String privateKey = settings.http().tls().keyFile();
    if (certificate != null && privateKey != null) {
      checks.add(
          new CertificateCheck(Path.of(certificate), Path.of(privateKey), InstantSource.system()));
    }
    List<Finding> findings = new ArrayList<>(run(checks, WITHIN));
    running.health().ifPresent(findings::add);
    return findings;
  }

  /// In the order of the checks. A check that fails, or has not ended in time, is a finding.
  static List<Finding> run(List<Check> checks, Duration within) {
    ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    try {
      Map<Check, Future<List<Finding>>> running = new LinkedHashMap<>();
      checks.forEach(check -> running.put(check, threads.submit(check::look)));
      long end = System.nanoTime() + within.toNanos();
      List<Finding> findings = new ArrayList<>();
      running.forEach((check, future) ->
          findings.addAll(ended(check, future, end - System.nanoTime(), within)));
      return findings;
    } finally {
      threads.shutdownNow(); // what hangs, in a file system for example, is not waited for
    }
  }

  private static List<Finding> ended(
      Check check, Future<List<Finding>> future, long nanos, Duration within) {
    try {
      return future.get(Math.max(0, nanos), TimeUnit.NANOSECONDS);
    } catch (TimeoutException _) {
      return List.of(Finding.fail(
          check.name(),
          "not done within %d s: what it looks at hangs".formatted(within.toSeconds()),
          "look whether the disk, or a file system of the network, answers"));
    } catch (ExecutionException e) {
      return List.of(Finding.fail(
          check.name(), "could not be looked at: " + e.getCause(), "what is named is the cause"));
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return List.of(Finding.skipped(check.name(), "interrupted"));
    }
  }
}
