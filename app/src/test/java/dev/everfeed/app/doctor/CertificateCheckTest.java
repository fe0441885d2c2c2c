package dev.everfeed.app.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Certificates that the JDK's keytool has made, looked at on different days.
class CertificateCheckTest {
  private static final char[] PASSWORD = "changeit".toCharArray();

  @TempDir
  Path folder;

  private Path certificate(String name) {
    return folder.resolve(name + ".crt");
  }

  private Path key(String name) {
    return folder.resolve(name + ".key");
  }

  /// Valid from now on.
  private void make(String name, String algorithm, int days) throws Exception {
    Path store = folder.resolve(name + ".p12");
    List<String> command = new ArrayList<>(List.of(
        Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
        "-genkeypair",
        "-alias",
        "hub",
        "-dname",
        "CN=hub.test",
        "-storetype",
        "PKCS12",
        "-keystore",
        store.toString(),
        "-storepass",
        new String(PASSWORD),
        "-keyalg",
        algorithm,
        "-validity",
        Integer.toString(days)));
    Process keytool = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(keytool.waitFor()).as(said).isZero();
    KeyStore made = KeyStore.getInstance(store.toFile(), PASSWORD);
    pem(certificate(name), "CERTIFICATE", made.getCertificate("hub").getEncoded());
    pem(key(name), "PRIVATE KEY", made.getKey("hub", PASSWORD).getEncoded());
    Files.setPosixFilePermissions(key(name), PosixFilePermissions.fromString("rw-------"));
  }

  private static void pem(Path file, String what, byte[] der) throws IOException {
    Files.writeString(
        file,
        "-----BEGIN %s-----\n%s\n-----END %s-----\n"
            .formatted(
                what, Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der), what));
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
