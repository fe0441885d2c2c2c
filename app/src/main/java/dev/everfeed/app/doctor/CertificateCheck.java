package dev.everfeed.app.doctor;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The certificate that the hub shows to readers, and the key that belongs to it, as PEM files:
/// not yet or no longer valid, soon to end, not belonging together, or open to others.
final class CertificateCheck implements Check {
  private static final Duration SOON = Duration.ofDays(30);
  private static final Pattern KEY = Pattern.compile(
      "-----BEGIN (RSA |EC |)PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END \\1PRIVATE KEY-----");
  private static final String REMEDY_PAIR =
      "the two files of one certificate, its own first in its file";

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
    X509Certificate certificate;
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
      certificate = chain.getFirst();
      for (X509Certificate each : chain) {
        findings.add(age(each));
      }
    } catch (IOException | CertificateException e) {
      return List.of(Finding.fail(
          name(),
          "%s cannot be read as a certificate: %s".formatted(certificateFile, e),
          "a PEM file that the hub's user may read"));
    }
    findings.add(key(certificate.getPublicKey()));
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

  private Finding key(PublicKey publicKey) {
    try {
      if (Files.getPosixFilePermissions(keyFile).contains(PosixFilePermission.OTHERS_READ)) {
        return Finding.warn(
            name(),
            "%s can be read by everybody on this machine".formatted(keyFile),
            "`chmod 600 %s`".formatted(keyFile));
      }
      return belongs(privateKey(Files.readString(keyFile), publicKey), publicKey)
          ? Finding.ok(name(), "%s belongs to it".formatted(keyFile))
          : mismatch();
    } catch (GeneralSecurityException _) {
      return mismatch(); // of another kind, or damaged
    } catch (IOException e) {
      return Finding.fail(
          name(),
          "%s cannot be read: %s".formatted(keyFile, e),
          "a PEM file that the hub's user may read");
    }
  }

  private Finding mismatch() {
    return Finding.fail(
        name(), "%s is not the key of %s".formatted(keyFile, certificateFile), REMEDY_PAIR);
  }

  /// What is signed with the one is verified with the other, or they are no pair.
  private static boolean belongs(PrivateKey key, PublicKey publicKey)
      throws GeneralSecurityException {
    byte[] message = new byte[32];
    new SecureRandom().nextBytes(message);
    String algorithm = switch (publicKey.getAlgorithm()) {
      case "RSA" -> "SHA256withRSA";
      case "EC" -> "SHA256withECDSA";
      default -> publicKey.getAlgorithm();
    };
    Signature signs = Signature.getInstance(algorithm);
    signs.initSign(key);
    signs.update(message);
    byte[] signature = signs.sign();
    Signature verifies = Signature.getInstance(algorithm);
    verifies.initVerify(publicKey);
    verifies.update(message);
    return verifies.verify(signature);
  }

  /// PKCS#8, or the older forms of one algorithm (RFC 8017 A.1.2, RFC 5915), which are PKCS#8's
  /// inner part: around it goes the algorithm, as the certificate has it.
  private static PrivateKey privateKey(String pem, PublicKey publicKey)
      throws GeneralSecurityException, IOException {
    Matcher block = KEY.matcher(pem);
    if (!block.find()) {
      throw new IOException("it has no unencrypted PRIVATE KEY");
    }
    byte[] der = Base64.getMimeDecoder().decode(block.group(2));
    byte[] whole = block.group(1).isEmpty() ? der : wrapped(der, publicKey.getEncoded());
    return KeyFactory.getInstance(publicKey.getAlgorithm())
        .generatePrivate(new PKCS8EncodedKeySpec(whole));
  }

  /// @param spki SubjectPublicKeyInfo (RFC 5280, 4.1): a sequence that begins with the algorithm
  private static byte[] wrapped(byte[] key, byte[] spki) throws IOException {
    ByteArrayInputStream in = new ByteArrayInputStream(spki);
    in.read();
    length(in);
    int begin = spki.length - in.available();
    in.read();
    int end = length(in) + spki.length - in.available();
    ByteArrayOutputStream inner = new ByteArrayOutputStream();
    inner.write(new byte[] {2, 1, 0}); // version 0
    inner.write(spki, begin, end - begin);
    inner.write(tagged(4, key));
    return tagged(0x30, inner.toByteArray());
  }

  private static int length(ByteArrayInputStream in) {
    int first = in.read();
    if (first < 0x80) {
      return first;
    }
    int length = 0;
    for (int i = 0; i < (first & 0x7f); i++) {
      length = length << 8 | in.read();
    }
    return length;
  }

  private static byte[] tagged(int tag, byte[] content) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(tag);
    int length = content.length;
    if (length < 0x80) {
      out.write(length);
    } else {
      out.write(0x82);
      out.write(length >> 8);
      out.write(length);
    }
    out.write(content);
    return out.toByteArray();
  }
}
