package dev.everfeed.hub.access;

import dev.everfeed.hub.config.ConfigurationException;
import dev.everfeed.hub.config.HttpSettings;
import dev.everfeed.hub.config.Mistake;
import dev.everfeed.hub.config.Settings;
import dev.everfeed.hub.config.StreamSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Who may ask the hub, as its files say it now: the keys, and the certificate it shows.
///
/// [#refresh] reads what has changed and blocks; one thread at a time calls it. All else is for any
/// thread, and never blocks. What cannot be read any more stays as it was last known, and is told
/// by [#faults]: a file that is being replaced locks nobody out, and lets nobody in.
public final class Access {
  private static final Logger LOG = LoggerFactory.getLogger("everfeed.access");

  private final HttpSettings settings;
  private final @Nullable KeyFile file;
  private final @Nullable Path chain;
  private final @Nullable Path chainKey;
  private final boolean local;

  private GuardedFile.Mark keysSeen = GuardedFile.Mark.ABSENT;
  private List<GuardedFile.Mark> certificateSeen = List.of();
  private volatile ApiKeys keys = ApiKeys.NONE;
  private volatile boolean needed;
  private volatile @Nullable Certificate certificate;
  private volatile @Nullable Certificate offered;
  private volatile @Nullable String keysFault;
  private volatile @Nullable String certificateFault;

  private Access(HttpSettings settings, @Nullable KeyFile file, boolean local) {
    this.settings = settings;
    this.file = file;
    this.local = local;
    chain =
        settings.tls().certificateFile() == null ? null : Path.of(settings.tls().certificateFile());
    chainKey = settings.tls().keyFile() == null ? null : Path.of(settings.tls().keyFile());
  }

  /// Everybody of this machine, without any file.
  public static Access local(HttpSettings settings) {
    return new Access(settings, null, true);
  }

  /// Reads what there is. Blocks.
  ///
  /// @throws ConfigurationException when the hub would listen where others can reach it and
  ///     nobody needs a key, or a file cannot be used
  public static Access open(Settings all, String configuration) {
    HttpSettings http = all.http();
    // behind a proxy it is others who ask, wherever it listens
    boolean local = isLoopback(http.host()) && !http.behindProxy();
    Access access = new Access(http, new KeyFile(keysPath(all)), local);
    List<Mistake> mistakes = new ArrayList<>();
    try {
      access.readKeys();
    } catch (AccessException e) {
      mistakes.add(new Mistake("http.keys_file", "", String.valueOf(e.getMessage())));
    } catch (IOException e) {
      mistakes.add(new Mistake(
          "http.keys_file", "", "%s cannot be read: %s".formatted(keysPath(all), e.getMessage())));
    }
    if (http.keysFile() != null && mistakes.isEmpty() && access.keys.isEmpty()) {
      mistakes.add(new Mistake(
          "http.keys_file",
          "",
          "%s has no key, and would leave everything open; `everfeed keys create --name NAME --role admin` with the same --config makes one"
              .formatted(keysPath(all))));
    }
    try {
      access.certificate = access.readCertificate();
    } catch (AccessException e) {
      mistakes.add(new Mistake("http.tls", "", String.valueOf(e.getMessage())));
    }
    if (!access.local && mistakes.isEmpty() && access.keys.isEmpty()) {
      mistakes.add(new Mistake(
          "http.host",
          "",
          "%s can be reached from other machines (or http.behind_proxy says so), and then everybody needs a key; there is none in %s; `everfeed keys create --name NAME --role reader` with the same --config makes one, or take 127.0.0.1"
              .formatted(http.host(), keysPath(all))));
    }
    mistakes.addAll(mistakesOfZeroMq(all));
    if (!mistakes.isEmpty()) {
      throw new ConfigurationException(configuration, mistakes);
    }
    access.needed = !access.local || !access.keys.isEmpty();
    access.tell();
    return access;
  }

  private static List<Mistake> mistakesOfZeroMq(Settings all) {
    StreamSettings.ZeroMq zeromq = all.stream().zeromq();
    if (!all.stream().enabled() || !zeromq.enabled()) {
      return List.of();
    }
    String file = zeromq.curve().keyFile();
    if (file != null) {
      try {
        CurveKeys.read(Path.of(file));
      } catch (AccessException e) {
        return List.of(
            new Mistake("stream.zeromq.curve.key_file", "", String.valueOf(e.getMessage())));
      }
    } else if (!isLoopback(zeromq.host())) {
      return List.of(new Mistake(
          "stream.zeromq.host",
          "",
          "%s can be reached from other machines, and then readers need keys (CURVE): set stream.zeromq.curve, for which `everfeed keys curve FILE` makes key pairs, or take 127.0.0.1, or enabled: false"
              .formatted(zeromq.host())));
    }
    return List.of();
  }

  /// The file of the keys that a configuration names.
  public static Path keysPath(Settings all) {
    String named = all.http().keysFile();
    return named == null ? KeyFile.under(Path.of(all.dataDir())) : Path.of(named);
  }

  private static boolean isLoopback(String host) {
    try {
      return Arrays.stream(InetAddress.getAllByName(host)).allMatch(InetAddress::isLoopbackAddress);
    } catch (UnknownHostException e) {
      return false; // listening will say what is wrong with it
    }
  }

  private void tell() {
    if (needed) {
      LOG.info("access: everybody needs a key; {} are known", keys.all().size());
    }
    if (isPlain()) {
      LOG.warn(
          "access: {} is neither encrypted nor behind a proxy: keys of readers are taken, orders and keys of operators and admins are refused; set http.tls, or http.behind_proxy",
          settings.host());
    }
  }

  // ---- what is known

  /// Whether who shows no key is refused.
  public boolean isKeyNeeded() {
    return needed;
  }

  /// Whether what is sent here can be read on its way.
  public boolean isPlain() {
    return !local && chain == null && !settings.behindProxy();
  }

  /// Whether only this machine can reach it.
  public boolean isLocal() {
    return local;
  }

  public HttpSettings settings() {
    return settings;
  }

  /// Whose key a text is, good or not.
  public Optional<ApiKey> holder(String text) {
    return keys.holder(text);
  }

  /// As it is now.
  public Optional<ApiKey> key(String id) {
    return keys.byId(id);
  }

  public List<ApiKey> keys() {
    return keys.all();
  }

  /// What is shown to who connects; empty without TLS.
  public Optional<Certificate> certificate() {
    return Optional.ofNullable(certificate);
  }

  /// What a person has to look after.
  ///
  /// @param now by which a certificate is over
  public List<String> faults(Instant now) {
    List<String> faults = new ArrayList<>();
    String ofKeys = keysFault;
    if (ofKeys != null) {
      faults.add("access: " + ofKeys + "; the keys that were known before stay in force");
    }
    String ofCertificate = certificateFault;
    if (ofCertificate != null) {
      faults.add("access: " + ofCertificate + "; the certificate before it stays in use");
    }
    Certificate shown = certificate;
    if (shown != null && !now.isBefore(shown.notAfter())) {
      faults.add("access: the certificate of %s is over since %s; clients refuse it"
          .formatted(shown.subject(), shown.notAfter()));
    } else if (shown != null && now.isBefore(shown.notBefore())) {
      faults.add("access: the certificate of %s begins only at %s; clients refuse it"
          .formatted(shown.subject(), shown.notBefore()));
    }
    return faults;
  }

  // ---- what changes

  /// Reads what has changed since the last time.
  ///
  /// @return whether there is another certificate: who shows it says with [#taken] or [#notTaken]
  ///     what became of it
  public boolean refresh() {
    refreshKeys();
    return refreshCertificate();
  }

  private void refreshKeys() {
    KeyFile of = file;
    boolean same = of != null && GuardedFile.Mark.of(of.path()).equals(keysSeen);
    if (of == null || (same && keysFault == null)) {
      return;
    }
    try {
      ApiKeys before = keys;
      boolean had = !keys.isEmpty();
      GuardedFile.Mark mark = GuardedFile.Mark.of(of.path());
      if (had && mark.equals(GuardedFile.Mark.ABSENT)) {
        throw new AccessException(
            "the file of the API keys %s is gone; bring it back, or revoke keys with `keys revoke`"
                .formatted(of.path()));
      }
      readKeys();
      if (!keys.isEmpty() && !needed) {
        LOG.warn("access: there are keys in {}: from now on everybody needs one", of.path());
        needed = true;
      }
      LOG.info("access: {} keys are known now: {}", keys.all().size(), keys.since(before));
      keysFault = null;
    } catch (AccessException | IOException e) {
      String said = e instanceof AccessException
          ? String.valueOf(e.getMessage())
          : "%s cannot be read: %s".formatted(of.path(), e.getMessage());
      if (!said.equals(keysFault)) {
        LOG.error("access: {}; the keys that were known before stay in force", said);
      }
      keysFault = said;
    }
  }

  private void readKeys() throws IOException, AccessException {
    KeyFile of = file;
    if (of == null) {
      return;
    }
    // looked at before it is read: what is written in between is read again
    GuardedFile.Mark mark = GuardedFile.Mark.of(of.path());
    keys = of.read();
    keysSeen = mark;
  }

  private boolean refreshCertificate() {
    if (chain == null
        || chainKey == null
        || (marks(chain, chainKey).equals(certificateSeen) && certificateFault == null)) {
      return false;
    }
    try {
      offered = readCertificate();
      return true;
    } catch (AccessException e) {
      String said = String.valueOf(e.getMessage());
      if (!said.equals(certificateFault)) {
        LOG.error("access: {}; the certificate before it stays in use", said);
      }
      certificateFault = said;
      return false;
    }
  }

  private @Nullable Certificate readCertificate() throws AccessException {
    if (chain == null || chainKey == null) {
      return null;
    }
    List<GuardedFile.Mark> marks = marks(chain, chainKey);
    Certificate read = Certificate.read(chain, chainKey);
    certificateSeen = marks;
    return read;
  }

  /// What is to be shown next, after [#refresh] has said so.
  public Optional<Certificate> offered() {
    return Optional.ofNullable(offered);
  }

  /// What was offered is shown.
  public void taken() {
    certificate = offered;
    certificateFault = null;
    LOG.info("access: {} is shown from now on", certificate);
  }

  /// What was offered cannot be shown; it is offered again.
  public void notTaken(String why) {
    String said = "the new certificate cannot be used: " + why;
    if (!said.equals(certificateFault)) {
      LOG.error("access: {}; the certificate before it stays in use", said);
    }
    certificateFault = said;
  }

  private static List<GuardedFile.Mark> marks(Path chain, Path key) {
    return List.of(GuardedFile.Mark.of(chain), GuardedFile.Mark.of(key));
  }
}
