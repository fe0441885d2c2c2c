package dev.everfeed.hub.source;

import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Failure;
import dev.everfeed.core.model.SourceId;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What an HTTP status means for a source, the same for all of them (DESIGN section 7).
///
/// | status | kind |
/// |---|---|
/// | 2xx | none: the body decides |
/// | 3xx | undecodable: redirects are not followed |
/// | 408 | timeout |
/// | 418 | banned, with `Retry-After` |
/// | 429 | rate limited, with `Retry-After` |
/// | other 4xx | the caller's own |
/// | 5xx | server error |
///
/// A source's own exceptions to it stand in its adapter.
public final class HttpAnswers {
  /// Longest `Retry-After` that is believed: Binance's longest ban (rest-api.md, IP limits).
  static final Duration RETRY_AFTER_MAX = Duration.ofDays(3);

  private static final int EXCERPT_MAX = 200;

  private HttpAnswers() {}

  /// A source's own reading of its errors, where it differs from the table above.
  @FunctionalInterface
  public interface ErrorRule {
    /// @param status of the answer, also 2xx when the body states an error
    /// @param code   as the body states it, or null
    /// @return the kind, or empty to keep the table's
    Optional<Failure.Kind> kindOf(int status, @Nullable String code);
  }

  /// Decodes an answer and sorts out everything but a usable one: bad statuses, errors stated
  /// in the body, and bytes that are not a message of the kind.
  ///
  /// @return [Outcome.Usable] with the events as decoded; whether they can be believed is for
  ///     the caller to say
  public static Outcome read(
      SourceId source,
      WireDecoder decoder,
      String kind,
      HttpResult result,
      DecodeContext context,
      ErrorRule rule) {
    List<Event> events = List.of();
    Undecodable undecodable = null;
    try {
      events = decoder.decode(kind, result.body(), context);
    } catch (Undecodable e) {
      undecodable = e;
    }
    Optional<Event.ProviderError> stated = events.stream()
        .filter(Event.ProviderError.class::isInstance)
        .map(Event.ProviderError.class::cast)
        .findFirst();
    boolean good = result.status() >= 200 && result.status() < 300;
    if (!good || stated.isPresent()) {
      Optional<String> code = stated.map(Event.ProviderError::code);
      Failure.Kind failed = rule.kindOf(result.status(), code.orElse(null))
          .orElse(good ? Failure.Kind.SERVER_ERROR : kindOf(result.status()));
      String said = stated
          .map(e -> e.code() == null ? e.message() : e.message() + " (code " + e.code() + ")")
          .orElseGet(() -> beginning(result.body()));
      return new Outcome.Unusable(failure(failed, source, result, said));
    }
    if (undecodable != null) {
      return unusable(Failure.Kind.UNDECODABLE, source, "undecodable " + undecodable.getMessage());
    }
    return new Outcome.Usable(events);
  }

  private static Failure.Kind kindOf(int status) {
    return switch (status) {
      case 408 -> Failure.Kind.TIMEOUT;
      case 418 -> Failure.Kind.BANNED;
      case 429 -> Failure.Kind.RATE_LIMITED;
      default ->
        status >= 500
            ? Failure.Kind.SERVER_ERROR
            : status >= 400 ? Failure.Kind.CALLER : Failure.Kind.UNDECODABLE;
    };
  }

  private static Failure failure(
      Failure.Kind kind, SourceId source, HttpResult result, String said) {
    long retryAfterNanos = retryAfterNanos(result);
    StringBuilder text = new StringBuilder(source.name()).append(": HTTP ").append(result.status());
    if (retryAfterNanos > 0) {
      text.append(", retry after ").append(retryAfterNanos / 1_000_000_000).append(" s");
    }
    if (!said.isBlank()) {
      text.append(": ").append(excerpt(said));
    }
    return new Failure(kind, text.toString(), retryAfterNanos);
  }

  /// A failure of a body that should have been good.
  public static Outcome.Unusable unusable(Failure.Kind kind, SourceId source, String what) {
    return new Outcome.Unusable(Failure.of(kind, source + ": " + excerpt(what)));
  }

  /// `Retry-After` in seconds or as a date, which is read against the answer's own `Date`; 0
  /// when absent or not understood.
  static long retryAfterNanos(HttpResult result) {
    String text = result.header("retry-after").map(String::trim).orElse("");
    if (text.isEmpty()) {
      return 0;
    }
    if (text.chars().allMatch(c -> c >= '0' && c <= '9')) {
      long seconds = text.length() > 9 ? Long.MAX_VALUE : Long.parseLong(text);
      return Duration.ofSeconds(Math.min(seconds, RETRY_AFTER_MAX.toSeconds())).toNanos();
    }
    try {
      Instant until = httpDate(text);
      Instant now = httpDate(result.header("date").orElse(""));
      long seconds = Duration.between(now, until).toSeconds();
      return Duration.ofSeconds(Math.clamp(seconds, 0, RETRY_AFTER_MAX.toSeconds()))
          .toNanos();
    } catch (DateTimeException e) {
      return 0;
    }
  }

  /// When the source answered, by its own clock; empty when it does not say.
  public static Optional<Instant> date(HttpResult result) {
    try {
      return result.header("date").map(HttpAnswers::httpDate);
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  private static Instant httpDate(String text) {
    return DateTimeFormatter.RFC_1123_DATE_TIME.parse(text, Instant::from);
  }

  private static String beginning(byte[] body) {
    return excerpt(
        new String(body, 0, Math.min(body.length, 2 * EXCERPT_MAX), StandardCharsets.UTF_8));
  }

  /// One line of at most 200 characters, without control characters.
  static String excerpt(String text) {
    String line = text.strip().replaceAll("[\\p{Cntrl}\\s]+", " ");
    return line.length() <= EXCERPT_MAX ? line : line.substring(0, EXCERPT_MAX) + "…";
  }
}
