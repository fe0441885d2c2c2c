package dev.everfeed.hub.access;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;

/// Certificates of a test, for localhost, in files.
public record Pem(Path chain, Path key, X509Bundle bundle) {

  public static Pem write(Path folder, String name, Instant notBefore, Instant notAfter)
      throws Exception {
    return write(folder, name, notBefore, notAfter, CertificateBuilder.Algorithm.ecp256);
  }

  public static Pem write(
      Path folder,
      String name,
      Instant notBefore,
      Instant notAfter,
      CertificateBuilder.Algorithm algorithm)
      throws Exception {
    X509Bundle bundle = new CertificateBuilder()
        .algorithm(algorithm)
        .subject("CN=" + name)
        .addSanDnsName("localhost")
        .notBefore(notBefore)
        .notAfter(notAfter)
        .setIsCertificateAuthority(true)
        .buildSelfSigned();
    Path chain = folder.resolve(name + ".pem");
    Path key = folder.resolve(name + ".key");
    Files.writeString(chain, bundle.getCertificatePathPEM());
    Files.deleteIfExists(key);
    Files.writeString(key, bundle.getPrivateKeyPEM());
    Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
    return new Pem(chain, key, bundle);
  }
}
