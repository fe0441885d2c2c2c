// tardis-dev as its manual shows it: streamNormalized with normalizeTrades. tardis-machine sends out what this
// gives. WSS_URL_BINANCE names the venue. Says 0 when it begins, and for each line on its standard input how
// many trades it has had.
import readline from 'node:readline';
import tardis from 'tardis-dev';

let trades = 0;
readline.createInterface({ input: process.stdin })
  .on('line', () => console.log(trades))
  .on('close', () => process.exit(0));
console.log(0);
const messages = tardis.streamNormalized(
  { exchange: 'binance', symbols: ['btcusdt'], timeoutIntervalMS: 3_600_000 },
  tardis.normalizeTrades,
);
for await (const message of messages) {
  if (message.type === 'trade') {
    trades++;
  }
}
