"""Reads for some seconds, and proves from the numbers that nothing was missed.

    python3 seq.py http://127.0.0.1:8080 60 [tcp://127.0.0.1:8081]

Within a stream every message continues the one before; every trade id of the venue is published
once, or in one gap that the hub has declared. The last line is a JSON object of what was seen;
``wrong`` is empty when all is right.
"""

import json
import pathlib
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "clients/python"))

from everfeed import Everfeed  # noqa: E402

SYMBOLS = ["BTC/USDT", "ETH/USDT"]


def declared(url, epoch):
    """Trade ids that the hub has declared missing, by stream."""
    found = {}
    query = urllib.parse.urlencode(
        {"stream": "event|gap_declared", "epoch": epoch, "from_seq": 1, "limit": 1000})
    try:
        with urllib.request.urlopen(f"{url}/v1/replay?{query}", timeout=10) as answer:
            messages = json.load(answer)["messages"]
    except urllib.error.HTTPError as e:
        if e.code == 404:  # there has been none
            return found
        raise
    for gap in messages:
        ids = found.setdefault(gap["stream"], [])
        ids.extend(range(int(gap["first_id"]), int(gap["last_id"]) + 1))
    return found


def main(url, seconds, zeromq=None):
    end = time.monotonic() + seconds
    last, ids, wrong, messages, epoch = {}, {}, [], 0, None
    with Everfeed(url, decimals=True) as hub, hub.stream(
            SYMBOLS, ["trade", "quote", "bar"], idle=60, zeromq=zeromq) as live:
        for message in live:
            messages += 1
            stream = f"{message['type']}|{message['symbol']}|{message.get('interval', '')}"
            seq = message["seq"] - message.get("skipped", 0)
            if epoch not in (None, message["epoch"]):
                wrong.append(f"epoch {message['epoch']} after {epoch}")
            if stream in last and seq != last[stream] + 1:
                wrong.append(f"{stream}: seq {seq} after {last[stream]}")
            epoch, last[stream] = message["epoch"], message["seq"]
            if message["type"] == "trade":
                ids.setdefault(f"trade|{message['symbol']}", []).append(int(message["trade_id"]))
            if time.monotonic() >= end:
                break
        else:
            wrong.append("nothing came for 60 s")
        repaired, missed, reconnects = live.repaired, live.missed, live.reconnects
    wrong.extend(f"missed {one}" for one in missed)
    gaps = declared(url, epoch)
    lost = 0
    for stream, published in ids.items():
        holes = [i for a, b in zip(published, published[1:]) for i in range(a + 1, b)]
        within = [i for i in gaps.get(stream, []) if published[0] < i < published[-1]]
        lost += len(within)
        if any(a >= b for a, b in zip(published, published[1:])):
            wrong.append(f"{stream}: an id came twice, or late")
        if holes != within:
            wrong.append(f"{stream}: ids {holes[:20]} did not come, and {within[:20]} are declared")
    print(json.dumps({
        "messages": messages, "trades": sum(map(len, ids.values())), "repaired": repaired,
        "reconnects": reconnects, "declared": lost, "wrong": wrong[:20]}))


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), *sys.argv[3:])
