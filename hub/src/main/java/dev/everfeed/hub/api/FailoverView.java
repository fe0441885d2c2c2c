package dev.everfeed.hub.api;

import dev.everfeed.core.engine.Failover;
import dev.everfeed.core.engine.FailoverPolicy;
import dev.everfeed.core.model.Decimal;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// One failover at a moment. Immutable; made by the runtime, published as an event and shown by
/// the API in the same words (REQUIREMENTS C4).
///
/// @param epoch          of the start of the hub that it belongs to
/// @param number         from 1 on within the epoch
/// @param result         [Failover.Result#SHADOW] from the beginning where nothing is to be done
/// @param from           the gateway that is left
/// @param to             the one that takes over; null where there is none
/// @param toPriority     null where there is none
/// @param contracts      all that it is about, by symbol
/// @param waiting        symbols that have moved and have not brought anything yet
/// @param trigger        what ailed
/// @param detectionNanos from the last sign of life to the moment at which it was known
/// @param switchNanos    from the decision to move to the first contract that has moved; -1
///     without one
/// @param durationNanos  from the moment at which it was known to the end; -1 before it
/// @param lost           events declared lost meanwhile; -1 where nothing proves it
/// @param ailingSince    when it was known that something ails
/// @param endedAt        null before the end
/// @param timeline       what was seen, decided and done, in the order of time
public record FailoverView(
    long epoch,
    long number,
    Failover.Kind kind,
    FailoverPolicy.Kind policy,
    State state,
    Failover.Result result,
    String from,
    int fromPriority,
    @Nullable String to,
    @Nullable Integer toPriority,
    List<Contract> contracts,
    List<String> waiting,
    String trigger,
    long detectionNanos,
    long switchNanos,
    long durationNanos,
    long lost,
    Instant ailingSince,
    Instant decidedAt,
    @Nullable Instant endedAt,
    List<Step> timeline) {

  /// Where it stands.
  public enum State {
    /// Its policy wants time to pass, or an operator.
    WAITING,
    /// Nothing is done, by its policy; it ends when what ails is well again.
    TOLD,
    MOVING,
    OVER;

    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /// One contract that it is about.
  ///
  /// @param nativeName as the venue that is left calls it
  /// @param moved      whether it has moved
  /// @param stayed     why it did not; null where it did, or may still
  public record Contract(
      String symbol,
      String nativeName,
      boolean moved,
      @Nullable String stayed) {}

  /// What was seen, decided or done at a moment.
  public record Step(Instant at, String text) {}

  public FailoverView {
    contracts = List.copyOf(contracts);
    waiting = List.copyOf(waiting);
    timeline = List.copyOf(timeline);
  }

  /// `EPOCH-NUMBER`: never used again, since every start of the hub has a larger epoch.
  public static String id(long epoch, long number) {
    return epoch + "-" + number;
  }

  public String id() {
    return id(epoch, number);
  }

  public boolean isOver() {
    return state == State.OVER;
  }

  /// Whether nothing happens unless an operator says so.
  public boolean waitsForOperator() {
    return state == State.WAITING && policy == FailoverPolicy.Kind.MANUAL;
  }

  public List<String> symbols() {
    return contracts.stream().map(Contract::symbol).toList();
  }

  public int moved() {
    return (int) contracts.stream().filter(Contract::moved).count();
  }

  boolean isOf(String symbol) {
    return contracts.stream().anyMatch(contract -> contract.symbol().equals(symbol));
  }

  /// The fields that events and answers share, into an object that is open.
  public JsonText fields(JsonText json) {
    json.field("failover_id", id())
        .field("kind", kind.text())
        .field("policy", policy.text())
        .field("result", result.text())
        .field("failed_gateway_id", from)
        .field("backup_gateway_id", to);
    list(
        json, "affected_contracts", contracts.stream().map(Contract::nativeName).toList());
    list(json, "symbols", symbols());
    list(
        json,
        "unmigrated_contracts",
        contracts.stream()
            .filter(contract -> contract.stayed() != null)
            .map(Contract::nativeName)
            .toList());
    list(json, "waiting_first_tick", waiting);
    millis(json, "failover_duration_ms", durationNanos);
    millis(json, "detection_ms", detectionNanos);
    millis(json, "switch_ms", switchNanos);
    if (lost < 0) {
      json.fieldNull("ticks_lost").field("gap_proof", "none");
    } else {
      json.field("ticks_lost", lost).field("gap_proof", "dense_ids");
    }
    json.key("metadata").open().field("primary_priority", fromPriority).key("backup_priority");
    if (toPriority == null) {
      json.nothing();
    } else {
      json.number(toPriority);
    }
    return json.field("contracts_migrated", moved())
        .field("health_trigger", trigger)
        .close();
  }

  /// As `/v1/failovers` shows it.
  ///
  /// @param whole with its timeline
  void write(JsonText json, boolean whole) {
    fields(json.open())
        .field("state", state.text())
        .field("ailing_since", ailingSince)
        .field("decided_at", decidedAt)
        .field("ended_at", endedAt)
        .key("stayed")
        .openList();
    for (Contract contract : contracts) {
      if (contract.stayed() != null) {
        json.open()
            .field("symbol", contract.symbol())
            .field("reason", contract.stayed())
            .close();
      }
    }
    json.closeList();
    if (whole) {
      json.key("timeline").openList();
      timeline.forEach(
          step -> json.open().field("at", step.at()).field("text", step.text()).close());
      json.closeList();
    }
    json.close();
  }

  private static void list(JsonText json, String name, Collection<String> values) {
    json.key(name).openList();
    values.forEach(json::value);
    json.closeList();
  }

  /// With microseconds behind the point; null for what is not known.
  static void millis(JsonText json, String name, long nanos) {
    if (nanos < 0) {
      json.fieldNull(name);
    } else {
      json.field(name, Decimal.of(nanos / 1_000, 3));
    }
  }
}
