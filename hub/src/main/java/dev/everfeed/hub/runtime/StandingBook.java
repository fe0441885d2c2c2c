package dev.everfeed.hub.runtime;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.everfeed.core.engine.ControlInput;
import dev.everfeed.core.engine.FailoverPolicy;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.hub.api.StandingOrders;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What operators have ordered and not taken back, and the engine's part of it: it is told at the
/// start, and with every change. Owned by the tick loop; what it shows is for any thread.
///
/// Kept as one JSON object in a file that is replaced as a whole. What cannot be read of it is
/// said, and left out: a hub that does not start would be worse.
final class StandingBook {
  private static final Logger LOG = LoggerFactory.getLogger("everfeed.failover");
  private static final ObjectMapper JSON = new ObjectMapper();

  private final StreamPlan plan;
  private final Function<Symbol, FailoverPolicy> configured;
  private final HubClock clock;
  private final @Nullable StandingFile file;

  private StandingOrders.@Nullable Frozen frozen;
  private final Map<Symbol, StandingOrders.OwnPolicy> policies = new TreeMap<>();
  private final Map<Symbol, StandingOrders.Pinned> pinned = new TreeMap<>();
  private final Map<String, StandingOrders.Stopped> stopped = new TreeMap<>();

  /// Symbols that were not where they were pinned or frozen when the hub began, since that gateway
  /// was not there yet, as those of accounts: where they go once it is.
  private final Map<Symbol, String> awaiting = new TreeMap<>();

  private @Nullable String remark;
  private volatile StandingOrders shown;

  /// Why what is shown is not on the disk; null when it is.
  private volatile @Nullable String unkept;

  /// In a hub that nobody operates.
  static StandingBook none(StreamPlan plan, HubClock clock) {
    return new StandingBook(plan, _ -> FailoverPolicy.IMMEDIATE, clock, null);
  }

  /// Tells the engine.
  interface Engine {
    void tell(ControlInput input);
  }

  /// @param configured the policy of a symbol for which nothing is ordered, as things are
  /// @param folder     where it is kept; null where it ends with the process
  StandingBook(
      StreamPlan plan,
      Function<Symbol, FailoverPolicy> configured,
      HubClock clock,
      @Nullable Path folder) {
    this.plan = plan;
    this.configured = configured;
    this.clock = clock;
    this.file = folder == null ? null : new StandingFile(folder);
    if (file != null) {
      read(file);
    }
    this.shown = look();
  }

  // ---- what was ordered before

  private void read(StandingFile kept) {
    try {
      String text = kept.read();
      if (text != null) {
        take(JSON.readTree(text));
      }
    } catch (IOException | RuntimeException e) {
      frozen = null;
      policies.clear();
      pinned.clear();
      stopped.clear();
      remark =
          "what operators had ordered cannot be read (%s), so that nothing is frozen, pinned or stopped: %s"
              .formatted(kept.path(), e.getMessage());
      LOG.error("control: {}", remark);
      kept.putAside();
    }
  }

  private void take(JsonNode orders) {
    if (!orders.isObject()) {
      throw new IllegalArgumentException("it has no JSON object");
    }
    JsonNode cold = orders.path("frozen");
    if (!cold.isObject() && !cold.isNull() && !cold.isMissingNode()) {
      throw new IllegalArgumentException(
          "frozen must be an object or null, is " + cold.getNodeType());
    }
    if (cold.isObject()) {
      TreeMap<String, String> gateways = new TreeMap<>();
      JsonNode kept = cold.path("gateways");
      if (!kept.isObject() && !kept.isMissingNode()) {
        throw new IllegalArgumentException("gateways must be an object, is " + kept.getNodeType());
      }
      for (Map.Entry<String, JsonNode> each : kept.properties()) {
        if (isStreamed(Symbol.of(each.getKey()))) {
          gateways.put(each.getKey(), each.getValue().asText());
        }
      }
      frozen = new StandingOrders.Frozen(since(cold), cold.path("reason").textValue(), gateways);
    }
    for (JsonNode each : list(orders, "policies")) {
      Symbol symbol = Symbol.of(each.path("symbol").asText());
      if (isStreamed(symbol)) {
        policies.put(
            symbol, new StandingOrders.OwnPolicy(symbol.text(), policy(each), since(each)));
      }
    }
    for (JsonNode each : list(orders, "pinned")) {
      Symbol symbol = Symbol.of(each.path("symbol").asText());
      if (isStreamed(symbol)) {
        pinned.put(
            symbol,
            new StandingOrders.Pinned(symbol.text(), each.path("gateway").asText(), since(each)));
      }
    }
    for (JsonNode each : list(orders, "stopped")) {
      String gateway = each.path("gateway").asText();
      stopped.put(gateway, new StandingOrders.Stopped(gateway, since(each)));
    }
  }

  private static JsonNode list(JsonNode orders, String name) {
    JsonNode list = orders.path(name);
    if (!list.isArray() && !list.isMissingNode()) {
      throw new IllegalArgumentException(
          "%s must be a list, is %s".formatted(name, list.getNodeType()));
    }
    return list;
  }

  private static Instant since(JsonNode order) {
    return Instant.parse(order.path("since").asText());
  }

  private static FailoverPolicy policy(JsonNode order) {
    String name = order.path("policy").asText();
    return switch (name) {
      case "immediate" -> FailoverPolicy.IMMEDIATE;
      case "delayed" -> FailoverPolicy.delayed(order.path("delay_ms").longValue() * 1_000_000);
      case "manual" -> FailoverPolicy.MANUAL;
      case "shadow" -> FailoverPolicy.SHADOW;
      default -> throw new IllegalArgumentException("no policy is called \"%s\"".formatted(name));
    };
  }

  private boolean isStreamed(Symbol symbol) {
    boolean is = plan.contracts().contains(symbol);
    if (!is) {
      LOG.warn("control: an order for {} is left out, since it is not streamed any more", symbol);
    }
    return is;
  }

  /// Before anything else happens to the engine.
  void begin(Engine engine) {
    TreeSet<Integer> off = new TreeSet<>();
    for (String gateway : stopped.keySet()) {
      int place = plan.gateways().numberOf(gateway);
      if (place >= 0) {
        off.add(place);
      }
    }
    TreeMap<Integer, Integer> places = new TreeMap<>();
    if (frozen != null) {
      frozen.gateways().forEach((symbol, gateway) -> begin(Symbol.of(symbol), gateway, places));
    }
    pinned.forEach((symbol, order) -> begin(symbol, order.gateway(), places));
    if (!places.isEmpty() || !off.isEmpty()) {
      engine.tell(new ControlInput.Settle(places, off));
    }
    TreeSet<Symbol> held = new TreeSet<>(pinned.keySet());
    held.removeAll(awaiting.keySet());
    if (!held.isEmpty()) {
      engine.tell(new ControlInput.Pin(numbers(held), true));
    }
    policies.forEach((symbol, own) ->
        engine.tell(new ControlInput.Policy(numbers(List.of(symbol)), own.policy())));
    if (frozen != null) {
      engine.tell(new ControlInput.Freeze(true));
      LOG.warn("control: all automatic failover is frozen since {}", frozen.since());
    }
    changed();
  }

  private void begin(Symbol symbol, String gateway, Map<Integer, Integer> places) {
    int place = plan.gateways().numberOf(gateway);
    if (place >= 0) {
      places.put(number(symbol), place);
      awaiting.remove(symbol);
    } else {
      LOG.warn(
          "control: {} belongs to {}, which is not there now; it goes there once it is",
          symbol,
          gateway);
      awaiting.put(symbol, gateway);
    }
  }

  // ---- what could not be begun with

  /// Where symbols go once that gateway is there.
  Map<Symbol, String> awaiting() {
    return Collections.unmodifiableMap(awaiting);
  }

  /// What it is pinned to and waits for; null where it is not pinned, or is there.
  @Nullable
  String awaitedPin(Symbol symbol) {
    return pinned.containsKey(symbol) ? awaiting.get(symbol) : null;
  }

  /// An operator moves it elsewhere: it does not belong where it was.
  void isMoved(Symbol symbol) {
    if (awaiting.remove(symbol) != null) {
      changed();
    }
  }

  /// It is there now, and held there where it is pinned.
  void arrived(Symbol symbol, Engine engine) {
    LOG.info("control: {} is at {}, where it belongs", symbol, awaiting.remove(symbol));
    changed();
    if (pinned.containsKey(symbol)) {
      engine.tell(new ControlInput.Pin(numbers(List.of(symbol)), true));
    }
  }

  // ---- what is ordered now

  /// @param gateways where symbols are
  void freeze(@Nullable String reason, SortedMap<String, String> gateways, Engine engine) {
    TreeMap<String, String> places = new TreeMap<>(gateways);
    StandingOrders.Frozen before = frozen;
    awaiting.forEach((symbol, gateway) -> {
      // where it is pinned is for the pin to say
      String cold = before == null ? null : before.gateways().get(symbol.text());
      String place = pinned.containsKey(symbol) ? cold : gateway;
      if (place != null) {
        places.put(symbol.text(), place);
      }
    });
    frozen = new StandingOrders.Frozen(clock.now(), reason, places);
    LOG.warn("control: all automatic failover is frozen{}", reason == null ? "" : ": " + reason);
    engine.tell(new ControlInput.Freeze(true));
    changed();
  }

  /// What was on its way when all was frozen has arrived, or an operator has moved something.
  ///
  /// @param gateways where symbols are; one that is nowhere is left out, and is where it was
  /// @return whether that is new, and something is frozen
  boolean moved(SortedMap<String, String> gateways) {
    StandingOrders.Frozen before = frozen;
    if (before == null) {
      return false;
    }
    TreeMap<String, String> now = new TreeMap<>(gateways);
    awaiting.keySet().forEach(symbol -> now.remove(symbol.text())); // belongs where it was
    before.gateways().forEach(now::putIfAbsent);
    if (now.equals(before.gateways())) {
      return false;
    }
    frozen = new StandingOrders.Frozen(before.since(), before.reason(), now);
    changed();
    return true;
  }

  boolean isFrozen() {
    return frozen != null;
  }

  void unfreeze(Engine engine) {
    frozen = null;
    awaiting.keySet().retainAll(pinned.keySet());
    LOG.warn("control: automatic failover goes on");
    engine.tell(new ControlInput.Freeze(false));
    changed();
  }

  /// @param gateways where the symbols are
  void pin(Map<Symbol, String> gateways, Engine engine) {
    Instant now = clock.now();
    gateways.forEach((symbol, gateway) ->
        pinned.put(symbol, new StandingOrders.Pinned(symbol.text(), gateway, now)));
    awaiting.keySet().removeAll(gateways.keySet());
    LOG.warn("control: pinned: {}", gateways);
    engine.tell(new ControlInput.Pin(numbers(gateways.keySet()), true));
    changed();
  }

  /// A gateway is taken away for good, and nothing can be pinned to it any more.
  ///
  /// @return whether something was
  boolean left(String gateway, Engine engine) {
    List<Symbol> held = pinned.entrySet().stream()
        .filter(each -> each.getValue().gateway().equals(gateway))
        .map(Map.Entry::getKey)
        .toList();
    if (!held.isEmpty()) {
      unpin(held, engine);
    }
    if (awaiting.values().removeIf(gateway::equals)) {
      changed();
    }
    return !held.isEmpty();
  }

  void unpin(Collection<Symbol> symbols, Engine engine) {
    symbols.forEach(pinned::remove);
    symbols.forEach(symbol -> {
      if (awaiting.remove(symbol) != null && frozen != null) {
        String cold = frozen.gateways().get(symbol.text());
        if (cold != null) {
          awaiting.put(symbol, cold); // where it goes if it is not there
        }
      }
    });
    LOG.warn("control: not pinned any more: {}", symbols);
    engine.tell(new ControlInput.Pin(numbers(symbols), false));
    changed();
  }

  /// @param policy null for what is configured
  void policy(Collection<Symbol> symbols, @Nullable FailoverPolicy policy, Engine engine) {
    Instant now = clock.now();
    for (Symbol symbol : symbols) {
      if (policy == null) {
        policies.remove(symbol);
      } else {
        policies.put(symbol, new StandingOrders.OwnPolicy(symbol.text(), policy, now));
      }
    }
    LOG.warn(
        "control: policy of {}: {}",
        symbols,
        policy == null ? "as configured" : policy.kind().text());
    policies(engine);
    changed();
  }

  void stopped(String gateway) {
    stopped.put(gateway, new StandingOrders.Stopped(gateway, clock.now()));
    changed();
  }

  void started(String gateway) {
    if (stopped.remove(gateway) != null) {
      changed();
    }
  }

  boolean isStopped(String gateway) {
    return stopped.containsKey(gateway);
  }

  // ---- policies

  /// Each symbol's policy as it is ordered, else as it is configured: its best gateway may say
  /// when it leaves, and that may be another one than before.
  void policies(Engine engine) {
    Map<FailoverPolicy, TreeSet<Integer>> wanted = new LinkedHashMap<>();
    for (int contract = 0; contract < plan.contracts().size(); contract++) {
      Symbol symbol = plan.contracts().get(contract);
      StandingOrders.OwnPolicy own = policies.get(symbol);
      FailoverPolicy policy = own == null ? configured.apply(symbol) : own.policy();
      wanted.computeIfAbsent(policy, _ -> new TreeSet<>()).add(contract);
    }
    wanted.forEach((policy, contracts) -> engine.tell(new ControlInput.Policy(contracts, policy)));
  }

  private int number(Symbol symbol) {
    return plan.contracts().indexOf(symbol);
  }

  private TreeSet<Integer> numbers(Collection<Symbol> symbols) {
    TreeSet<Integer> numbers = new TreeSet<>();
    symbols.forEach(symbol -> numbers.add(number(symbol)));
    return numbers;
  }

  // ---- what is shown and kept

  private void changed() {
    shown = look();
  }

  private StandingOrders look() {
    return new StandingOrders(
        frozen,
        new ArrayList<>(policies.values()),
        new ArrayList<>(pinned.values()),
        new ArrayList<>(stopped.values()),
        texts(awaiting),
        file != null,
        remark);
  }

  private static SortedMap<String, String> texts(Map<Symbol, String> gateways) {
    TreeMap<String, String> texts = new TreeMap<>();
    gateways.forEach((symbol, gateway) -> texts.put(symbol.text(), gateway));
    return texts;
  }

  /// For any thread.
  StandingOrders shown() {
    StandingOrders all = shown;
    String why = unkept;
    return why == null ? all : marked(all, why);
  }

  /// Whether the last attempt to write failed; for any thread.
  boolean isUnkept() {
    return unkept != null;
  }

  private static StandingOrders marked(StandingOrders orders, String why) {
    return new StandingOrders(
        orders.frozen(),
        orders.policies(),
        orders.pinned(),
        orders.stopped(),
        orders.awaiting(),
        false,
        why);
  }

  /// Writes what is shown; blocks. For one thread at a time.
  ///
  /// @return what is shown, with a remark where it could not be kept
  StandingOrders keep(StandingOrders orders) {
    if (file == null) {
      return orders;
    }
    try {
      file.write(orders.json());
      if (unkept != null) {
        LOG.info("control: {} is written again", file.path());
        unkept = null;
      }
      return orders.durable() ? orders : shown;
    } catch (IOException e) {
      String why =
          "%s cannot be written (%s): what was ordered holds, and is forgotten with this process unless it can be written before"
              .formatted(file.path(), String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT));
      if (!why.equals(unkept)) {
        LOG.error("control: {}", why);
      }
      unkept = why;
      return marked(orders, why);
    }
  }
}
