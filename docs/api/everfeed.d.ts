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

/** A bar, stamped at its open; `complete` is null where the source does not say. */
export interface Bar {
  type: "bar";
  symbol: string;
  exchange: string | null;
  source: string;
  interval: Interval;
  time: Time | null;
  open: Decimal | null;
  high: Decimal | null;
  low: Decimal | null;
  close: Decimal | null;
  volume: Decimal | null;
  complete: boolean | null;
  gateway: string;
  received_at: Time;
  status: Status;
  epoch: number;
  seq: number;
  /** States of unfinished bars before this one that were left out because the reader was slow. */
  skipped?: number;
}

/** Something that the hub did or found; its fields beside these depend on `event_type`. */
export interface HubEvent {
  type: "event";
  /** `gap_declared` and others; the stream is `event|` and this. */
  event_type: string;
  epoch: number;
  seq: number;
  [field: string]: unknown;
}

/** The newest message of a stream. `seq` is null while there is none, `message` also when it is not remembered any more. `status` is that of now, `stale` while the stream's gateway does not deliver, whatever the message said when it was published. */
export interface Latest {
  stream: StreamName;
  seq: number | null;
  status: "live" | "stale" | null;
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
  code: "already_subscribed" | "invalid_field" | "not_json" | "too_many_messages" | "too_many_streams" | "unknown_channel" | "unknown_interval" | "unknown_op" | "unknown_stream" | "unknown_symbol";
  /** What was allowed and what was found. */
  message: string;
  /** What would have been right, at most 50 of them. */
  valid?: (string)[];
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
  | Pong;

/** What a reader may say. */
export type ToHub =
  | Subscribe
  | Unsubscribe
  | Resume
  | Ping;
