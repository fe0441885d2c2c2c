package dev.everfeed.hub.access;

import dev.everfeed.hub.config.Secret;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.zeromq.ZMQ;

/// A pair of keys of CurveZMQ (ZeroMQ RFC 26), of the publisher or of a reader, in a file of two
/// lines, `public: …` and `secret: …`, each key as 40 characters of Z85 (ZeroMQ RFC 32).
///
/// @param publicKey for everybody: readers have the publisher's, the publisher its readers'
/// @param secretKey for its owner alone
public record CurveKeys(String publicKey, Secret secretKey) {
  /// What a key looks like.
  public static final String FORM = "[0-9A-Za-z.:+=^!/*?&<>()\\[\\]{}@%$#-]{40}";

  private static final String WHAT = "the file of a CURVE key pair";
  private static final Pattern FILE =
      Pattern.compile("public: (" + FORM + ")\\nsecret: (" + FORM + ")\\n?");

  /// A new pair.
  public static CurveKeys make() {
    ZMQ.Curve.KeyPair made = ZMQ.Curve.generateKeyPair();
    return new CurveKeys(made.publicKey, new Secret(made.secretKey));
  }

  /// Blocks.
  ///
  /// @throws AccessException when it is none, or others may read it
  public static CurveKeys read(Path file) throws AccessException {
    String text;
    try {
      text = GuardedFile.read(file, WHAT, 4_096);
    } catch (NoSuchFileException e) {
      throw new AccessException("%s %s: there is no such file; `everfeed keys curve %s` makes one"
          .formatted(WHAT, file, file));
    } catch (IOException e) {
      throw new AccessException("%s %s: cannot be read: %s".formatted(WHAT, file, e.getMessage()));
    }
    Matcher found = FILE.matcher(text.replace("\r\n", "\n"));
    if (!found.matches()) {
      throw new AccessException(
          "%s %s: must have the lines public: KEY and secret: KEY, as `everfeed keys curve` writes them, and has not"
              .formatted(WHAT, file));
    }
    return new CurveKeys(found.group(1), new Secret(found.group(2)));
  }

  /// Writes a new file for its owner alone. Blocks.
  ///
  /// @throws AccessException when there is one already: who has the other half would be locked
  /// out
  public void write(Path file) throws IOException, AccessException {
    boolean posix = file.getFileSystem().supportedFileAttributeViews().contains("posix");
    FileAttribute<?>[] mode = posix
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
        }
        : new FileAttribute<?>[0];
    String text = "public: %s%nsecret: %s%n".formatted(publicKey, secretKey.reveal());
    try (var channel = Files.newByteChannel(
        file, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), mode)) {
      channel.write(java.nio.ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
    } catch (FileAlreadyExistsException e) {
      throw new AccessException(
          "%s %s: is there already; move it away, or name another one".formatted(WHAT, file));
    }
  }
}
