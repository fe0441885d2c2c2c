package dev.everfeed.hub.source.coinbase;

import static dev.everfeed.hub.source.Answers.answer;
import static org.assertj.core.api.Assertions.assertThat;

import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Query;
import dev.everfeed.hub.source.HttpResult;
import dev.everfeed.hub.source.Outcome;
import dev.everfeed.hub.source.PolledSource;
import dev.everfeed.hub.source.SourceRequest;
import dev.everfeed.hub.source.UnsupportedQueryException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/// One question asked to its end, as the hub does it: request, answer, and on while there is
/// more.
final class Conversation {
  private static final int REQUESTS_MOST = 50;

  final List<String> paths = new ArrayList<>();
  final Outcome outcome;
  int weight;

  private Conversation(PolledSource source, Query query, Function<String, HttpResult> venue)
      throws UnsupportedQueryException {
    SourceRequest request = source.request(query);
    List<Event> before = List.of();
    while (true) {
      paths.add(request.path());
      weight += request.weight();
      assertThat(paths).hasSizeLessThanOrEqualTo(REQUESTS_MOST);
      Outcome answer = source.interpret(query, before, venue.apply(request.path()));
      if (!(answer instanceof Outcome.More(List<Event> events, SourceRequest next))) {
        outcome = answer;
        return;
      }
      before = events;
      request = next;
    }
  }

  /// @param venue answers each path
  static Conversation of(PolledSource source, Query query, Function<String, HttpResult> venue)
      throws UnsupportedQueryException {
    return new Conversation(source, query, venue);
  }

  /// @param bodies of the answers, all of status 200, in the order of the requests
  static Conversation of(PolledSource source, Query query, String... bodies)
      throws UnsupportedQueryException {
    List<String> left = new ArrayList<>(List.of(bodies));
    Conversation conversation =
        new Conversation(source, query, _ -> answer(200, left.removeFirst()));
    assertThat(left).isEmpty();
    return conversation;
  }
}
