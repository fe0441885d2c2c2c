package dev.everfeed.simulator.check;

import dev.everfeed.core.guard.Priority;
import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.Served;
import dev.everfeed.core.request.Decision;
import dev.everfeed.core.request.Input;
import dev.everfeed.core.request.Reply;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// P22. Said, kept and served are the same: what is served or kept was said by a provider, in
/// this life of our process or before, and what a provider has just given a user is kept, once.
final class SaidBySomebody extends Invariant {
  private final Said said;
  private final List<Served> keptNow = new ArrayList<>();

  /// Thousands of a herd get the same.
  private @Nullable Served lookedAt;

  SaidBySomebody(Checks checks) {
    super("P22", "what is served or kept was said by a provider, and new answers are kept", checks);
    this.said = checks.said();
  }

  @Override
  void input(Input input, long now) {
    keptNow.clear();
  }

  @Override
  void decision(Decision decision, long now) {
    switch (decision) {
      case Decision.Keep keep -> {
        look("kept", keep.served(), now);
        boolean again = keptNow.stream()
            .anyMatch(one -> one.query().equals(keep.served().query())
                && one.source().equals(keep.served().source()));
        if (again || keep.served().query() instanceof Query.Listings) {
          broken("kept again, or not to be kept: " + keep.served(), now);
        }
        keptNow.add(keep.served());
      }
      case Decision.Answer(long id, Reply.Value value) -> {
        if (value.served() != lookedAt) {
          look("served", value.served(), now);
          isKept(id, value, now);
          lookedAt = value.served();
        }
      }
      default -> {}
    }
  }

  private void look(String what, Served served, long now) {
    for (Event event : served.events()) {
      if (!said.has(event)) {
        broken("%s for %s, and nobody said it: %s".formatted(what, served.query(), event), now);
      }
    }
  }

  private void isKept(long id, Reply.Value value, long now) {
    Ledger.Made ended = ledger.ending();
    Ledger.Request request = ledger.request(id);
    boolean fresh = ledger.current() instanceof Input.Answered
        && request != null
        && request.ask.priority() == Priority.USER
        && ended != null
        && ended.source().equals(value.served().source())
        && value.served().receivedAtNanos() == now;
    if (fresh && keptNow.isEmpty()) {
      broken("request %d got what was not kept: %s".formatted(id, value.served()), now);
    }
  }
}
