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
    assertThat(look("one", "two", 0).getLast().what()).contains("is not the key of");
    assertThat(look("one", "three", 0).getLast().outcome()).isEqualTo(Finding.Outcome.FAIL);
  }

  /// As `openssl genrsa -traditional` and `openssl ecparam -genkey` write them: PKCS#8's inside.
  @Test
  void keysInTheirOlderFormsAreRead() throws Exception {
    for (String algorithm : List.of("RSA", "EC")) {
      make(algorithm, algorithm, 90);
      String text = Files.readString(key(algorithm));
      byte[] whole = Base64.getMimeDecoder().decode(text.replaceAll("-----[^-]*-----", ""));
      // SEQUENCE { version, algorithm, OCTET STRING }: the string's content is the end.
      int inner = algorithm.equals("RSA") ? 26 : whole.length - innerLength(whole);
      byte[] old = java.util.Arrays.copyOfRange(whole, inner, whole.length);
      pem(key(algorithm), algorithm + " PRIVATE KEY", old);
      assertThat(look(algorithm, algorithm, 0).getLast().what()).contains("belongs to it");
    }
  }

  /// Of a key on a curve: all is shorter than 128 bytes, so that every length is one byte.
  private static int innerLength(byte[] pkcs8) {
    int algorithm = 2 + 3; // after SEQUENCE's tag and length, and version
    if (pkcs8[1] < 0) {
      algorithm += pkcs8[1] & 0x7f;
    }
    int string = algorithm + 2 + pkcs8[algorithm + 1];
    int header = pkcs8[string + 1] < 0 ? 2 + (pkcs8[string + 1] & 0x7f) : 2;
    return pkcs8.length - string - header;
  }

  @Test
  void filesThatAreNoneOrOpenToAllAreFound() throws Exception {
    make("hub", "EC", 90);
    Files.setPosixFilePermissions(key("hub"), PosixFilePermissions.fromString("rw-r--r--"));
    assertThat(look("hub", "hub", 0).getLast().what()).contains("can be read by everybody");
    assertThat(look("none", "hub", 0).getFirst().outcome()).isEqualTo(Finding.Outcome.FAIL);
    Files.writeString(certificate("bad"), "not a certificate");
    assertThat(look("bad", "hub", 0).getFirst().outcome()).isEqualTo(Finding.Outcome.FAIL);
    Files.writeString(key("hub"), "-----BEGIN ENCRYPTED PRIVATE KEY-----\n");
    Files.setPosixFilePermissions(key("hub"), PosixFilePermissions.fromString("rw-------"));
    assertThat(look("hub", "hub", 0).getLast().what()).contains("no unencrypted PRIVATE KEY");
  }
}
