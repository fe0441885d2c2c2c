-- Accounts are gateways that operators make while the hub runs, beside those of the configuration
-- file. Several hubs on one database have the same ones, and each keeps a copy of the last known
-- ones on its own disk, so that it can begin without a database.
--
-- `version` rises with every change and is not used again when an account is deleted and made anew:
-- it is what two operators who change one account at once are told apart by.

CREATE TABLE market_data_account (
  id           text        COLLATE "C" NOT NULL CHECK (id ~ '^[a-z][a-z0-9_]{0,39}$'),
  gateway_type text        COLLATE "C" NOT NULL,
  settings     jsonb       NOT NULL CHECK (jsonb_typeof(settings) = 'object'),
  secrets      jsonb       NOT NULL CHECK (jsonb_typeof(secrets) = 'object'),
  priority     integer     NOT NULL CHECK (priority BETWEEN 0 AND 1000),
  is_enabled   boolean     NOT NULL,
  description  text        NOT NULL,
  version      bigint      NOT NULL,
  created_at   timestamptz NOT NULL,
  updated_at   timestamptz NOT NULL,
  PRIMARY KEY (id)
);
COMMENT ON TABLE market_data_account IS 'Gateways that were made over the interface (docs/accounts.md); those of the configuration file are not here. Change them with `/v1/accounts`: what is changed here takes effect too, but nothing checks it before.';
COMMENT ON COLUMN market_data_account.id IS 'Name of the gateway.';
COMMENT ON COLUMN market_data_account.gateway_type IS 'The source that it connects to.';
COMMENT ON COLUMN market_data_account.settings IS 'As under `stream.gateways.NAME` in the configuration: `stream_url`, `standby`, `account`, `policy`; what is not there has its usual value.';
COMMENT ON COLUMN market_data_account.secrets IS 'Keys and passwords by name, encrypted: `ef1:KEY:…`, where KEY is the name of one of `accounts.keys`.';
COMMENT ON COLUMN market_data_account.priority IS 'The lower the better.';
COMMENT ON COLUMN market_data_account.is_enabled IS 'Whether it is used at all.';
COMMENT ON COLUMN market_data_account.description IS 'For people.';
COMMENT ON COLUMN market_data_account.version IS 'Rises with every change: the microsecond of the change, by the database''s clock, or one more than before.';
COMMENT ON COLUMN market_data_account.created_at IS 'By the database''s clock.';
COMMENT ON COLUMN market_data_account.updated_at IS 'By the database''s clock; not when its secrets were only encrypted anew.';
