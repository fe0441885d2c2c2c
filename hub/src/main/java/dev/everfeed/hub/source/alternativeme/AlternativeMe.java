package dev.everfeed.hub.source.alternativeme;

import dev.everfeed.core.model.Decimal;
import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Failure;
import dev.everfeed.core.model.Proof;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.hub.source.Content;
import dev.everfeed.hub.source.DecodeContext;
import dev.everfeed.hub.source.HttpAnswers;
import dev.everfeed.hub.source.HttpResult;
import dev.everfeed.hub.source.Outcome;
import dev.everfeed.hub.source.PolledSource;
import dev.everfeed.hub.source.SourceRequest;
import dev.everfeed.hub.source.SourceSettings;
import dev.everfeed.hub.source.UnsupportedQueryException;
import dev.everfeed.hub.source.Usage;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The Fear and Greed index of alternative.me, one value a day for the whole market: a
/// question about one symbol is answered with that.
public final class AlternativeMe implements PolledSource {
  private static final Decimal HUNDRED = Decimal.of(100);

  private final AlternativeMeDecoder decoder = new AlternativeMeDecoder();
  private final int bodyMaxBytes;

  public AlternativeMe(SourceSettings settings) {
    this.bodyMaxBytes = settings.bodyMaxBytes();
  }

  @Override
  public SourceId id() {
    return AlternativeMeDecoder.SOURCE;
  }

  @Override
  public @Nullable String exchange() {
    return null;
  }

  @Override
  public String attribution() {
    return "Fear & Greed Index by alternative.me";
  }

  @Override
  public String homepage() {
    return "https://alternative.me/crypto/fear-and-greed-index/";
  }

  @Override
  public String terms() {
    return "Free to use, also commercially, with the source named beside the data"
        + " (https://alternative.me/crypto/fear-and-greed-index/#api).";
  }

  @Override
  public Content content() {
    return Content.INDEX;
  }

  @Override
  public Set<Query.Kind> offers() {
    return Set.of(Query.Kind.SENTIMENT);
  }

  /// A day, stamped at its begin, and two hours until the next value is out.
  @Override
  public Duration usualInterval() {
    return Duration.ofHours(26);
  }

  /// Calls (wire/SPEC.md: about 60, unverified).
  @Override
  public int weightPerWindow() {
    return 60;
  }

  /// One value a day, told with its day.
  @Override
  public Map<Query.Kind, Proof> proofs() {
    return Map.of(
        Query.Kind.SENTIMENT, new Proof(true, true, true, Proof.Refill.NONE, "the latest"));
  }

  @Override
  public SourceRequest request(Query query) throws UnsupportedQueryException {
    if (query instanceof Query.Sentiments) {
      return probe();
    }
    throw new UnsupportedQueryException(id(), "offers no " + query.kind().text());
  }

  /// There is nothing cheaper than the value itself.
  @Override
  public SourceRequest probe() {
    return new SourceRequest("/fng/?limit=1&format=json", Map.of(), 1, bodyMaxBytes);
  }

  @Override
  public Outcome interpretProbe(HttpResult result) {
    return value(result);
  }

  @Override
  public Outcome interpret(Query query, List<Event> before, HttpResult result) {
    return query instanceof Query.Sentiments
        ? value(result)
        : HttpAnswers.unusable(
            Failure.Kind.NOT_OFFERED, id(), "offers no " + query.kind().text());
  }

  private Outcome value(HttpResult result) {
    Outcome outcome = HttpAnswers.read(
        id(), decoder, "sentiment", result, DecodeContext.NONE, (_, _) -> Optional.empty());
    if (!(outcome instanceof Outcome.Usable usable)) {
      return outcome;
    }
    List<Event> events = usable.events();
    if (events.isEmpty()) {
      return HttpAnswers.unusable(Failure.Kind.WRONG_DATA, id(), "answered with no value");
    }
    for (Event event : events) {
      Decimal value = ((Event.Sentiment) event).value();
      if (value.signum() < 0 || value.compareTo(HUNDRED) > 0) {
        return HttpAnswers.unusable(
            Failure.Kind.WRONG_DATA, id(), "the index must be 0 to 100, was " + value);
      }
    }
    return outcome;
  }

  /// alternative.me does not say how many calls are left.
  @Override
  public Usage usage(HttpResult result) {
    return Usage.UNKNOWN;
  }
}
