// Reads for some seconds, and proves from the numbers that nothing was missed.
//
//     node seq.mjs http://127.0.0.1:8080 60
//
// Within a stream every message continues the one before, also over connections: every ten
// seconds this one is closed and another resumes. Every trade id of the venue is published once,
// or in one gap that the hub has declared. The last line is a JSON object of what was seen;
// "wrong" is empty when all is right. Needs a WebSocket in node: 22 or later, or 20.10 with
// --experimental-websocket.

const [url, seconds] = [process.argv[2], Number(process.argv[3])];
const symbols = ["BTC/USDT", "ETH/USDT"];
const last = new Map();
const ids = new Map();
const wrong = [];
let messages = 0;
let connections = 0;
let acks = 0;
let epoch = null;
let socket = null;
let over = false;

function say(what) {
  if (wrong.length < 20) {
    wrong.push(what);
  }
}

function nameOf(message) {
  const name = `${message.type}|${message.symbol}`;
  return message.type === "bar" ? `${name}|${message.interval}` : name;
}

function heard(message) {
  switch (message.type) {
    case "ack":
      acks++;
      return;
    case "trade":
    case "quote":
    case "bar": {
      messages++;
      const stream = nameOf(message);
      const known = last.get(stream);
      const first = message.seq - (message.skipped ?? 0);
      if (epoch !== null && message.epoch !== epoch) {
        say(`epoch ${message.epoch} after ${epoch}`);
      }
      epoch = message.epoch;
      if (known !== undefined && first !== known + 1) {
        say(`${stream}: seq ${first} after ${known}`);
      }
      last.set(stream, message.seq);
      if (message.type === "trade") {
        ids.set(stream, ids.get(stream) ?? []);
        ids.get(stream).push(Number(message.trade_id));
      }
      return;
    }
    case "snapshot":
      for (const one of message.streams) {
        if (!last.has(one.stream) && one.seq !== null) {
          last.set(one.stream, one.seq);
        }
      }
      return;
    default:
      say(JSON.stringify(message)); // an error, or lagged
  }
}

function open() {
  const mine = new WebSocket(url.replace(/^http/, "ws") + "/v1/stream");
  socket = mine;
  connections++;
  mine.onopen = () => {
    const streams = [...last].map(([stream, seq]) => ({ stream, epoch, seq }));
    mine.send(
      JSON.stringify(
        streams.length > 0 && epoch !== null
          ? { op: "resume", streams }
          : { op: "subscribe", channels: ["trade", "quote", "bar"], symbols },
      ),
    );
  };
  mine.onmessage = (event) => {
    if (mine === socket && !over) {
      heard(JSON.parse(event.data));
    }
  };
  mine.onclose = (event) => {
    if (mine === socket && !over) {
      say(`closed by the hub: ${event.code} ${event.reason}`);
    }
  };
}

// What was had of the old connection is what the new one goes on from.
const again = setInterval(() => {
  const old = socket;
  open();
  old.close();
}, 10_000);

async function declared() {
  const query = new URLSearchParams({
    stream: "event|gap_declared", epoch, from_seq: 1, limit: 1000,
  });
  const answer = await fetch(`${url}/v1/replay?${query}`);
  if (answer.status === 404) {
    return []; // there has been none
  }
  if (answer.status !== 200) {
    say(`replay of the gaps: ${answer.status} ${await answer.text()}`);
    return [];
  }
  return (await answer.json()).messages;
}

async function end() {
  over = true;
  clearInterval(again);
  socket.close();
  const gaps = await declared();
  let lost = 0;
  for (const [stream, published] of ids) {
    const there = new Set(published);
    if (there.size !== published.length) {
      say(`${stream}: an id came twice`);
    }
    const [first, end] = [published[0], published[published.length - 1]];
    const holes = [];
    for (let id = first; id <= end; id++) {
      if (!there.has(id)) {
        holes.push(id);
      }
    }
    const within = [];
    for (const gap of gaps.filter((one) => one.stream === stream)) {
      for (let id = Number(gap.first_id); id <= Number(gap.last_id); id++) {
        if (first < id && id < end) {
          within.push(id);
        }
      }
    }
    lost += within.length;
    if (holes.join() !== within.join()) {
      say(`${stream}: ids ${holes.slice(0, 20)} did not come, and ${within.slice(0, 20)} are declared`);
    }
  }
  const trades = [...ids.values()].reduce((sum, list) => sum + list.length, 0);
  console.log(JSON.stringify({ messages, trades, connections, acks, declared: lost, wrong }));
}

if (typeof WebSocket === "undefined") {
  console.error("this node has no WebSocket: 22 has, 20.10 has with --experimental-websocket");
  process.exit(69);
}
open();
setTimeout(end, seconds * 1000);
