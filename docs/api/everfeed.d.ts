// Drawn from docs/api/asyncapi.yaml; DeclarationsTest compares. Do not edit.
//
// The messages of ws://…/v1/stream:
//
//   const socket = new WebSocket("ws://127.0.0.1:8080/v1/stream");
//   socket.onmessage = (frame) => handle(JSON.parse(frame.data) as FromHub);
//
// Numbers of JSON are binary in JavaScript: ask with `numbers: "string"` for exact ones.

/** RFC 3339, UTC, with as many fraction digits as needed. */
export type Time = string;

/** Exact; a string with `"numbers":"string"`. */
export type Decimal = number | string;

export type Interval = "1s" | "1m" | "3m" | "5m" | "15m" | "30m" | "1h" | "2h" | "4h" | "6h" | "8h" | "12h" | "1d" | "3d" | "1w" | "1M";

/** How far the value can be trusted; as in the REST interface. */
export type Status = "live" | "maybe_stale" | "stale" | "delayed" | "backfilled" | "cached";

export type Channel = "trade" | "quote" | "bar" | "event";

/** How prices and sizes are written from now on; `number` at first. */
export type Numbers = "number" | "string";

/** `trade|BTC/USDT`, `bar|BTC/USDT|1m`, `event|gap_declared`. */
export type StreamName = string;

/** Given back in the answer; a whole number, or a string of at most 64 characters. */
export type Id = number | string | null;

/** One trade. `id` is `exchange|symbol|trade_id`, null where the venue gives no id. */
export interface Trade {
  type: "trade";
  symbol: string;
  exchange: string | null;
  source: string;
  price: Decimal;
  size: Decimal;
  /** What the taker did. */
  side: "buy" | "sell" | null;
  trade_id: string | null;
  /** By the venue's clock. */
  time: Time | null;
  id: string | null;
  /** The connection it came through. */
  gateway: string;
  received_at: Time;
  status: Status;
  epoch: number;
  seq: number;
  /** Messages of the stream before this one that were left out. */
  skipped?: number;
}

/** Best bid and best ask; a side may be absent. */
export interface Quote {
  type: "quote";
  symbol: string;
  exchange: string | null;
  source: string;
  bid: Decimal | null;
  bid_size: Decimal | null;
  ask: Decimal | null;
  ask_size: Decimal | null;
  time: Time | null;
  gateway: string;
  received_at: Time;
  status: Status;
  epoch: number;
  seq: number;
  /** Quotes before this one that were left out because the reader was slow. */
  skipped?: number;
}

/**
 * A bar, stamped at its open; `complete` is null where the source does not say. One that the hub
 * built itself (`stream.build`) has `built`, and no `gateway`; `exchange` and `source` are those of
 * its trades, and null where they are of several.
 */
export interface Bar {
  type: "bar";
  symbol: string;
  exchange: string | null;
  source: string | null;
  interval: Interval;
  time: Time | null;
  open: Decimal | null;
  high: Decimal | null;
  low: Decimal | null;
  close: Decimal | null;
  volume: Decimal | null;
  complete: boolean | null;
  built?: Built;
  gateway: string | null;
  received_at: Time;
  status: Status;
  epoch: number;
  seq: number;
  /** States of unfinished bars before this one that were left out because the reader was slow. */
  skipped?: number;
}

/** How a bar was built from published trades; see docs/concepts/bars.md. */
export interface Built {
  /** Whose trades it was built from; without any, whose stream was silent. */
  sources: (string)[];
  /** How many. With 0 the prices are the close before, and the volume is 0. */
  trades: number;
  /** At most so many trades of its time were lost. */
  missing: number;
  /** Whether every trade of its whole time is in it, all of one source: what the venue's own bar is. */
  whole: boolean;
  /** How often it was told anew after it was complete. */
  revision: number;
}

/**
 * Something that the hub did or found. Its stream is `event|` and the `event_type`; `timestamp` is
 * when it was decided, by the hub's clock. Further types may come: leave out what you do not know.
 */
export type HubEvent = GatewayStatusChange | FailoverEvent | NoHealthyBackup | SourceChanged | PriceJudged | VerdictChanged | GapDeclared;

export type GatewayState = "HEALTHY" | "UNHEALTHY" | "CONNECTING" | "DISCONNECTED";

export interface GatewayStatusMetadata {
  reason: string;
  /** The lower the better. */
  priority: number;
}

/** A gateway is in another state. */
export interface GatewayStatusChange {
  type: "event";
  event_type: "gateway_status_change";
  epoch: number;
  seq: number;
  timestamp: Time;
  gateway_id: string;
  /** Gateways of one type have the same content; they are lines of each other. */
  gateway_type: string;
  previous_status: GatewayState;
  current_status: GatewayState;
  metadata: GatewayStatusMetadata;
}

export interface FailoverMetadata {
  primary_priority: number;
  backup_priority: number | null;
  contracts_migrated: number;
  /** What ailed. */
  health_trigger: string;
}

/**
 * Contracts leave a gateway for another one. `failover_executed` at least one has moved ·
 * `failover_failed` none has, and what was there before is still used · `failover_pending` the policy
 * waits for its time, or for an operator · `failover_shadow` it would have been done now, and is
 * not. `GET /v1/failovers/{failover_id}` tells the same, with a timeline.
 */
export interface FailoverEvent {
  type: "event";
  event_type: "failover_executed" | "failover_failed" | "failover_pending" | "failover_shadow";
  epoch: number;
  seq: number;
  timestamp: Time;
  /** The epoch and a number; never used again, over restarts neither. */
  failover_id: string;
  kind: "fail_over" | "fail_back" | "manual";
  policy: "immediate" | "delayed" | "manual" | "shadow" | "frozen" | "pinned";
  result: "pending" | "executed" | "partial" | "failed" | "cancelled" | "shadow";
  /** The gateway that is left. */
  failed_gateway_id: string;
  /** The one that takes over, or would; null when there is none. */
  backup_gateway_id: string | null;
  /** All that it is about, as the venue that is left calls them, case kept. */
  affected_contracts: (string)[];
  /** The same as symbols, in the same order. */
  symbols: (string)[];
  /** Those of `affected_contracts` that did not move. */
  unmigrated_contracts: (string)[];
  /** Symbols that have moved, and had not brought anything when they did. */
  waiting_first_tick: (string)[];
  /** From the moment at which it was known that something ails to the end. */
  failover_duration_ms: number | null;
  /** From the last sign of life to that moment. */
  detection_ms: number | null;
  /** From the decision to move to the first contract that was published from the backup. */
  switch_ms: number | null;
  /** Trades declared lost meanwhile; null where nothing proves it. */
  ticks_lost: number | null;
  /** What proves `ticks_lost`; `none` where the content is another one, without an identity in common. */
  gap_proof: "dense_ids" | "none";
  metadata: FailoverMetadata;
}

/** Contracts ail where they are, and have nowhere to go; they stay. Told once for each time that it is so. */
export interface NoHealthyBackup {
  type: "event";
  event_type: "no_healthy_backup";
  epoch: number;
  seq: number;
  timestamp: Time;
  gateway_id: string;
  severity: "critical";
  symbols: (string)[];
  /** What ails. */
  reason: string;
}

/**
 * A symbol is published from other content than before: other trades, other ids, another
 * exchange's prices. Not told when it moves from one line to another.
 */
export interface SourceChanged {
  type: "event";
  event_type: "source_changed";
  epoch: number;
  seq: number;
  timestamp: Time;
  symbol: string;
  failover_id: string;
  previous_gateway: string;
  previous_source: string;
  previous_exchange: string | null;
  gateway: string;
  source: string;
  exchange: string | null;
}

/**
 * Prices of a symbol are not what other gateways say. `quarantined` the gateway is not used for it
 * before it has agreed with the others for a while · `undecided` nobody can tell who is right, or
 * too many gateways ail to do without one; what is published is `maybe_stale` · `agrees` nothing
 * of that any more.
 */
export interface PriceJudged {
  type: "event";
  event_type: "price_judged";
  epoch: number;
  seq: number;
  timestamp: Time;
  symbol: string;
  /** Whose prices they are; null where several differ. */
  gateway_id: string | null;
  verdict: "quarantined" | "undecided" | "agrees";
  evidence: string;
}

export interface VerdictReason {
  code: "recording" | "no_data" | "stale" | "late" | "stand_in" | "old" | "maybe_stale" | "disagree" | "few_sources" | "lost" | "moving" | "recovering";
  /** What this reason allows. */
  factor: number;
  /** What was seen and what was allowed. */
  message: string;
}

/**
 * What a program may do on the data of a symbol is otherwise than before: `trade`, `reduce` its
 * positions to `factor` of the usual limit, or `halt`. Worse is told at once, better when it was
 * better for `verdict.better_after`. Whoever needs it all the time asks `GET /v1/verdict`: an
 * event that does not come says nothing, and a verdict whose `valid_until` has passed is `halt`.
 */
export interface VerdictChanged {
  type: "event";
  event_type: "verdict_changed";
  epoch: number;
  seq: number;
  timestamp: Time;
  symbol: string;
  previous_verdict: "trade" | "reduce" | "halt";
  previous_factor: number;
  verdict: "trade" | "reduce" | "halt";
  factor: number;
  valid_until: Time;
  /** That it is published from. */
  gateway: string | null;
  /** Why the factor is not 1, the gravest first. */
  reasons: (VerdictReason)[];
}

/** Trades of a dense channel did not come over any line, and could not be had in another way; they will not come any more. */
export interface GapDeclared {
  type: "event";
  event_type: "gap_declared";
  epoch: number;
  seq: number;
  timestamp: Time;
  stream: StreamName;
  symbol: string;
  /** That the stream was published from. */
  gateway: string | null;
  first_id: string;
  last_id: string;
  ticks_lost: number;
  gap_proof: "dense_ids";
  /** The `seq` of the last message of the stream before the gap. */
  after_seq: number;
}

/** The newest message of a stream. `seq` is null while there is none, `message` also when it is not remembered any more. `status` is that of now, `maybe_stale` while the stream's gateway is suspected, `stale` while it does not deliver, whatever the message said when it was published. */
export interface Latest {
  stream: StreamName;
  seq: number | null;
  status: "live" | "maybe_stale" | "stale" | null;
  message: Trade | Quote | Bar | null;
}

/** What was asked for is done; what follows is its result. */
export interface Ack {
  type: "ack";
  id: Id;
  op: "subscribe" | "unsubscribe" | "resume";
  epoch: number;
  numbers: Numbers;
  /** Those that were named; `event` stands for all events. Empty when all were unsubscribed. */
  streams: (StreamName)[];
}

/**
 * The newest message of each stream that was named, at most 100 in one frame; none of events. What
 * comes afterwards continues it without a hole.
 */
export interface Snapshot {
  type: "snapshot";
  id: Id;
  epoch: number;
  streams: (Latest)[];
  /** Whether another frame of this snapshot follows. */
  more: boolean;
}

/**
 * Messages that this connection will not get: `slow` the reader took too little · `gone` they
 * were not remembered any more when it resumed · `epoch` it resumed from another start of the
 * hub, and what is remembered of this one follows · `overrun` the hub itself was late.
 * `first_seq` is the first one that `GET /v1/replay` still has. A null is not known.
 */
export interface Lagged {
  type: "lagged";
  stream: StreamName;
  epoch: number;
  from_seq: number | null;
  to_seq: number | null;
  first_seq: number | null;
  reason: "slow" | "gone" | "epoch" | "overrun";
}

/** A message of the reader was not carried out, none of it. The connection stays. */
export interface ErrorMessage {
  type: "error";
  id: Id;
  code: "already_subscribed" | "invalid_field" | "not_json" | "too_many_messages" | "too_many_requests" | "too_many_streams" | "unauthorised" | "unknown_channel" | "unknown_interval" | "unknown_op" | "unknown_stream" | "unknown_symbol";
  /** What was allowed and what was found. */
  message: string;
  /** What would have been right, at most 50 of them. */
  valid?: (string)[];
}

/** The key of `auth` is good, or none is needed. */
export interface Welcome {
  type: "welcome";
  id: Id;
}

export interface Pong {
  type: "pong";
  id: Id;
}

/**
 * `channels` with `symbols` (`["*"]` for all) and, for bars, `intervals` (all that are published
 * when they are not there); or `streams` by name. An `ack` follows, then a `snapshot`, then what happens.
 */
export interface Subscribe {
  op: "subscribe";
  id?: Id;
  channels?: (Channel)[];
  symbols?: (string)[];
  intervals?: (Interval)[];
  streams?: (StreamName)[];
  numbers?: Numbers;
}

/** As `subscribe`; without `channels` and `streams` it is everything. */
export interface Unsubscribe {
  op: "unsubscribe";
  id?: Id;
  channels?: (Channel)[];
  symbols?: (string)[];
  intervals?: (Interval)[];
  streams?: (StreamName)[];
  numbers?: Numbers;
}

export interface ResumeFrom {
  stream: StreamName;
  epoch: number;
  /** The last one that the reader has. */
  seq: number;
}

/**
 * Subscribes where the reader left off: an `ack`, then what it missed, then what happens. What
 * is not remembered any more is told with `lagged`.
 */
export interface Resume {
  op: "resume";
  id?: Id;
  streams: (ResumeFrom)[];
  numbers?: Numbers;
}

/**
 * Who asks, for who cannot send the header `Authorization: Bearer KEY`, as browsers cannot. Where
 * keys are needed it is the first message, within 5 s; anything else, and a key that is not good,
 * is answered with `error` (`unauthorised`) and the connection is closed with 4401. That is also
 * how one ends whose key is revoked or over. A good key that has too much in use is told
 * `too_many_requests`, and closed with 1013: it may come again. Answered with `welcome`. Said again
 * it must have the key that the connection was let in with, and is refused as before where not.
 */
export interface Auth {
  op: "auth";
  id?: Id;
  key: string;
}

/** Answered with `pong`; those of WebSocket itself are answered too. */
export interface Ping {
  op: "ping";
  id?: Id;
}

/** What the hub says. */
export type FromHub =
  | Ack
  | Snapshot
  | Trade
  | Quote
  | Bar
  | HubEvent
  | Lagged
  | ErrorMessage
  | Pong
  | Welcome;

/** What a reader may say. */
export type ToHub =
  | Subscribe
  | Unsubscribe
  | Resume
  | Ping
  | Auth;
