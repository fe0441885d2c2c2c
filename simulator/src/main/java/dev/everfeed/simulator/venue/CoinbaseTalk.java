package dev.everfeed.simulator.venue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToLongFunction;

/// One connection to Coinbase Exchange's feed: subscribe, unsubscribe, and the venue's refusals.
///
/// A request with one unknown product or channel is refused as a whole. A new subscription of
/// `matches` begins with `last_match`, one of `ticker` with the last ticker.
final class CoinbaseTalk implements StreamTalk {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Set<String> PRIVATE = Set.of("level2", "level3", "full", "user");

  private final CoinbaseStreams venue;
  private final Map<String, Set<String>> products = new LinkedHashMap<>();
  private final Set<String> streams = new LinkedHashSet<>();

  /// A message that cannot be followed; the text is the venue's reason.
  private static final class Refusal extends Exception {
    private static final long serialVersionUID = 1;

    Refusal(String reason) {
      super(reason);
    }
  }

  CoinbaseTalk(CoinbaseStreams venue) {
    this.venue = venue;
  }

  @Override
  public Set<String> streams() {
    return streams;
  }

  @Override
  public String tell(StreamEvent event) {
    return event.data();
  }

  @Override
  public List<String> farewell(long nowMillis) {
    return List.of();
  }

  @Override
  public List<String> hear(String message, long nowMillis, ToLongFunction<String> upToMillis) {
    JsonNode request;
    try {
      request = JSON.readTree(message);
    } catch (JsonProcessingException notJson) {
      return List.of(error("Malformed JSON", "not JSON"));
    }
    String type = request.path("type").asText();
    try {
      return switch (type) {
        case "subscribe" -> subscribe(wanted(request, true), upToMillis);
        case "unsubscribe" -> unsubscribe(wanted(request, false));
        default -> List.of(error("Malformed JSON", "unknown type \"" + type + "\""));
      };
    } catch (Refusal refusal) {
      return List.of(error("Failed to " + type, String.valueOf(refusal.getMessage())));
    }
  }

  private List<String> subscribe(
      Map<String, Set<String>> wanted, ToLongFunction<String> upToMillis) {
    List<String> beginnings = new ArrayList<>();
    wanted.forEach((channel, names) -> {
      Set<String> had = products.computeIfAbsent(channel, _ -> new LinkedHashSet<>());
      for (String product : names) {
        if (had.add(product)) {
          long upTo = upToMillis.applyAsLong(CoinbaseStreams.stream(channel, product));
          String first = upTo == NOTHING ? null : venue.first(channel, product, upTo);
          if (first != null) {
            beginnings.add(first);
          }
        }
      }
    });
    List<String> answers = new ArrayList<>();
    answers.add(subscriptions());
    answers.addAll(beginnings);
    return answers;
  }

  /// Without products: the whole channel.
  private List<String> unsubscribe(Map<String, Set<String>> wanted) {
    wanted.forEach((channel, names) -> {
      Set<String> had = products.getOrDefault(channel, Set.of());
      if (names.isEmpty() || names.containsAll(had)) {
        products.remove(channel);
      } else {
        had.removeAll(names);
      }
    });
    return List.of(subscriptions());
  }

  /// Brings `streams` up to date, too.
  private String subscriptions() {
    streams.clear();
    JsonText out =
        new JsonText().object().text("type", "subscriptions").name("channels").array();
    products.forEach((channel, names) -> {
      out.object().text("name", channel).name("product_ids").array();
      for (String product : names) {
        out.raw(JSON.getNodeFactory().textNode(product).toString());
        streams.add(CoinbaseStreams.stream(channel, product));
      }
      out.endArray().endObject();
    });
    return out.endArray().endObject().toString();
  }

  private Map<String, Set<String>> wanted(JsonNode request, boolean productsNeeded) throws Refusal {
    Set<String> common = products(request.path("product_ids"));
    JsonNode channels = request.path("channels");
    if (!channels.isArray() || channels.isEmpty()) {
      throw new Refusal("No channels provided");
    }
    Map<String, Set<String>> wanted = new LinkedHashMap<>();
    for (JsonNode channel : channels) {
      String name = channel.isObject() ? channel.path("name").asText() : channel.asText();
      if (PRIVATE.contains(name)) {
        throw new Refusal(name + ": level2, level3, and full channels now require authentication");
      }
      if (!CoinbaseStreams.CHANNELS.contains(name)) {
        throw new Refusal(name + " is not a valid channel");
      }
      Set<String> names = new LinkedHashSet<>(common);
      names.addAll(products(channel.path("product_ids")));
      if (productsNeeded && names.isEmpty()) {
        throw new Refusal("No products provided for channel " + name);
      }
      wanted.computeIfAbsent(name, _ -> new LinkedHashSet<>()).addAll(names);
    }
    return wanted;
  }

  private Set<String> products(JsonNode ids) throws Refusal {
    Set<String> names = new LinkedHashSet<>();
    for (JsonNode id : ids) {
      if (!venue.lists(id.asText())) {
        throw new Refusal(id.asText() + " is not a valid product");
      }
      names.add(id.asText());
    }
    return names;
  }

  private static String error(String message, String reason) {
    return new JsonText()
        .object()
        .text("type", "error")
        .text("message", message)
        .raw("reason", JSON.getNodeFactory().textNode(reason).toString())
        .endObject()
        .toString();
  }
}
