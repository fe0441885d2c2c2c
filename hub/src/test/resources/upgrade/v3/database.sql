-- The store: what the hub was told and what happened to it.
--
-- Needs PostgreSQL 14 or newer. Keys are compared byte by byte (COLLATE "C"): quicker, and an
-- index does not break when the system's collations change. Numbers are exact and keep the digits
-- that the source wrote.
--
-- ohlcv and trade are partitioned by time; the hub makes partitions when rows need them. Where the
-- extension timescaledb is installed, or can be, both are hypertables instead.

DO $$
DECLARE
  timescale boolean;
  columns_of_ohlcv constant text := $columns$
    exchange    text        COLLATE "C" NOT NULL,
    symbol      text        COLLATE "C" NOT NULL,
    interval    text        COLLATE "C" NOT NULL,
    time        timestamptz NOT NULL,
    open        numeric     NOT NULL,
    high        numeric     NOT NULL,
    low         numeric     NOT NULL,
    close       numeric     NOT NULL,
    volume      numeric,
    complete    boolean,
    source      text        NOT NULL,
    received_at timestamptz NOT NULL,
    PRIMARY KEY (exchange, symbol, interval, time)
  $columns$;
  columns_of_trade constant text := $columns$
    exchange    text        COLLATE "C" NOT NULL,
    symbol      text        COLLATE "C" NOT NULL,
    id          text        COLLATE "C" NOT NULL,
    time_ns     bigint      NOT NULL,
    price       numeric     NOT NULL,
    size        numeric     NOT NULL,
    side        text        CHECK (side IN ('buy', 'sell')),
    source      text        NOT NULL,
    received_at timestamptz NOT NULL,
    PRIMARY KEY (exchange, symbol, time_ns, id)
  $columns$;
BEGIN
  timescale := EXISTS (SELECT FROM pg_extension WHERE extname = 'timescaledb');
  IF NOT timescale
      AND EXISTS (SELECT FROM pg_available_extensions WHERE name = 'timescaledb') THEN
    BEGIN
      -- To create it where it is not preloaded would end the connection.
      IF current_setting('shared_preload_libraries') LIKE '%timescaledb%' THEN
        CREATE EXTENSION timescaledb;
        timescale := true;
      END IF;
    EXCEPTION WHEN OTHERS THEN
      RAISE NOTICE 'timescaledb is there but cannot be used (%); plain partitions are', SQLERRM;
    END;
  END IF;

  IF timescale THEN
    EXECUTE 'CREATE TABLE ohlcv (' || columns_of_ohlcv || ')';
    EXECUTE 'CREATE TABLE trade (' || columns_of_trade || ')';
    PERFORM create_hypertable('ohlcv', 'time',
      chunk_time_interval => INTERVAL '1 month', create_default_indexes => false);
    PERFORM create_hypertable('trade', 'time_ns',
      chunk_time_interval => 86400000000000, create_default_indexes => false);
    CREATE FUNCTION everfeed_now_ns() RETURNS bigint LANGUAGE sql STABLE AS
      'SELECT (extract(epoch FROM now()) * 1000000000)::bigint';
    PERFORM set_integer_now_func('trade', 'everfeed_now_ns');
    BEGIN
      -- Not in the extension's Apache edition.
      ALTER TABLE ohlcv SET (timescaledb.compress,
        timescaledb.compress_segmentby = 'exchange, symbol, interval',
        timescaledb.compress_orderby = 'time');
      PERFORM add_compression_policy('ohlcv', INTERVAL '3 months');
      ALTER TABLE trade SET (timescaledb.compress,
        timescaledb.compress_segmentby = 'exchange, symbol',
        timescaledb.compress_orderby = 'time_ns, id');
      PERFORM add_compression_policy('trade', 7 * 86400000000000);
    EXCEPTION WHEN OTHERS THEN
      RAISE NOTICE 'timescaledb does not compress here: %', SQLERRM;
    END;
  ELSE
    EXECUTE 'CREATE TABLE ohlcv (' || columns_of_ohlcv || ') PARTITION BY RANGE (time)';
    EXECUTE 'CREATE TABLE trade (' || columns_of_trade || ') PARTITION BY RANGE (time_ns)';
  END IF;
END
$$;

COMMENT ON TABLE ohlcv IS 'Bars: the latest state of each. A complete bar replaces an unfinished one and is never replaced by one; of two alike, the one received later stays. A bar that says the same again changes nothing. Partitioned by month of `time`.';
COMMENT ON COLUMN ohlcv.exchange IS 'Where it trades; empty for what its source averages over many exchanges.';
COMMENT ON COLUMN ohlcv.symbol IS 'What is traded, such as `BTC/USDT`.';
COMMENT ON COLUMN ohlcv.interval IS 'Length of the bar: `1m`, `1h`, `1d`; `1M` is a month.';
COMMENT ON COLUMN ohlcv.time IS 'Open of the bar, by the venue.';
COMMENT ON COLUMN ohlcv.open IS 'First price.';
COMMENT ON COLUMN ohlcv.high IS 'Highest price.';
COMMENT ON COLUMN ohlcv.low IS 'Lowest price.';
COMMENT ON COLUMN ohlcv.close IS 'Last price.';
COMMENT ON COLUMN ohlcv.volume IS 'Traded, in base units; null where the source does not say.';
COMMENT ON COLUMN ohlcv.complete IS 'Whether the interval was over when the bar was received; null where nothing tells.';
COMMENT ON COLUMN ohlcv.source IS 'Who told us.';
COMMENT ON COLUMN ohlcv.received_at IS 'When this state of the bar was first received, by the hub''s clock.';

COMMENT ON TABLE trade IS 'Deals. A deal never changes: the first state received stays. Partitioned by UTC day of `time_ns`, which is in the key because PostgreSQL wants it there: an id that a venue repeats with another time is another row.';
COMMENT ON COLUMN trade.exchange IS 'Where it was; empty where the source does not say.';
COMMENT ON COLUMN trade.symbol IS 'What was traded, such as `BTC/USDT`.';
COMMENT ON COLUMN trade.id IS 'The venue''s id. A deal without one has `journal:position`, its place in the hub''s journal.';
COMMENT ON COLUMN trade.time_ns IS 'When, by the venue: nanoseconds since 1970-01-01 UTC.';
COMMENT ON COLUMN trade.price IS 'Price, in quote units.';
COMMENT ON COLUMN trade.size IS 'Size, in base units.';
COMMENT ON COLUMN trade.side IS 'What the taker did, `buy` or `sell`; null where the source does not say.';
COMMENT ON COLUMN trade.source IS 'Who told us.';
COMMENT ON COLUMN trade.received_at IS 'When it was received, by the hub''s clock.';

CREATE TABLE ohlcv_revision (
  LIKE ohlcv INCLUDING COMMENTS,
  revised_at timestamptz NOT NULL,
  PRIMARY KEY (exchange, symbol, interval, time, revised_at)
);
COMMENT ON TABLE ohlcv_revision IS 'Complete bars as they stood before their source corrected them: the old values, written by a trigger on `ohlcv`.';
COMMENT ON COLUMN ohlcv_revision.received_at IS 'When the old state was first received, by the hub''s clock.';
COMMENT ON COLUMN ohlcv_revision.revised_at IS 'When it was replaced, by the database''s clock.';

CREATE FUNCTION keep_ohlcv_revision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO ohlcv_revision (exchange, symbol, interval, time, open, high, low, close, volume,
      complete, source, received_at, revised_at)
    VALUES (OLD.exchange, OLD.symbol, OLD.interval, OLD.time, OLD.open, OLD.high, OLD.low,
      OLD.close, OLD.volume, OLD.complete, OLD.source, OLD.received_at, clock_timestamp())
    ON CONFLICT DO NOTHING;
  RETURN NEW;
END
$$;
COMMENT ON FUNCTION keep_ohlcv_revision() IS 'Copies a complete bar into ohlcv_revision before it is changed.';

CREATE TRIGGER keep_revision BEFORE UPDATE ON ohlcv FOR EACH ROW
  WHEN (OLD.complete
    AND (OLD.open, OLD.high, OLD.low, OLD.close, OLD.volume)
      IS DISTINCT FROM (NEW.open, NEW.high, NEW.low, NEW.close, NEW.volume))
  EXECUTE FUNCTION keep_ohlcv_revision();

CREATE TABLE latest_quote (
  symbol            text        COLLATE "C" NOT NULL,
  source            text        COLLATE "C" NOT NULL,
  exchange          text        COLLATE "C" NOT NULL,
  price             numeric,
  price_time        timestamptz,
  price_received_at timestamptz,
  bid               numeric,
  bid_size          numeric,
  ask               numeric,
  ask_size          numeric,
  quote_time        timestamptz,
  quote_received_at timestamptz,
  PRIMARY KEY (symbol, source, exchange)
) WITH (fillfactor = 50);
COMMENT ON TABLE latest_quote IS 'The last price and the last quote of each symbol at each source. The newer by the venue''s time stays; where one of two states no time, the one received later.';
COMMENT ON COLUMN latest_quote.symbol IS 'What is traded, such as `BTC/USDT`.';
COMMENT ON COLUMN latest_quote.source IS 'Who told us.';
COMMENT ON COLUMN latest_quote.exchange IS 'Where it trades; empty for aggregates.';
COMMENT ON COLUMN latest_quote.price IS 'Last or aggregate price; null where only quotes came.';
COMMENT ON COLUMN latest_quote.price_time IS 'The venue''s time of the price; null where it states none.';
COMMENT ON COLUMN latest_quote.price_received_at IS 'When the price was received, by the hub''s clock.';
COMMENT ON COLUMN latest_quote.bid IS 'Best bid; null in a one-sided book.';
COMMENT ON COLUMN latest_quote.bid_size IS 'Its size, in base units.';
COMMENT ON COLUMN latest_quote.ask IS 'Best ask; null in a one-sided book.';
COMMENT ON COLUMN latest_quote.ask_size IS 'Its size, in base units.';
COMMENT ON COLUMN latest_quote.quote_time IS 'The venue''s time of the quote; null where it states none.';
COMMENT ON COLUMN latest_quote.quote_received_at IS 'When the quote was received, by the hub''s clock.';

CREATE TABLE sentiment (
  source      text        COLLATE "C" NOT NULL,
  measure     text        COLLATE "C" NOT NULL,
  symbol      text        COLLATE "C" NOT NULL,
  time        timestamptz NOT NULL,
  value       numeric     NOT NULL,
  label       text,
  received_at timestamptz NOT NULL,
  PRIMARY KEY (source, measure, symbol, time)
);
COMMENT ON TABLE sentiment IS 'The mood of the market, or of one symbol, as sources measure it. Of two of one time the one received later stays.';
COMMENT ON COLUMN sentiment.source IS 'Who told us.';
COMMENT ON COLUMN sentiment.measure IS '`fear_greed` (0 to 100) or `votes_up` (percent).';
COMMENT ON COLUMN sentiment.symbol IS 'Whose mood; empty for the market''s.';
COMMENT ON COLUMN sentiment.time IS 'The source''s time; where it states none, that of receipt: then it equals received_at.';
COMMENT ON COLUMN sentiment.value IS 'In the measure''s unit.';
COMMENT ON COLUMN sentiment.label IS 'The source''s word for it, such as `Fear`.';
COMMENT ON COLUMN sentiment.received_at IS 'When it was received, by the hub''s clock.';

CREATE TABLE scheduler_run (
  journal        uuid        NOT NULL,
  position       bigint      NOT NULL,
  number         bigint      NOT NULL,
  started_at     timestamptz NOT NULL,
  ended_at       timestamptz NOT NULL,
  questions      integer     NOT NULL,
  refreshed      integer     NOT NULL,
  errors         jsonb       NOT NULL,
  errors_dropped integer     NOT NULL,
  PRIMARY KEY (journal, position)
);
COMMENT ON TABLE scheduler_run IS 'Each run of the refresh schedule.';
COMMENT ON COLUMN scheduler_run.journal IS 'Which hub''s journal told it.';
COMMENT ON COLUMN scheduler_run.position IS 'Where in that journal, in bytes.';
COMMENT ON COLUMN scheduler_run.number IS 'Of this start of the hub, from 1.';
COMMENT ON COLUMN scheduler_run.started_at IS 'Begin of the run, by the hub''s clock.';
COMMENT ON COLUMN scheduler_run.ended_at IS 'End of the run, by the hub''s clock.';
COMMENT ON COLUMN scheduler_run.questions IS 'Questions in the run.';
COMMENT ON COLUMN scheduler_run.refreshed IS 'Of these, answered by a provider.';
COMMENT ON COLUMN scheduler_run.errors IS 'What providers failed at, in order: source, subject, kind, message, at.';
COMMENT ON COLUMN scheduler_run.errors_dropped IS 'Further errors, counted only.';

CREATE TABLE refresh (
  what     text        COLLATE "C" PRIMARY KEY,
  asked_at timestamptz NOT NULL
);
COMMENT ON TABLE refresh IS 'When the schedule last asked what it does not ask in every run: so that a hub that starts again does not ask at once.';
COMMENT ON COLUMN refresh.what IS 'The question in the words of the report, such as `BTC/USDT 1m`.';
COMMENT ON COLUMN refresh.asked_at IS 'When it was last asked, by the hub''s clock; the newer stays.';

CREATE TABLE event (
  journal  uuid        NOT NULL,
  position bigint      NOT NULL,
  type     text        NOT NULL,
  source   text,
  at       timestamptz NOT NULL,
  detail   jsonb       NOT NULL,
  PRIMARY KEY (journal, position)
);
COMMENT ON TABLE event IS 'What happened to the hub and its sources: a circuit opened, the hub started, entries were lost.';
COMMENT ON COLUMN event.journal IS 'Which hub''s journal told it.';
COMMENT ON COLUMN event.position IS 'Where in that journal, in bytes.';
COMMENT ON COLUMN event.type IS 'What happened: `circuit_changed`, `hub_started`, `journal_lost` and others.';
COMMENT ON COLUMN event.source IS 'Whom it concerns; null for the hub itself.';
COMMENT ON COLUMN event.at IS 'When, by the hub''s clock.';
COMMENT ON COLUMN event.detail IS 'What else is known of it.';

CREATE TABLE quarantine (
  journal        uuid        NOT NULL,
  position       bigint      NOT NULL,
  kind           text        NOT NULL,
  source         text,
  reason         text        NOT NULL,
  payload        jsonb       NOT NULL,
  received_at    timestamptz NOT NULL,
  quarantined_at timestamptz NOT NULL,
  PRIMARY KEY (journal, position)
);
COMMENT ON TABLE quarantine IS 'What was accepted but cannot be true, or was refused by the database: kept for whoever looks into it, never served.';
COMMENT ON COLUMN quarantine.journal IS 'Which hub''s journal told it.';
COMMENT ON COLUMN quarantine.position IS 'Where in that journal, in bytes.';
COMMENT ON COLUMN quarantine.kind IS '`bar`, `trade`, `quote`, `price`, `sentiment`, and so on.';
COMMENT ON COLUMN quarantine.source IS 'Who told us; null for what the hub told itself.';
COMMENT ON COLUMN quarantine.reason IS 'Why it is here; a refusal of the database begins with its SQLSTATE.';
COMMENT ON COLUMN quarantine.payload IS 'All of it, in the form in which the hub publishes it. U+0000 is U+FFFD here.';
COMMENT ON COLUMN quarantine.received_at IS 'When it was received, by the hub''s clock.';
COMMENT ON COLUMN quarantine.quarantined_at IS 'When it came here, by the database''s clock.';

CREATE TABLE journal_offset (
  journal    uuid        PRIMARY KEY,
  position   bigint      NOT NULL,
  drained_at timestamptz NOT NULL
) WITH (fillfactor = 50);
COMMENT ON TABLE journal_offset IS 'How far each hub''s journal has been written here; moved in the transaction that writes the rows, so that each entry has its effect exactly once.';
COMMENT ON COLUMN journal_offset.journal IS 'Identity of the journal, made with its directory.';
COMMENT ON COLUMN journal_offset.position IS 'Everything before it, in bytes, is in the tables.';
COMMENT ON COLUMN journal_offset.drained_at IS 'When it was last moved, by the database''s clock.';

CREATE TABLE lease (
  name   text        PRIMARY KEY,
  holder uuid        NOT NULL,
  token  bigint      NOT NULL,
  until  timestamptz NOT NULL
) WITH (fillfactor = 50);
COMMENT ON TABLE lease IS 'Who of several hubs does what only one should do.';
COMMENT ON COLUMN lease.name IS 'What it is for.';
COMMENT ON COLUMN lease.holder IS 'The hub that holds it.';
COMMENT ON COLUMN lease.token IS 'Rises with each new holder: work under an older token is out of date.';
COMMENT ON COLUMN lease.until IS 'When it ends unless it is renewed, by the database''s clock.';

CREATE TABLE scheduled_tasks (
  task_name            text        NOT NULL,
  task_instance        text        NOT NULL,
  task_data            bytea,
  execution_time       timestamptz NOT NULL,
  picked               boolean     NOT NULL,
  picked_by            text,
  last_success         timestamptz,
  last_failure         timestamptz,
  consecutive_failures integer,
  last_heartbeat       timestamptz,
  version              bigint      NOT NULL,
  priority             smallint,
  PRIMARY KEY (task_name, task_instance)
);
CREATE INDEX scheduled_tasks_execution_time ON scheduled_tasks (execution_time);
CREATE INDEX scheduled_tasks_last_heartbeat ON scheduled_tasks (last_heartbeat);
COMMENT ON TABLE scheduled_tasks IS 'Daily jobs; the table of db-scheduler, which runs them on one hub at a time.';
COMMENT ON COLUMN scheduled_tasks.task_name IS 'The job.';
COMMENT ON COLUMN scheduled_tasks.task_instance IS 'Which one of that job.';
COMMENT ON COLUMN scheduled_tasks.task_data IS 'What the job remembers.';
COMMENT ON COLUMN scheduled_tasks.execution_time IS 'When it is due.';
COMMENT ON COLUMN scheduled_tasks.picked IS 'Whether it runs now.';
COMMENT ON COLUMN scheduled_tasks.picked_by IS 'Where it runs.';
COMMENT ON COLUMN scheduled_tasks.last_success IS 'Its last good end.';
COMMENT ON COLUMN scheduled_tasks.last_failure IS 'Its last failure.';
COMMENT ON COLUMN scheduled_tasks.consecutive_failures IS 'Failures since the last good end.';
COMMENT ON COLUMN scheduled_tasks.last_heartbeat IS 'Last sign of life of the run.';
COMMENT ON COLUMN scheduled_tasks.version IS 'Rises with each change.';
COMMENT ON COLUMN scheduled_tasks.priority IS 'Not used.';

-- Retention and the daily check look for records by their time, people for events of one type.
-- Without these indexes both read whole tables, and quarantine can be a large one after a day on
-- which a source told nonsense.

CREATE INDEX event_at ON event (at);
CREATE INDEX event_type_at ON event (type, at);
CREATE INDEX quarantine_quarantined_at ON quarantine (quarantined_at);
CREATE INDEX scheduler_run_ended_at ON scheduler_run (ended_at);
CREATE INDEX ohlcv_revision_revised_at ON ohlcv_revision (revised_at);

COMMENT ON COLUMN event.type IS 'What happened: `hub_started`, `circuit_changed`, `journal_opened`, `journal_lost` (entries that were accepted and are gone), `journal_went_back` (the journal is an older copy), `retention_done`, `store_checked` and others.';

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

CREATE TABLE everfeed_schema_history (
  installed_rank integer NOT NULL CONSTRAINT everfeed_schema_history_pk PRIMARY KEY,
  version varchar(50),
  description varchar(200) NOT NULL,
  type varchar(20) NOT NULL,
  script varchar(1000) NOT NULL,
  checksum integer,
  installed_by varchar(100) NOT NULL,
  installed_on timestamp NOT NULL DEFAULT now(),
  execution_time integer NOT NULL,
  success boolean NOT NULL
);
CREATE INDEX everfeed_schema_history_s_idx ON everfeed_schema_history (success);
CREATE TABLE ohlcv_2024_05 PARTITION OF ohlcv FOR VALUES FROM ('2024-05-01 00:00:00+00') TO ('2024-06-01 00:00:00+00');
CREATE TABLE trade_2024_05_01 PARTITION OF trade FOR VALUES FROM ('1714521600000000000') TO ('1714608000000000000');
INSERT INTO event VALUES ('c55d00fe-be5b-41b1-a407-4a70deedfeb1', '621', 'numbered', 'binance', '2024-05-01 12:01:00+00', '{"n": 1}');
INSERT INTO everfeed_schema_history VALUES ('1', '1', 'store', 'SQL', 'V1__store.sql', '-599796453', 'everfeed', '2026-11-23 08:14:37.162413', '56', 't');
INSERT INTO everfeed_schema_history VALUES ('2', '2', 'records by time', 'SQL', 'V2__records_by_time.sql', '-1855172522', 'everfeed', '2026-11-23 08:14:37.288936', '4', 't');
INSERT INTO everfeed_schema_history VALUES ('3', '3', 'coverage', 'SQL', 'V3__coverage.sql', '985272625', 'everfeed', '2026-11-23 08:14:37.311226', '19', 't');
INSERT INTO journal_offset VALUES ('c55d00fe-be5b-41b1-a407-4a70deedfeb1', '958', '2026-11-23 08:14:37.572412+00');
INSERT INTO latest_quote VALUES ('BTC/USDT', 'binance', 'binance', '100.1', '2024-05-01 12:01:00+00', '2024-05-01 12:01:00+00', '99.1', '1', '101.1', '2', '2024-05-01 12:01:00+00', '2024-05-01 12:01:00+00');
INSERT INTO lease VALUES ('schedule', '00000000-0000-0001-0000-000000000002', '3', '2024-05-01 12:00:00+00');
INSERT INTO ohlcv VALUES ('binance', 'BTC/USDT', '1m', '2024-05-01 12:01:00+00', '100.5', '100.5', '100.5', '100.5', NULL, 't', 'binance', '2024-05-01 12:01:30+00');
INSERT INTO ohlcv_coverage VALUES ('binance', 'BTC/USDT', '1m', '{["2024-05-01 12:01:00+00","2024-05-01 12:02:00+00")}', '2024-05-01 12:01:00+00');
INSERT INTO ohlcv_revision VALUES ('binance', 'BTC/USDT', '1m', '2024-05-01 12:01:00+00', '100.1', '100.1', '100.1', '100.1', NULL, 't', 'binance', '2024-05-01 12:01:00+00', '2026-11-23 08:14:37.577984+00');
INSERT INTO quarantine VALUES ('c55d00fe-be5b-41b1-a407-4a70deedfeb1', '674', 'price', 'binance', 'a price of 0, number 1', '{"time": "2024-05-01T12:01:00Z", "type": "price", "price": 0, "source": "binance", "symbol": "BTC/USDT", "exchange": "binance"}', '2024-05-01 12:01:00+00', '2026-11-23 08:14:37.519629+00');
INSERT INTO refresh VALUES ('BTC/USDT 1m', '2024-05-01 12:01:00+00');
INSERT INTO scheduled_tasks VALUES ('retention', 'recurring', NULL, '2024-05-02 03:10:00+00', 'f', NULL, NULL, NULL, NULL, NULL, '1', NULL);
INSERT INTO scheduler_run VALUES ('c55d00fe-be5b-41b1-a407-4a70deedfeb1', '505', '1', '2024-05-01 12:01:00+00', '2024-05-01 12:01:01+00', '10', '9', '[{"at": "2024-05-01T12:01:00Z", "kind": "timeout", "source": "binance", "message": "no answer", "subject": "BTC/USDT"}]', '0');
INSERT INTO sentiment VALUES ('binance', 'fear_greed', '', '2024-05-01 12:01:00+00', '41', 'Fear', '2024-05-01 12:01:00+00');
INSERT INTO trade VALUES ('binance', 'BTC/USDT', 'c55d00fe-be5b-41b1-a407-4a70deedfeb1:203', '1714564860000000001', '100.1', '0.5', 'buy', 'binance', '2024-05-01 12:01:00+00');
INSERT INTO trade VALUES ('binance', 'BTC/USDT', 'id-1', '1714564860000000001', '100.1', '0.5', 'buy', 'binance', '2024-05-01 12:01:00+00');
