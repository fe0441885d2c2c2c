-- A bar that is not in ohlcv may be one that nobody has, or one that nobody has asked for: the bars
-- alone cannot tell. What was asked, and answered in full, is written down here, so that a backfill
-- asks only for the rest, and a gap can say what it is.

CREATE TABLE ohlcv_coverage (
  exchange   text            COLLATE "C" NOT NULL,
  symbol     text            COLLATE "C" NOT NULL,
  interval   text            COLLATE "C" NOT NULL,
  covered    tstzmultirange  NOT NULL,
  updated_at timestamptz     NOT NULL,
  PRIMARY KEY (exchange, symbol, interval)
) WITH (fillfactor = 50);
COMMENT ON TABLE ohlcv_coverage IS 'For which time all bars that an exchange has are in ohlcv: an interval in it without a bar has none there. What is added stays.';
COMMENT ON COLUMN ohlcv_coverage.exchange IS 'Where it trades.';
COMMENT ON COLUMN ohlcv_coverage.symbol IS 'What is traded, such as `BTC/USDT`.';
COMMENT ON COLUMN ohlcv_coverage.interval IS 'Length of the bars, as in ohlcv.';
COMMENT ON COLUMN ohlcv_coverage.covered IS 'Whole intervals that were over when the exchange told its bars of them.';
COMMENT ON COLUMN ohlcv_coverage.updated_at IS 'When the exchange last told any of it, by the hub''s clock; the newer stays.';

COMMENT ON COLUMN event.type IS 'What happened: `hub_started`, `circuit_changed`, `journal_opened`, `journal_lost` (entries that were accepted and are gone), `journal_went_back` (the journal is an older copy), `retention_done`, `store_checked`, `backfill_done`, `repair_done` and others.';
