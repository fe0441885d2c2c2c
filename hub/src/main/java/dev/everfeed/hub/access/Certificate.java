package dev.everfeed.hub.access;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.util.Base64;
import java.util.Collection;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A chain of certificates with the key of its first, read from two PEM files and held against
/// each other. Immutable.
public final class Certificate {
  private static final int MOST_BYTES = 1 << 18;
  private static final Pattern KEY = Pattern.compile(
      "-----BEGIN ([A-Z0-9 ]*)PRIVATE KEY-----([A-Za-z0-9+/=\\s]*)-----END \\1PRIVATE KEY-----");

  private final String chainPem;
  private final String keyPem;
  private final X509Certificate first;

  private Certificate(String chainPem, String keyPem, X509Certificate first) {
    this.chainPem = chainPem;
    this.keyPem = keyPem;
    this.first = first;
  }

  /// Blocks.
  ///
  /// @throws AccessException when one of them cannot be read, is none, is open to
  ///     others (the key), or they do not belong together
  public static Certificate read(Path chain, Path key) throws AccessException {
    String chainPem = text(chain, "http.tls.certificate_file", false);
    String keyPem = text(key, "http.tls.key_file", true);
    X509Certificate first = first(chain, chainPem);
    String algorithm = first.getPublicKey().getAlgorithm();
    if (!algorithm.equals("RSA") && !algorithm.equals("EC")) {
      throw new AccessException(
          "http.tls.certificate_file %s: must be for a key of RSA or an elliptic curve (P-256, P-384), which every client takes, is for %s"
              .formatted(chain, algorithm));
    }
    PrivateKey own = privateKey(key, keyPem, algorithm);
    if (!belong(first.getPublicKey(), own)) {
      throw new AccessException(
          "http.tls: the key in %s is not that of the first certificate in %s (%s); take the key that the certificate was made for, and the server's own certificate first in the file"
              .formatted(key, chain, first.getSubjectX500Principal()));
    }
    return new Certificate(chainPem, keyPem, first);
  }

  private static String text(Path file, String what, boolean secret) throws AccessException {
    try {
      if (secret) {
        return GuardedFile.read(file, what, MOST_BYTES);
      }
      if (Files.size(file) > MOST_BYTES) {
        throw new AccessException("%s %s: may have %,d bytes, has %,d"
            .formatted(what, file, MOST_BYTES, Files.size(file)));
      }
      return Files.readString(file);
    } catch (NoSuchFileException e) {
      throw new AccessException("%s %s: there is no such file".formatted(what, file));
    } catch (IOException e) {
      throw new AccessException("%s %s: cannot be read: %s".formatted(what, file, e.getMessage()));
    }
  }

  private static X509Certificate first(Path file, String pem) throws AccessException {
    try {
      Collection<? extends java.security.cert.Certificate> chain = CertificateFactory.getInstance(
              "X.509")
          .generateCertificates(new ByteArrayInputStream(pem.getBytes(StandardCharsets.UTF_8)));
      if (chain.iterator().hasNext() && chain.iterator().next() instanceof X509Certificate found) {
        return found;
      }
    } catch (GeneralSecurityException e) {
      // told below; the exception's own words name parts of the encoding
    }
    throw new AccessException(
        "http.tls.certificate_file %s: must have certificates in PEM (BEGIN CERTIFICATE), the server's own first, has none that can be read"
            .formatted(file));
  }

  private static PrivateKey privateKey(Path file, String pem, String algorithm)
      throws AccessException {
    Matcher found = KEY.matcher(pem);
    String kind = found.find() ? found.group(1).strip() : "none";
    if (!kind.isEmpty()) {
      throw new AccessException(
          "http.tls.key_file %s: must have a key in PEM as PKCS #8 without a passphrase (BEGIN PRIVATE KEY), found %s; `openssl pkcs8 -topk8 -nodes -in OLD -out NEW` makes one"
              .formatted(file, kind.equals("none") ? "none" : "BEGIN " + kind + " PRIVATE KEY"));
    }
    try {
      byte[] encoded = Base64.getMimeDecoder().decode(found.group(2));
      return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(encoded));
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw new AccessException(
          "http.tls.key_file %s: must have a key of the certificate's kind, %s, and has not"
              .formatted(file, algorithm));
    }
  }

  /// Signs something with the one and looks with the other.
  private static boolean belong(PublicKey publicKey, PrivateKey privateKey) {
    String algorithm = publicKey.getAlgorithm().equals("RSA") ? "SHA256withRSA" : "SHA256withECDSA";
    try {
      byte[] text = "everfeed".getBytes(StandardCharsets.US_ASCII);
      Signature signing = Signature.getInstance(algorithm);
      signing.initSign(privateKey);
      signing.update(text);
      Signature looking = Signature.getInstance(algorithm);
      looking.initVerify(publicKey);
      looking.update(text);
      return looking.verify(signing.sign());
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  /// The chain as the file has it.
  public String chainPem() {
    return chainPem;
  }

  /// The private key as the file has it.
  public String keyPem() {
    return keyPem;
  }

  public Instant notBefore() {
    return first.getNotBefore().toInstant();
  }

  public Instant notAfter() {
    return first.getNotAfter().toInstant();
  }

  /// Whose it is, as it stands in the certificate.
  public String subject() {
    return first.getSubjectX500Principal().getName();
  }

  @Override
  public String toString() {
    return "certificate of %s, good to %s".formatted(subject(), notAfter());
  }
}
