package dev.everfeed.hub.source.kraken;

import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Failure;
import dev.everfeed.hub.source.DecodeContext;
import dev.everfeed.hub.source.Undecodable;
import dev.everfeed.hub.source.WireDecoder;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// Kraken's stated errors, told as one.
///
/// They come as a list of texts and with HTTP 200 (support article 360001491786, API error
/// messages), so their text decides what kind of failure they are. Where there are several, the
/// one that concerns most does: that we are too fast, then that the venue is unwell, then that
/// the question was wrong.
final class KrakenErrors implements WireDecoder {
  private static final List<Failure.Kind> BY_CONCERN = List.of(
      Failure.Kind.BANNED,
      Failure.Kind.RATE_LIMITED,
      Failure.Kind.SERVER_ERROR,
      Failure.Kind.CALLER);

  private final WireDecoder decoder;

  KrakenErrors(WireDecoder decoder) {
    this.decoder = decoder;
  }

  @Override
  public Set<String> kinds() {
    return decoder.kinds();
  }

  /// As the decoder itself, but one error for all that the answer states.
  @Override
  public List<Event> decode(String kind, byte[] bytes, DecodeContext context) throws Undecodable {
    List<Event> events = decoder.decode(kind, bytes, context);
    return events.size() > 1 && events.getFirst() instanceof Event.ProviderError
        ? List.of(new Event.ProviderError(
            KrakenRestDecoder.SOURCE,
            null,
            texts(events).stream().collect(Collectors.joining("; "))))
        : events;
  }

  /// What kind of failure an answer is; empty where its status alone decides.
  Optional<Failure.Kind> kindOf(int status, byte[] body) {
    if (status == 418 || status == 429) {
      return Optional.empty();
    }
    Optional<Failure.Kind> stated = stated(body).stream()
        .map(KrakenErrors::kindOf)
        .min(Comparator.comparingInt(BY_CONCERN::indexOf));
    // the firewall in front of it answers 403 to those whom it takes for robots in a hurry
    return stated.isEmpty() && status == 403 ? Optional.of(Failure.Kind.RATE_LIMITED) : stated;
  }

  private List<String> stated(byte[] body) {
    try {
      return texts(decoder.decode("rest_error", body, DecodeContext.NONE));
    } catch (Undecodable e) {
      return List.of(); // a page of the firewall, or nothing: its status says what it is
    }
  }

  private static List<String> texts(List<Event> events) {
    return events.stream()
        .filter(Event.ProviderError.class::isInstance)
        .map(e -> ((Event.ProviderError) e).message())
        .toList();
  }

  /// A lockout lasts some 15 minutes, and calls during it prolong it (the article named above).
  /// What is not known is taken for the venue's trouble.
  private static Failure.Kind kindOf(String error) {
    if (error.startsWith("EGeneral:Temporary lockout")) {
      return Failure.Kind.BANNED;
    }
    if (error.contains("Too many requests")
        || error.contains("Rate limit exceeded")
        || error.startsWith("EService:Throttled")) {
      return Failure.Kind.RATE_LIMITED;
    }
    boolean ours = error.startsWith("EQuery:")
        || error.startsWith("EAPI:")
        || error.startsWith("EGeneral:Invalid arguments")
        || error.startsWith("EGeneral:Unknown method")
        || error.startsWith("EGeneral:Permission denied");
    return ours ? Failure.Kind.CALLER : Failure.Kind.SERVER_ERROR;
  }
}
