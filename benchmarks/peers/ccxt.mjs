// ccxt pro as its manual shows it: watchTrades in a loop. Says 0 when it begins, and for each line on its
// standard input how many trades it has had.
import readline from 'node:readline';
import ccxt from 'ccxt';

const venue = process.argv[2];
const exchange = new ccxt.pro.binance({ newUpdates: true });
exchange.urls.api.ws.spot = `${venue}/ws`;
const market = exchange.safeMarketStructure({
  id: 'BTCUSDT', lowercaseId: 'btcusdt', symbol: 'BTC/USDT', base: 'BTC', quote: 'USDT', baseId: 'BTC', quoteId: 'USDT',
  type: 'spot', spot: true, margin: false, swap: false, future: false, option: false, contract: false, active: true,
  precision: { amount: 0.00001, price: 0.01 },
});
exchange.setMarkets([market]);
await exchange.loadHttpProxyAgent(); // wanted for any ws:// address

let trades = 0;
// Counted where each is handled: what the loop below gets at once is cut off at the size of a cache.
const handle = exchange.handleTrade;
exchange.handleTrade = function (client, message) {
  trades++;
  return handle.call(this, client, message);
};
readline.createInterface({ input: process.stdin })
  .on('line', () => console.log(trades))
  .on('close', () => process.exit(0));
console.log(0);
while (true) {
  await exchange.watchTrades('BTC/USDT');
}
