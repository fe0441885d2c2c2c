package dev.everfeed.app.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Certificates that the JDK's keytool has made, looked at on different days.
class CertificateCheckTest {
  @TempDir
  Path folder;

  private Path certificate(String name) {
    return new Keytool(folder).certificate(name);
  }

  private Path key(String name) {
    return new Keytool(folder).key(name);
  }

  private void make(String name, String algorithm, int days) throws Exception {
    new Keytool(folder).make(name, algorithm, days);
  }

  private List<Finding> look(String certificate, String key, int daysFromNow) {
    Instant then = Instant.now().plusSeconds(daysFromNow * 86_400L + 60);
    return new CertificateCheck(certificate(certificate), key(key), () -> then).look();
  }

  @Test
  void ageIsToldBeforeReadersRefuseTheCertificate() throws Exception {
    make("hub", "EC", 90);
    assertThat(look("hub", "hub", 0))
        .extracting(Finding::outcome)
        .containsExactly(Finding.Outcome.OK, Finding.Outcome.OK);
    assertThat(look("hub", "hub", 61).getFirst().outcome()).isEqualTo(Finding.Outcome.WARN);
    assertThat(look("hub", "hub", 61).getFirst().what()).contains("28 days left");
    assertThat(look("hub", "hub", 91).getFirst().outcome()).isEqualTo(Finding.Outcome.FAIL);
    assertThat(look("hub", "hub", 91).getFirst().what()).contains("CN=hub.test", "expired");
    assertThat(look("hub", "hub", -1).getFirst().what()).contains("not valid yet");
  }

  @Test
  void aKeyOfAnotherCertificateIsFound() throws Exception {
    make("one", "RSA", 90);
    make("two", "RSA", 90);
    make("three", "EC", 90);
    assertThat(look("one", "one", 0).getLast().outcome()).isEqualTo(Finding.Outcome.OK);
    assertThat(look("one", "two", 0).getLast().outcome()).isEqualTo(Finding.Outcome.FAIL);
    assertThat(look("one", "two", 0).getLast().what())
        .contains("is not that of the first certificate");
    assertThat(look("one", "three", 0).getLast().outcome()).isEqualTo(Finding.Outcome.FAIL);
  }

  @Test
  void filesThatAreNoneOrOpenToAllAreFound() throws Exception {
    make("hub", "EC", 90);
    Files.setPosixFilePermissions(key("hub"), PosixFilePermissions.fromString("rw-r--r--"));
    assertThat(look("hub", "hub", 0).getLast().what()).contains("chmod 600");
    assertThat(look("none", "hub", 0).getFirst().outcome()).isEqualTo(Finding.Outcome.FAIL);
    Files.writeString(certificate("bad"), "not a certificate");
    assertThat(look("bad", "hub", 0).getFirst().outcome()).isEqualTo(Finding.Outcome.FAIL);
    Files.writeString(key("hub"), "-----BEGIN ENCRYPTED PRIVATE KEY-----\n");
    Files.setPosixFilePermissions(key("hub"), PosixFilePermissions.fromString("rw-------"));
    assertThat(look("hub", "hub", 0).getLast().what())
        .contains("must have a key in PEM as PKCS #8");
  }
}
