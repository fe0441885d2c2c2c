package dev.everfeed.core.engine;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/// Which gateways have the same content, and so are lines of each other: a small number for each
/// content, the same for as long as nobody else needs it, and [#NONE] for a place where nobody
/// is. Owned by the [StreamEngine].
final class Contents {
  static final int NONE = -1;

  private final GatewayPlan[] plans;
  private final int[] byGateway;

  /// By number: the type of the gateways that have it, or had it last.
  private final @Nullable String[] types;

  private final long[] sisters;
  private boolean haveLines;

  Contents(List<GatewayPlan> plans) {
    this.plans = plans.toArray(GatewayPlan[]::new);
    this.byGateway = new int[plans.size()];
    Arrays.fill(byGateway, NONE);
    this.types = new String[plans.size()];
    this.sisters = new long[plans.size()];
    for (int gateway = 0; gateway < plans.size(); gateway++) {
      byGateway[gateway] = numberOf(plans.get(gateway), _ -> {});
    }
    compare();
  }

  boolean isAnother(int gateway, GatewayPlan next) {
    return plans[gateway].isAnother(next);
  }

  /// Another gateway comes to a place.
  ///
  /// @param reused is told of a number that meant another content until now
  void put(int gateway, GatewayPlan next, IntConsumer reused) {
    plans[gateway] = next;
    byGateway[gateway] = NONE;
    byGateway[gateway] = numberOf(next, reused);
    compare();
  }

  private int numberOf(GatewayPlan plan, IntConsumer reused) {
    if (plan == GatewayPlan.VACANT) {
      return NONE;
    }
    int known = Arrays.asList(types).indexOf(plan.type());
    if (known >= 0) {
      return known;
    }
    int free = firstFree();
    if (types[free] != null) {
      reused.accept(free);
    }
    types[free] = plan.type();
    return free;
  }

  /// One that meant nothing yet, else one that nobody has now: there are as many as places.
  private int firstFree() {
    int fresh = Arrays.asList(types).indexOf(null);
    for (int number = 0; fresh < 0 && number < types.length; number++) {
      int wanted = number;
      if (Arrays.stream(byGateway).noneMatch(each -> each == wanted)) {
        fresh = number;
      }
    }
    return Objects.checkIndex(fresh, types.length);
  }

  private void compare() {
    haveLines = false;
    for (int one = 0; one < byGateway.length; one++) {
      sisters[one] = 0;
      for (int other = 0; other < byGateway.length; other++) {
        boolean same = byGateway[one] != NONE && byGateway[one] == byGateway[other];
        sisters[one] |= same ? 1L << other : 0;
        haveLines |= same && one != other;
      }
    }
  }

  int of(int gateway) {
    return byGateway[gateway];
  }

  int[] byGateway() {
    return byGateway.clone();
  }

  /// A bit for each gateway with the content of one, itself among them.
  long sisters(int gateway) {
    return sisters[gateway];
  }

  /// Whether a gateway has the content of another one.
  boolean haveLines() {
    return haveLines;
  }
}
