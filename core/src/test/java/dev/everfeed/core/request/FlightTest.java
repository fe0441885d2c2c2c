package dev.everfeed.core.request;

import static org.assertj.core.api.Assertions.assertThat;

import dev.everfeed.core.guard.Priority;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.request.Flight.Waiter;
import java.util.List;
import org.junit.jupiter.api.Test;

class FlightTest {
  private final Flight flight =
      new Flight(Query.Prices.of(ChainBench.BTC), ChainBench.route(), List.of());

  @Test
  void itIsAsUrgentAsTheMostUrgentOfThoseWhoWait() {
    assertThat(flight.priority()).as("it keeps the memory fresh").isEqualTo(Priority.REFRESH);
    flight.join(new Waiter(1, Priority.BACKFILL, 10));
    assertThat(flight.priority()).isEqualTo(Priority.BACKFILL);
    flight.join(new Waiter(2, Priority.USER, 20));
    flight.join(new Waiter(3, Priority.REFRESH, 30));
    assertThat(flight.priority()).isEqualTo(Priority.USER);
    flight.leave(2);
    assertThat(flight.priority()).isEqualTo(Priority.REFRESH);
  }

  @Test
  void itIsKnownWhetherAUserWaitsAndUntilWhen() {
    assertThat(flight.userWaits()).isFalse();
    assertThat(flight.latestDeadlineNanos()).isEqualTo(Long.MIN_VALUE);
    flight.join(new Waiter(1, Priority.REFRESH, 50));
    assertThat(flight.userWaits()).isFalse();
    assertThat(flight.latestUserDeadlineNanos()).isEqualTo(Long.MIN_VALUE);
    flight.join(new Waiter(2, Priority.USER, 20));
    flight.join(new Waiter(3, Priority.USER, 30));
    flight.join(new Waiter(4, Priority.USER, 25));
    assertThat(flight.latestUserDeadlineNanos()).isEqualTo(30);
    assertThat(flight.latestDeadlineNanos()).isEqualTo(50);
    assertThat(flight.waiters()).extracting(Waiter::requestId).containsExactly(1L, 2L, 3L, 4L);
    for (long request = 2; request <= 4; request++) {
      assertThat(flight.userWaits()).isTrue();
      assertThat(flight.leave(request)).isNotNull();
      assertThat(flight.leave(request)).as("once").isNull();
    }
    flight.leave(1);
    assertThat(flight.userWaits()).isFalse();
    assertThat(flight.waiters()).isEmpty();
  }
}
