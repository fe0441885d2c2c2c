-- Retention and the daily check look for records by their time, people for events of one type.
-- Without these indexes both read whole tables, and quarantine can be a large one after a day on
-- which a source told nonsense.

CREATE INDEX event_at ON event (at);
CREATE INDEX event_type_at ON event (type, at);
CREATE INDEX quarantine_quarantined_at ON quarantine (quarantined_at);
CREATE INDEX scheduler_run_ended_at ON scheduler_run (ended_at);
CREATE INDEX ohlcv_revision_revised_at ON ohlcv_revision (revised_at);

COMMENT ON COLUMN event.type IS 'What happened: `hub_started`, `circuit_changed`, `journal_opened`, `journal_lost` (entries that were accepted and are gone), `journal_went_back` (the journal is an older copy), `retention_done`, `store_checked` and others.';
