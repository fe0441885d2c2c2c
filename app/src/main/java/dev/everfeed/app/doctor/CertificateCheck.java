package dev.everfeed.app.doctor;

import dev.everfeed.hub.access.AccessException;
import dev.everfeed.hub.access.Certificate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/// The certificate that the hub shows to readers, and the key that belongs to it, as PEM files:
/// not yet or no longer valid, soon to end, not belonging together, or open to others.
final class CertificateCheck implements Check {
  private static final Duration SOON = Duration.ofDays(30);

  private final Path certificateFile;
  private final Path keyFile;
  private final InstantSource clock;

  CertificateCheck(Path certificateFile, Path keyFile, InstantSource clock) {
    this.certificateFile = certificateFile;
    this.keyFile = keyFile;
    this.clock = clock;
  }

  @Override
  public String name() {
    return "certificate";
  }

  @Override
  public List<Finding> look() {
    List<Finding> findings = new ArrayList<>();
    try (var in = Files.newInputStream(certificateFile)) {
      List<X509Certificate> chain =
          CertificateFactory.getInstance("X.509").generateCertificates(in).stream()
              .map(X509Certificate.class::cast)
              .toList();
      if (chain.isEmpty()) {
        return List.of(Finding.fail(
            name(),
            certificateFile + " has no certificate",
            "a PEM file, the hub's own certificate first"));
      }
      for (X509Certificate each : chain) {
        findings.add(age(each));
      }
    } catch (IOException | CertificateException e) {
      return List.of(Finding.fail(
          name(),
          "%s cannot be read as a certificate: %s".formatted(certificateFile, e),
          "a PEM file that the hub's user may read"));
    }
    findings.add(key());
    return findings;
  }

  private Finding age(X509Certificate certificate) {
    Instant now = clock.instant();
    Instant from = certificate.getNotBefore().toInstant();
    Instant to = certificate.getNotAfter().toInstant();
    String who = "%s: %s, valid from %s to %s"
        .formatted(certificateFile, certificate.getSubjectX500Principal(), from, to);
    if (now.isBefore(from)) {
      return Finding.fail(name(), who + ": not valid yet", "look at this machine's clock, or wait");
    }
    if (now.isAfter(to)) {
      return Finding.fail(
          name(),
          who + ": expired, readers refuse it",
          "renew it; the hub reads the new files by itself");
    }
    long days = Duration.between(now, to).toDays();
    return Duration.between(now, to).compareTo(SOON) < 0
        ? Finding.warn(
            name(),
            who + ": %d days left".formatted(days),
            "renew it; the hub reads the new files by itself")
        : Finding.ok(name(), who + ": %d days left".formatted(days));
  }

  /// As the hub will read them.
  private Finding key() {
    try {
      Certificate.read(certificateFile, keyFile);
      return Finding.ok(name(), "%s belongs to it".formatted(keyFile));
    } catch (AccessException e) {
      return Finding.fail(
          name(),
          String.valueOf(e.getMessage()),
          "the two files of one certificate, its own first in its file, the key for the hub's user alone");
    }
  }
}
