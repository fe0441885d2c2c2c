package dev.everfeed.simulator.venue;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/// What the two programming interfaces of Coinbase write alike, and their products.
final class CoinbaseText {
  private static final DateTimeFormatter MILLIS = stamp("SSS");
  private static final DateTimeFormatter MICROS = stamp("SSSSSS");

  private CoinbaseText() {}

  /// `BTC-USD`.
  static String product(Listing listing) {
    return listing.base() + "-" + listing.quote();
  }

  /// `2026-03-04T05:06:07.890Z`.
  static String millis(long millis) {
    return MILLIS.format(Instant.ofEpochMilli(millis));
  }

  /// `2026-03-04T05:06:07.890123Z`: the venue knows microseconds, a trade's id decides on them.
  static String micros(Print print) {
    long nanos = Noise.below(Noise.hash(print.id(), 1), 1_000) * 1_000;
    return MICROS.format(Instant.ofEpochMilli(print.timeMillis()).plusNanos(nanos));
  }

  static JsonText exchangeProduct(JsonText out, Listing listing) {
    return out.object()
        .text("id", product(listing))
        .text("base_currency", listing.base())
        .text("quote_currency", listing.quote())
        .text("base_min_size", "0.00001")
        .text("base_max_size", "10000")
        .text("quote_increment", JsonText.plain(listing.tick()))
        .text("base_increment", "0.00001")
        .text("display_name", listing.base() + "/" + listing.quote())
        .text("min_market_funds", "1")
        .text("max_market_funds", "100000")
        .raw("margin_enabled", "false")
        .raw("post_only", "false")
        .raw("limit_only", "false")
        .raw("cancel_only", "false")
        .raw("trading_disabled", "false")
        .text("status", "online")
        .text("status_message", "")
        .endObject();
  }

  static JsonText advancedProduct(JsonText out, ExchangeBook book, long now) {
    Listing listing = book.listing();
    int digits = listing.decimals();
    Candle day = book.day(now);
    double change = 100.0 * (day.close() - day.open()) / day.open();
    return out.object()
        .text("product_id", product(listing))
        .text("price", JsonText.fixed(day.close(), digits))
        .text("price_percentage_change_24h", JsonText.share(change, 8))
        .text("volume_24h", JsonText.plain(day.volume()))
        .text("volume_percentage_change_24h", "0.5")
        .text("base_increment", "0.00001")
        .text("quote_increment", JsonText.plain(listing.tick()))
        .text("quote_min_size", "1")
        .text("quote_max_size", "150000000")
        .text("base_min_size", "0.00001")
        .text("base_max_size", "3400")
        .text("base_name", listing.base())
        .text("quote_name", listing.quote())
        .raw("watched", "false")
        .raw("is_disabled", "false")
        .raw("new", "false")
        .text("status", "online")
        .raw("cancel_only", "false")
        .raw("limit_only", "false")
        .raw("post_only", "false")
        .raw("trading_disabled", "false")
        .raw("auction_mode", "false")
        .text("product_type", "SPOT")
        .text("quote_currency_id", listing.quote())
        .text("base_currency_id", listing.base())
        .raw("fcm_trading_session_details", "null")
        .text("mid_market_price", "")
        .text("alias", "")
        .raw(
            "alias_to",
            listing.quote().equals("USD") ? "[\"%s-USDC\"]".formatted(listing.base()) : "[]")
        .text("base_display_symbol", listing.base())
        .text("quote_display_symbol", listing.quote())
        .raw("view_only", "false")
        .text("price_increment", JsonText.plain(listing.tick()))
        .text("display_name", product(listing))
        .text("product_venue", "CBE")
        .text("approximate_quote_24h_volume", JsonText.fixed(day.quoteVolume(), 2))
        .text("new_at", "2023-01-01T00:00:00Z")
        .text("market_cap", "")
        .text("base_cbrn", "")
        .text("quote_cbrn", "")
        .text("product_cbrn", "")
        .text("icon_color", "")
        .text("icon_url", "")
        .text("display_name_overwrite", "")
        .raw("is_alpha_testing", "false")
        .text("about_description", "")
        .text("best_bid_price", "")
        .text("best_ask_price", "")
        .endObject();
  }

  private static DateTimeFormatter stamp(String fraction) {
    return DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss." + fraction + "'Z'", Locale.ROOT)
        .withZone(ZoneOffset.UTC);
  }
}
