import info.bitrich.xchangestream.binance.BinanceStreamingExchange;
import info.bitrich.xchangestream.core.ProductSubscription;
import info.bitrich.xchangestream.core.StreamingExchangeFactory;
import java.util.concurrent.atomic.AtomicLong;
import org.knowm.xchange.binance.BinanceAdapters;
import org.knowm.xchange.currency.CurrencyPair;

/// XChange-stream as its manual shows it. Says 0 when it begins, and for each line on its
/// standard input how many trades it has had. Run from its source.
public final class XChange {
  private static String venue = "";

  /// The one of the library, at another address.
  public static final class AtVenue extends BinanceStreamingExchange {
    @Override
    protected String getStreamingBaseUri() {
      return venue + "/";
    }
  }

  public static void main(String[] args) throws Exception {
    venue = args[0];
    var factory = StreamingExchangeFactory.INSTANCE;
    var exchange = factory.createExchangeWithoutSpecification(AtVenue.class);
    var specification = exchange.getDefaultExchangeSpecification();
    specification.setShouldLoadRemoteMetaData(false);
    exchange.applySpecification(specification);
    BinanceAdapters.putSymbolMapping("BTCUSDT", CurrencyPair.BTC_USDT); // else asked for over REST
    AtomicLong trades = new AtomicLong();
    exchange
        .connect(ProductSubscription.create().addTrades(CurrencyPair.BTC_USDT).build())
        .blockingAwait();
    var unused = exchange
        .getStreamingMarketDataService()
        .getTrades(CurrencyPair.BTC_USDT)
        .subscribe(_ -> trades.lazySet(trades.getPlain() + 1));
    System.out.println(0);
    for (int read; (read = System.in.read()) >= 0; ) {
      if (read == '\n') {
        System.out.println(trades);
      }
    }
    System.exit(0);
  }
}
