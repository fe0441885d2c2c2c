package dev.everfeed.hub.api;

import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Proof;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.hub.source.BarRules;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The lists: `/v1/sources`, `/v1/gateways`, `/v1/instruments`. Everything here runs on the
/// server's event loop.
final class Lists {
  static final int INSTRUMENTS_USUAL = 100;
  static final int INSTRUMENTS_MAX = 1_000;

  private static final Comparator<Event.Listing> ORDER = Comparator.comparing(Event.Listing::source)
      .thenComparing(Event.Listing::symbol)
      .thenComparing(Event.Listing::nativeName);

  private @Nullable Map<SourceId, List<Event.Listing>> indexed;
  private List<Event.Listing> index = List.of();

  static String routes(HubView view, List<StreamRouteView> streams) {
    JsonText json = new JsonText().open().key("routes").openList();
    for (RouteView route : view.routes()) {
      json.open().field("kind", route.kind().text()).field("fetch", route.fetch());
      json.key("providers").openList();
      route
          .calls()
          .forEach((source, calls) -> json.open()
              .field("source", source.name())
              .field("exchange", view.source(source).map(SourceView::exchange).orElse(null))
              .field("calls", calls)
              .close());
      json.closeList();
      if (route.saved() < 0) {
        json.fieldNull("calls_saved");
      } else {
        json.field("calls_saved", route.saved());
      }
      json.close();
    }
    json.closeList().key("streams").openList();
    streams.forEach(stream -> stream.write(json));
    return json.closeList().close().toString();
  }

  static String sources(HubView view) {
    JsonText json = new JsonText().open().key("sources").openList();
    for (SourceView source : view.sources()) {
      var usual = source.usualInterval();
      json.open()
          .field("id", source.id().name())
          .field("exchange", source.exchange())
          .field("content", source.content().text())
          .field("attribution", source.attribution())
          .field("host", source.host())
          .field("enabled", source.enabled())
          .key("offers")
          .open();
      for (Query.Kind kind : Query.Kind.values()) {
        Integer place = source.offers().get(kind);
        if (place != null) {
          json.key(kind.text()).open().key("priority");
          if (place > 0) {
            json.number(place);
          } else {
            json.nothing();
          }
          Proof proof = source.proofs().get(kind);
          if (proof != null) {
            json.key("proof")
                .open()
                .field("identity", proof.identity())
                .field("dense", proof.dense())
                .field("ordered", proof.ordered())
                .field("refill", proof.refill().text())
                .field("depth", proof.depth())
                .close();
          }
          json.close();
        }
      }
      json.close();
      BarRules bars = source.bars();
      json.key("bars");
      if (bars == null) {
        json.nothing();
      } else {
        json.open().key("intervals").openList();
        bars.offered().keySet().forEach(interval -> json.value(interval.text()));
        json.closeList().field("empty_intervals", bars.emptyIntervals());
        if (bars.reach() == Integer.MAX_VALUE) {
          json.fieldNull("reach");
        } else {
          json.field("reach", bars.reach());
        }
        json.close();
      }
      if (usual == null) {
        json.fieldNull("usual_interval_ms");
      } else {
        json.field("usual_interval_ms", usual.toMillis());
      }
      json.close();
    }
    return json.closeList().close().toString();
  }

  static String gateways(HubView view) {
    JsonText json = new JsonText().open().key("gateways").openList();
    for (SourceView source : view.sources()) {
      HealthPages.gateway(json, source, GatewayHealth.of(source, view));
    }
    for (StreamView gateway : view.streaming()) {
      HealthPages.gateway(json, gateway, GatewayHealth.of(gateway), view);
    }
    return json.closeList().close().toString();
  }

  /// One page of what trades where, ordered by source, symbol and the venue's own name, so that
  /// a cursor stays right when instruments come and go between two pages.
  String instruments(Parameters parameters, HubView view) {
    Optional<String> source = parameters.text("source");
    Optional<String> quote = parameters.text("quote");
    int limit = parameters.limit(INSTRUMENTS_USUAL, INSTRUMENTS_MAX);
    source.ifPresent(name -> requireSource(name, view));
    reindex(view);
    int at = parameters.text("cursor").map(this::after).orElse(0);
    JsonText json = new JsonText().open().key("instruments").openList();
    int count = 0;
    String next = null;
    Event.Listing last = null;
    for (; at < index.size(); at++) {
      Event.Listing listing = index.get(at);
      boolean wanted = source.map(listing.source().name()::equals).orElse(true)
          && quote.map(listing.quote()::equals).orElse(true);
      if (!wanted) {
        continue;
      }
      if (count == limit) {
        next = cursorOf(last == null ? listing : last);
        break;
      }
      count++;
      last = listing;
      json.open()
          .field("symbol", listing.symbol().text())
          .field("exchange", listing.exchange())
          .field("source", listing.source().name())
          .field("native", listing.nativeName())
          .field("base", listing.base())
          .field("quote", listing.quote())
          .field("status", listing.status() == null ? null : listing.status().text())
          .close();
    }
    return json.closeList().field("next_cursor", next).close().toString();
  }

  private static void requireSource(String name, HubView view) {
    List<String> known = view.sources().stream().map(s -> s.id().name()).toList();
    if (!known.contains(name)) {
      throw Problem.listing(
          400,
          "unknown-source",
          "The source is not known",
          "source \"%s\" is not known; known: %s"
              .formatted(Parameters.shown(name), String.join(", ", known)),
          known,
          known.size());
    }
  }

  // The runtime gives another map when something changed; comparing thousands of listings on every
  // request would cost more than the sort it saves.
  @SuppressWarnings("ReferenceEquality")
  private void reindex(HubView view) {
    if (indexed != view.instruments()) {
      List<Event.Listing> all = new ArrayList<>();
      view.instruments().values().forEach(all::addAll);
      all.sort(ORDER);
      index = all;
      indexed = view.instruments();
    }
  }

  private static String cursorOf(Event.Listing listing) {
    String key = listing.source() + "|" + listing.symbol() + "|" + listing.nativeName();
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(key.getBytes(StandardCharsets.UTF_8));
  }

  /// Index of the first listing after the one that the cursor names.
  private int after(String cursor) {
    String[] key;
    try {
      key =
          new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.UTF_8).split("\\|", 3);
    } catch (IllegalArgumentException e) {
      key = new String[0];
    }
    if (key.length != 3) {
      throw Problem.badParameter("cursor must be the next_cursor of an earlier answer, was \"%s\""
          .formatted(Parameters.shown(cursor)));
    }
    int low = 0;
    int high = index.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (compare(index.get(middle), key) <= 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  private static int compare(Event.Listing listing, String[] key) {
    int bySource = listing.source().name().compareTo(key[0]);
    if (bySource != 0) {
      return bySource;
    }
    int bySymbol = listing.symbol().text().compareTo(key[1]);
    return bySymbol != 0 ? bySymbol : listing.nativeName().compareTo(key[2]);
  }
}
