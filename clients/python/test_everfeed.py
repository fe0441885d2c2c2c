"""Tests of everfeed.py against a running demo (EVERFEED_URL, EVERFEED_CONSOLE), and against small
servers of their own for answers that a hub gives rarely."""

import contextlib
import doctest
import io
import json
import os
import pathlib
import re
import socket
import sys
import tempfile
import threading
import time
import unittest
import urllib.request
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import everfeed  # noqa: E402
from everfeed import (  # noqa: E402
    BadAnswer, BadRequest, Everfeed, EverfeedError, NotReachable, Stale, Unavailable)

URL = os.environ.get("EVERFEED_URL", "http://127.0.0.1:8080")
CONSOLE = os.environ.get("EVERFEED_CONSOLE", "http://127.0.0.1:8090")
ZEROMQ = os.environ.get("EVERFEED_ZEROMQ", "tcp://127.0.0.1:8081")
MINUTE = timedelta(minutes=1)
NEW_YEAR = datetime(2024, 1, 1, tzinfo=timezone.utc)

try:
    import pandas
except ImportError:
    pandas = None
try:
    import zmq
except ImportError:
    zmq = None
NO_ZMQ = "pyzmq is not installed (Debian: python3-zmq), and tests install nothing"
NO_PANDAS = "pandas is not installed (Debian: python3-pandas), and tests install nothing"


def get(url):
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.read().decode()


def console(path, body=None):
    request = urllib.request.Request(
        CONSOLE + path, data=json.dumps(body or {}).encode(), method="POST",
        headers={"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.read()


def until(condition, seconds=90):
    """Asks ten times a second."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"not so within {seconds} s")
        time.sleep(0.1)


def is_live(hub):
    try:
        return (hub.price("BTC/USDT").source == "binance"
                and hub.price("BTC/USDT").status == "live"
                and hub.bars("BTC/USDT", "1m", limit=2).status == "live"
                and hub.trades("BTC/USDT", limit=1).status == "live")
    except EverfeedError:
        return False


class HubCase(unittest.TestCase):
    def setUp(self):
        self.hub = Everfeed(URL)
        self.addCleanup(self.hub.close)

    def exact(self):
        hub = Everfeed(URL, decimals=True)
        self.addCleanup(hub.close)
        return hub


class PriceTest(HubCase):
    def test_a_price_says_who_told_it_and_how_old_it_is(self):
        until(lambda: is_live(self.hub))
        price = self.hub.price("BTC/USDT", max_age=timedelta(minutes=1))
        self.assertIsInstance(price.price, float)
        self.assertEqual(("BTC/USDT", None, "binance"),
                         (price.symbol, price.equivalent_of, price.source))
        self.assertIn(price.status, everfeed._STATUSES)
        self.assertEqual(timedelta(milliseconds=price.age_ms), price.age)
        self.assertEqual(timezone.utc, price.received_at.tzinfo)

    def test_an_age_beyond_the_wanted_one_raises_and_shows_the_value(self):
        self.hub.price("BTC/USDT")
        with self.assertRaises(Stale) as caught:
            for _ in range(100):  # one that was fetched this very moment is 0 ms old
                self.hub.price("BTC/USDT", max_age=0)
        self.assertEqual("too-old", caught.exception.type)
        self.assertGreater(caught.exception.result.price, 0)

    def test_an_unknown_symbol_says_what_is_known(self):
        with self.assertRaises(BadRequest) as caught:
            self.hub.price("BTC/EUR")
        self.assertEqual((404, "unknown-symbol"), (caught.exception.status, caught.exception.type))
        self.assertIn("BTC/USDT", caught.exception.valid)
        self.assertIn("BTC/EUR", str(caught.exception))

    def test_threads_share_a_client(self):
        failed = []

        def ask():
            try:
                for _ in range(10):
                    self.hub.price("BTC/USDT")
            except Exception as e:  # whatever it is, it is shown
                failed.append(e)

        threads = [threading.Thread(target=ask) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual([], failed)


class BarsTest(HubCase):
    def eventually(self, ask, bars_of, count):
        """What is asked, once it is without a gap. Where a source does not answer in time the hub
        gives what its store has and says what is missing, or has nothing: on a busy machine that
        happens in its first seconds."""
        seen = ["nothing yet"]

        def complete():
            try:
                seen[0] = ask()
                bars = bars_of(seen[0])
            except (Unavailable, KeyError) as e:
                seen[0] = e
                return False
            return len(bars) == count and not bars.gaps

        try:
            until(complete)
        except AssertionError as e:
            told = seen[0]
            raise AssertionError(f"last {str(told)[:300]}, {getattr(told, 'status', '')}, gaps "
                                 f"{getattr(told, 'gaps', '')}, {getattr(told, 'errors', '')}, "
                                 f"tried {getattr(told, 'tried', '')}") from e
        return seen[0]

    def whole(self, count, *args, **kwargs):
        return self.eventually(lambda: self.hub.bars("BTC/USDT", "1m", *args, **kwargs),
                               lambda bars: bars, count)

    def test_more_than_a_page_comes_in_one_piece(self):
        bars = self.whole(12_000, start=NEW_YEAR, limit=12_000)
        self.assertEqual(12_000, len(bars))
        self.assertEqual([NEW_YEAR + i * MINUTE for i in range(12_000)], [b.time for b in bars])
        self.assertEqual([], bars.gaps)

    def test_a_range_comes_whole_without_a_limit(self):
        bars = self.whole(4 * 1440, "2024-01-01", "2024-01-05", limit=None)
        self.assertEqual(4 * 1440, len(bars))
        self.assertEqual(NEW_YEAR + timedelta(days=4) - MINUTE, bars[-1].time)

    def test_the_newest_end_with_the_running_bar(self):
        bars = self.hub.bars("BTC/USDT", "1m", limit=3)
        self.assertEqual([True, True, False], [b.complete for b in bars])
        self.assertEqual(("BTC/USDT", "1m", "binance"), (bars.symbol, bars.interval, bars.exchange))

    def test_a_time_may_be_written_in_three_ways(self):
        ways = [NEW_YEAR, NEW_YEAR.astimezone(timezone(timedelta(hours=8))), 1704067200000,
                "2024-01-01", "2024-01-01T08:00:00+08:00"]
        firsts = {self.hub.bars("BTC/USDT", "1h", way, limit=1)[0].time for way in ways}
        self.assertEqual({NEW_YEAR}, firsts)

    def test_a_time_that_could_be_another_one_is_refused(self):
        with self.assertRaisesRegex(ValueError, "zone"):
            self.hub.bars("BTC/USDT", "1h", datetime(2024, 1, 1))
        with self.assertRaisesRegex(ValueError, "seconds"):
            self.hub.bars("BTC/USDT", "1h", 1704067200)
        for wrong in (True, 1704067200000.5):
            with self.assertRaises(TypeError):
                self.hub.bars("BTC/USDT", "1h", wrong)
        with self.assertRaises(BadRequest):
            self.hub.bars("BTC/USDT", "1h", "2024-01-01T00:00:00")

    def test_a_limit_that_has_no_meaning_is_refused(self):
        for limit in (None, 0, 5001):
            with self.assertRaises(ValueError):
                self.hub.bars("BTC/USDT", "1h", limit=limit)
        with self.assertRaisesRegex(ValueError, "bars_by_exchange"):
            self.hub.bars("BTC/USDT", "1h", exchange="all")

    def test_decimals_are_what_the_source_sent(self):
        self.whole(200, "2024-02-01", limit=200)
        text = get(URL + "/v1/bars?symbol=BTC/USDT&interval=1m&from=2024-02-01&limit=200")
        told = json.loads(text, parse_float=Decimal, parse_int=Decimal)["bars"]
        bars = self.exact().bars("BTC/USDT", "1m", "2024-02-01", limit=200)
        for name in ("open", "high", "low", "close", "volume"):
            self.assertEqual([str(b[name]) for b in told], [str(getattr(b, name)) for b in bars])
        self.assertTrue(all(isinstance(b.volume, Decimal) for b in bars))

    def test_each_exchange_is_by_itself(self):
        sides = self.eventually(
            lambda: self.hub.bars_by_exchange("BTC/USDT", "1m", limit=5),
            lambda sides: sides["binance"], 5)
        self.assertEqual("binance", sides["binance"].exchange)
        self.assertIn(sides.merged, sides)
        known = get(URL + "/v1/bars?symbol=BTC/USDT&interval=1m&limit=1&exchange=all")
        self.assertEqual(set(json.loads(known)["exchanges"]), set(sides) | set(sides.errors))

    def test_an_unknown_exchange_takes_nothing_from_the_others(self):
        sides = self.eventually(
            lambda: self.hub.bars_by_exchange(
                "BTC/USDT", "1m", NEW_YEAR, limit=6000, exchanges=["binance", "mtgox"]),
            lambda sides: sides["binance"], 6000)
        self.assertIsInstance(sides.errors["mtgox"], BadRequest)
        self.assertEqual("unknown-exchange", sides.errors["mtgox"].type)

    def test_frame(self):
        if pandas is None:
            with self.assertRaisesRegex(ImportError, "python3-pandas"):
                self.hub.frame("BTC/USDT", "1h", limit=3)
            self.skipTest(NO_PANDAS)
        frame = self.hub.frame("BTC/USDT", "1h", "2024-01-01", limit=30)
        self.assertEqual(["open", "high", "low", "close", "volume", "complete"],
                         list(frame.columns))
        self.assertEqual((30, NEW_YEAR), (len(frame), frame.index[0].to_pydatetime()))
        self.assertEqual("UTC", str(frame.index.tz))
        self.assertEqual("binance", frame.attrs["exchange"])
        self.assertEqual("float64", str(frame["close"].dtype))
        exact = self.exact().frame("BTC/USDT", "1h", "2024-01-01", limit=2)
        self.assertIsInstance(exact["close"].iloc[0], Decimal)


class TradesTest(HubCase):
    def test_trades_are_oldest_first_and_say_who_told_them(self):
        trades = self.exact().trades("BTC/USDT", limit=20)
        self.assertEqual(20, len(trades))
        self.assertEqual(sorted(t.time for t in trades), [t.time for t in trades])
        self.assertIsInstance(trades[0].size, Decimal)
        again = self.hub.trades(
            "BTC/USDT", from_id=trades[5].trade_id, exchange=trades.exchange, limit=3)
        self.assertEqual([t.trade_id for t in trades[5:8]], [t.trade_id for t in again])


class CcxtTest(HubCase):
    def test_the_shape_is_that_of_ccxt(self):
        candles = self.hub.fetch_ohlcv("BTC/USDT", "1h", since=1704067200000, limit=3)
        bars = self.hub.bars("BTC/USDT", "1h", start=1704067200000, limit=3)
        self.assertEqual(
            [[1704067200000 + i * 3600000, b.open, b.high, b.low, b.close, b.volume]
             for i, b in enumerate(bars)], candles)
        self.assertEqual("binance", candles.exchange)
        self.assertIn(candles.status, everfeed._STATUSES)

    def test_parameters_are_known_or_refused(self):
        candles = self.hub.fetch_ohlcv(
            "BTC/USDT", "1h", 1704067200000, params={"exchange": "binance",
                                                     "until": 1704067200000 + 2 * 3600000})
        self.assertEqual(2, len(candles))
        with self.assertRaisesRegex(ValueError, "price"):
            self.hub.fetch_ohlcv("BTC/USDT", params={"price": "mark"})


class StreamCases:
    """What holds over the WebSocket and over ZeroMQ; ``way`` says which, ``cut`` and ``mend``
    interrupt it."""

    def taken(self, live, wanted):
        found = []
        for message in live:
            found.append(message)
            if len(found) == wanted:
                break
        return found

    def test_trades_come_in_order_and_without_a_hole(self):
        with self.hub.stream("BTC/USDT", ["trade", "quote"], idle=60, **self.way) as live:
            messages = self.taken(live, 40)
        trades = [m for m in messages if m["type"] == "trade"]
        self.assertEqual({"BTC/USDT"}, {m["symbol"] for m in messages})
        self.assertEqual({"trade", "quote"}, {m["type"] for m in messages})
        first = trades[0]["seq"]
        self.assertEqual(list(range(first, first + len(trades))), [t["seq"] for t in trades])
        self.assertIsInstance(trades[0]["price"], float)
        self.assertEqual(timezone.utc, trades[0]["received_at"].tzinfo)
        self.assertEqual([], live.missed)

    def test_what_was_missed_comes_by_replay_in_its_place(self):
        hub = self.exact()
        with hub.stream("BTC/USDT", "quote", idle=60, **self.way) as live:
            before = self.taken(live, 3)
            cut = self.cut(live)
            seq = before[-1]["seq"]
            until(lambda: self.newest_quote() > seq + 50)
            self.mend(live, cut)
            after = self.taken(live, 60)
        seqs = [m["seq"] for m in before + after]
        self.assertEqual(list(range(seqs[0], seqs[0] + len(seqs))), seqs)
        self.assertGreater(live.repaired, 0)
        self.assertEqual([], live.missed)
        self.assertIsInstance(after[0]["bid"], Decimal)

    def newest_quote(self):
        snapshot = json.loads(get(URL + "/v1/snapshot?symbol=BTC/USDT"))
        return next(s["seq"] for s in snapshot["streams"] if s["stream"] == "quote|BTC/USDT")

    def test_what_the_venue_left_out_comes_as_an_event(self):
        self.addCleanup(lambda: until(lambda: is_live(self.hub)))
        self.addCleanup(console, "/heal")
        with self.hub.stream("BTC/USDT", ["trade", "event"], idle=90, **self.way) as live:
            next(m for m in live if m["type"] == "trade")
            # one line alone would be made up for by the others, and all of them by the refill
            console("/venues/binance/fault", {"kind": "refuse"})
            for line in ("binance_2", "binance_3"):
                console(f"/venues/{line}/fault", {"kind": "gap", "symbol": "BTC/USDT", "count": 10})
            gap = next(m for m in live if m.get("event_type") == "gap_declared")
        self.assertEqual("dense_ids", gap["gap_proof"])
        self.assertEqual(gap["ticks_lost"], int(gap["last_id"]) - int(gap["first_id"]) + 1)

    def test_it_ends_after_a_while_without_a_message(self):
        began = time.monotonic()
        with self.hub.stream("BTC/USDT", "bar", "1m", idle=0.3, **self.way) as live:
            live._way.receive = lambda wait: time.sleep(wait)
            self.assertEqual([], list(live))
        self.assertLess(time.monotonic() - began, 5)


class WebSocketTest(StreamCases, HubCase):
    way = {}

    def cut(self, live):
        live._way._connection.sock.shutdown(socket.SHUT_RDWR)

    def mend(self, live, _):
        self.addCleanup(lambda: self.assertEqual(1, live.reconnects))

    def test_what_is_not_published_is_refused(self):
        with self.hub.stream(["BTC/USDT", "NO/PE"], idle=60) as live:
            with self.assertRaisesRegex(BadRequest, "NO/PE") as caught:
                next(live)
        self.assertIn("trade|BTC/USDT", caught.exception.valid)

    def test_the_snapshot_is_where_a_hole_begins(self):
        """What is lost before the first message is found too."""
        with self.hub.stream("BTC/USDT", "quote", idle=60) as live:
            receive = live._way.receive

            def lossy(wait):
                text = receive(wait)
                if text is not None and json.loads(text)["type"] == "quote":
                    live._way.receive = receive
                    return lossless(wait)
                return text

            def lossless(wait):
                while True:
                    text = receive(wait)
                    if text is None or json.loads(text)["type"] == "quote":
                        return text

            live._way.receive = lossy
            seqs = [m["seq"] for m in self.taken(live, 5)]
        self.assertEqual(list(range(seqs[0], seqs[0] + 5)), seqs)
        self.assertGreater(live.repaired, 0)


@unittest.skipIf(zmq is None, NO_ZMQ)
class ZeroMqTest(StreamCases, HubCase):
    way = {"zeromq": ZEROMQ}

    def cut(self, live):
        address = live._way._socket.getsockopt_string(zmq.LAST_ENDPOINT)
        live._way._socket.disconnect(address)
        return address

    def mend(self, live, address):
        live._way._socket.connect(address)


class FaultTest(HubCase):
    def test_what_is_stale_is_never_taken_for_live(self):
        self.addCleanup(lambda: until(lambda: is_live(self.hub)))  # before the hub is closed
        self.addCleanup(console, "/heal")
        until(lambda: is_live(self.hub))
        for venue in json.loads(get(CONSOLE + "/venues"))["venues"]:
            console(f"/venues/{venue['name']}/fault", {"kind": "refuse"})
        until(lambda: self.hub.price("BTC/USDT").tried)
        with self.assertRaises(Stale) as caught:
            self.hub.price("BTC/USDT", require_live=True)
        self.assertEqual("not-live", caught.exception.type)
        self.assertIn(caught.exception.result.status, ("cached", "stale"))
        self.assertIn("binance", [t["source"] for t in caught.exception.tried])

        until(lambda: self.hub.bars("BTC/USDT", "1m", limit=2).status != "live")
        with self.assertRaises(Stale):
            self.hub.bars("BTC/USDT", "1m", limit=2, require_live=True)
        with self.assertRaises(Stale):
            self.hub.fetch_ohlcv("BTC/USDT", "1m", limit=2, params={"require_live": True})
        sides = self.hub.bars_by_exchange("BTC/USDT", "1m", limit=2, require_live=True)
        self.assertNotIn("binance", sides)
        self.assertIsInstance(sides.errors["binance"], (Stale, Unavailable))


def verdict(action="reduce", factor=0.5, valid_for_ms=2000, **more):
    told = dict(
        symbol="BTC/USDT", verdict=action, factor=factor, at="2026-01-01T00:00:00Z",
        valid_until="2026-01-01T00:00:02Z", valid_for_ms=valid_for_ms, since=None, basis="poll",
        gateway="binance", status="live", age_ms=5, sources=1,
        reasons=[dict(code="few_sources", factor=0.5, message="1 healthy source")])
    told.update(more)
    return 200, json.dumps(told).encode()


class VerdictTest(unittest.TestCase):
    """No answer is a halt, whatever the reason; an answer is one for as long as it is good."""

    def told(self, *answers):
        server = Told(*answers)
        self.addCleanup(server.close)
        hub = Everfeed(server.url, timeout=2)
        self.addCleanup(hub.close)
        self.now = 100.0
        hub._now = lambda: self.now
        return hub

    def test_it_is_what_the_hub_says_while_it_is_valid(self):
        told = self.told(verdict()).verdict("BTC/USDT")
        self.assertEqual(("reduce", 0.5, True), (told.action, told.factor, told.valid))
        self.assertEqual(["few_sources"], [reason.code for reason in told.reasons])
        self.assertEqual("Verdict(BTC/USDT: reduce 0.5 few_sources)", repr(told))
        self.now += 1.999
        self.assertEqual("reduce", told.action)
        self.now += 0.001
        self.assertEqual(("halt", 0.0, False), (told.action, told.factor, told.valid))
        self.assertEqual(["expired"], [reason.code for reason in told.reasons])

    def test_the_time_counts_from_before_the_question(self):
        hub = self.told(verdict("trade", 1, reasons=[]))
        get = hub._get

        def slow(target):
            answer = get(target)
            self.now += 3
            return answer

        hub._get = slow
        told = hub.verdict("BTC/USDT")
        self.assertEqual(("halt", 0.0), (told.action, told.factor))
        self.assertEqual(["expired"], [reason.code for reason in told.reasons])

    def test_what_is_no_verdict_is_a_halt(self):
        for answer in (busy(), (200, b"<html>"), (200, b"{}"), verdict("trade", 0.5),
                       verdict("buy", 1), verdict("trade", 7), (500, b""),
                       verdict("trade", 1, reasons=[], symbol="ETH/USDT")):
            told = self.told(answer).verdict("BTC/USDT")
            self.assertEqual(("halt", 0.0, False), (told.action, told.factor, told.valid))
            self.assertEqual(["no_answer"], [reason.code for reason in told.reasons])

    def test_no_word_counts_for_longer_than_a_hub_can_mean(self):
        told = self.told(verdict("trade", 1, reasons=[], valid_for_ms=10**12)).verdict("BTC/USDT")
        self.now += 59.9
        self.assertEqual("trade", told.action)
        self.now += 0.1
        self.assertEqual("halt", told.action)

    def test_time_that_the_machine_slept_has_passed(self):
        hub = Everfeed("http://127.0.0.1:1")
        if hasattr(time, "CLOCK_BOOTTIME"):
            self.assertAlmostEqual(time.clock_gettime(time.CLOCK_BOOTTIME), hub._now(), delta=5)

    def test_a_hub_that_is_not_there_is_a_halt(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        told = Everfeed(f"http://127.0.0.1:{port}", timeout=1).verdict("BTC/USDT")
        self.assertEqual(("halt", 0.0), (told.action, told.factor))

    def test_a_refused_question_is_no_verdict(self):
        problem = {"type": "urn:everfeed:problem:unknown-symbol", "title": "t", "status": 404,
                   "detail": "not configured", "instance": "/v1/verdict"}
        with self.assertRaises(everfeed.BadRequest):
            self.told((404, json.dumps(problem).encode())).verdict("NO/NE")


class LiveVerdictTest(HubCase):
    def test_a_hub_that_is_well_lets_trade_and_says_for_how_long(self):
        # what other tests had a venue lose counts for a minute
        until(lambda: [reason.code for reason in self.hub.verdict("BTC/USDT").reasons]
              in ([], ["lost"]))
        told = self.hub.verdict("BTC/USDT").told
        self.assertEqual(("stream", "BTC/USDT"), (told["basis"], told["symbol"]))
        self.assertGreater(told["valid_for_ms"], 0)


class NoHubTest(unittest.TestCase):
    def test_a_hub_that_is_not_there(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            port = taken.getsockname()[1]
        with Everfeed(f"http://127.0.0.1:{port}") as hub:
            with self.assertRaises(NotReachable) as caught:
                hub.price("BTC/USDT")
        self.assertIsNone(caught.exception.status)
        self.assertIn(str(port), str(caught.exception))

    def test_one_that_accepts_and_says_nothing(self):
        with socket.create_server(("127.0.0.1", 0)) as silent:
            port = silent.getsockname()[1]
            with Everfeed(f"http://127.0.0.1:{port}", timeout=0.3) as hub:
                with self.assertRaisesRegex(NotReachable, "0.3 s"):
                    hub.price("BTC/USDT")

    def test_an_address_must_be_one(self):
        for url in ("127.0.0.1:8080", "ftp://127.0.0.1", "http://", "http://a?b=c", "http://u@h"):
            with self.assertRaises(ValueError, msg=url):
                Everfeed(url)


class Told:
    """A server that gives prepared answers (status, body and perhaps headers), one a request, and
    remembers what was asked."""

    def __init__(self, *answers, hang_up=False):
        self.asked = []
        self.shown = []
        self.connections = 0
        remaining = list(answers)
        told = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self):
                super().setup()
                told.connections += 1

            def do_GET(self):
                told.asked.append(self.path)
                told.shown.append(self.headers.get("authorization"))
                if not remaining:
                    self.close_connection = True
                    return
                status, body, *headers = remaining.pop(0)
                self.send_response(status)
                for name, value in (headers[0] if headers else {}).items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
                self.close_connection = hang_up  # without telling

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def page(times, next_from, gaps=(), **more):
    told = dict(
        symbol="BTC/USDT", interval="1m", source="kraken", exchange="kraken", gateway="kraken",
        content="exchange", status="live", age_ms=5, received_at="2024-01-01T00:00:00.123456789Z",
        next_from=next_from, tried=[], gaps=list(gaps), gaps_dropped=0,
        bars=[dict(time=t, open="1", high="2", low="0.5", close="1.50", volume=None, complete=True)
              for t in times])
    told.update(more)
    return 200, json.dumps(told).encode()


def busy(**headers):
    told = {"type": "urn:everfeed:problem:provider-unavailable", "title": "t", "status": 503,
            "detail": "no room", "instance": "/v1/bars", "tried": []}
    return 503, json.dumps(told).encode(), {n.replace("_", "-"): v for n, v in headers.items()}


def gap(start, end, bars, kind="missing"):
    return {"from": start, "to": end, "bars": bars, "kind": kind}


class KeyTest(unittest.TestCase):
    KEY = "everfeed_abcdefgh_" + "k" * 43

    def asked_with(self, **more):
        server = Told(page(["2024-01-01T00:00:00Z"], None))
        try:
            with Everfeed(server.url, **more) as hub:
                hub.bars("BTC/USDT", "1m")
                self.assertNotIn(self.KEY, repr(hub))
        finally:
            server.close()
        return server.shown

    def setUp(self):
        self.before = dict(os.environ)
        for name in ("EVERFEED_API_KEY", "EVERFEED_API_KEY_FILE"):
            os.environ.pop(name, None)

    def tearDown(self):
        os.environ.clear()
        os.environ.update(self.before)

    def test_without_a_key_none_is_shown(self):
        self.assertEqual(self.asked_with(), [None])

    def test_a_key_is_shown_with_every_question(self):
        self.assertEqual(self.asked_with(key=self.KEY), ["Bearer " + self.KEY])

    def test_the_key_of_the_environment_or_of_a_file(self):
        os.environ["EVERFEED_API_KEY"] = self.KEY
        self.assertEqual(self.asked_with(), ["Bearer " + self.KEY])
        self.assertEqual(self.asked_with(key=""), [None])
        del os.environ["EVERFEED_API_KEY"]
        with tempfile.NamedTemporaryFile("w") as file:
            file.write(self.KEY + "\n")
            file.flush()
            os.environ["EVERFEED_API_KEY_FILE"] = file.name
            self.assertEqual(self.asked_with(), ["Bearer " + self.KEY])

    def test_what_is_no_key_is_refused_before_it_is_sent(self):
        for key in ("a\r\nhost: evil", "a b", "x" * 201):
            with self.assertRaises(ValueError):
                Everfeed("http://127.0.0.1:1", key=key)


class AnswersTest(unittest.TestCase):
    def told(self, *answers, **options):
        told = Told(*answers, **options)
        self.addCleanup(told.close)
        hub = Everfeed(told.url)
        self.addCleanup(hub.close)
        return told, hub

    def test_pages_are_joined_with_their_gaps_and_have_the_worse_status(self):
        told, hub = self.told(
            page(["2024-01-01T00:00:00Z"], "2024-01-01T00:03:00Z",
                 [gap("2024-01-01T00:01:00Z", "2024-01-01T00:03:00Z", 2, "no_trades")]),
            page([], "2024-01-01T00:05:00Z",
                 [gap("2024-01-01T00:03:00Z", "2024-01-01T00:05:00Z", 2, "no_trades")],
                 status="cached", age_ms=9),
            page(["2024-01-01T00:05:00Z", "2024-01-01T00:07:00Z"], None,
                 [gap("2024-01-01T00:06:00Z", "2024-01-01T00:07:00Z", 1)]))
        bars = hub.bars("BTC/USDT", "1m", "2024-01-01", limit=None)
        self.assertEqual(3, len(bars))
        self.assertEqual([(4, "no_trades"), (1, "missing")], [(g.bars, g.kind) for g in bars.gaps])
        self.assertEqual(NEW_YEAR + 5 * MINUTE, bars.gaps[0].end)
        self.assertEqual(("cached", 9), (bars.status, bars.age_ms))
        self.assertIsNone(bars[0].volume)
        self.assertEqual(123456, bars.received_at.microsecond)
        self.assertNotIn("exchange=", told.asked[0])
        self.assertIn("exchange=kraken", told.asked[1])
        self.assertEqual(1, told.connections)

    def test_a_limit_is_kept_over_pages(self):
        told, hub = self.told(
            page(["2024-01-01T00:00:00Z"], "2024-01-01T00:01:00Z"),
            page(["2024-01-01T00:01:00Z"], "2024-01-01T00:02:00Z"))
        candles = hub.fetch_ohlcv("BTC/USDT", "1m", since=1704067200000, limit=2)
        self.assertEqual([1704067200000, 1.0, 2.0, 0.5, 1.5, None], candles[0])
        self.assertEqual(2, len(candles))
        self.assertIn("limit=1", told.asked[1])

    def test_pages_of_an_exchange_may_come_from_each_of_its_sources(self):
        told, hub = self.told(
            page(["2024-01-01T00:00:00Z"], "2024-01-01T00:01:00Z", source="coinbase_exchange",
                 exchange="coinbase", gateway="coinbase_exchange"),
            page(["2024-01-01T00:01:00Z"], None, source="coinbase_advanced", exchange="coinbase",
                 gateway="coinbase_advanced"))
        candles = hub.fetch_ohlcv("BTC/USDT", "1m", since=1704067200000, limit=15000,
                                  params={"exchange": "coinbase"})
        self.assertEqual(2, len(candles))
        self.assertEqual("coinbase", candles.exchange)
        self.assertIn("exchange=coinbase", told.asked[1])

    def test_averages_of_two_sources_are_not_mixed(self):
        _, hub = self.told(
            page(["2024-01-01T00:00:00Z"], "2024-01-01T00:01:00Z", source="one", exchange=None),
            page(["2024-01-01T00:01:00Z"], None, source="other", exchange=None))
        with self.assertRaisesRegex(BadAnswer, "source one"):
            hub.bars("BTC/USDT", "1m", "2024-01-01", limit=None)

    def patient(self, *answers, **options):
        """As ``told``, with what it would have waited instead of the waiting."""
        told, hub = self.told(*answers)
        waits = []
        hub._sleep, hub._now = waits.append, lambda: sum(waits)
        for name, value in options.items():
            setattr(hub, name, value)
        return told, hub, waits

    FIRST = page(["2024-01-01T00:00:00Z"], "2024-01-01T00:01:00Z")
    SECOND = page(["2024-01-01T00:01:00Z"], None)
    HOLE = page(["2024-01-05T00:00:00Z"], None,
                [gap("2024-01-01T00:01:00Z", "2024-01-05T00:00:00Z", 5759)], status="cached")

    def test_a_further_page_that_begins_with_missing_bars_is_asked_for_again(self):
        told, hub, waits = self.patient(self.FIRST, self.HOLE, self.HOLE, self.SECOND)
        bars = hub.bars("BTC/USDT", "1m", "2024-01-01", limit=None)
        self.assertEqual([NEW_YEAR, NEW_YEAR + MINUTE], [b.time for b in bars])
        self.assertEqual(([], "live"), (bars.gaps, bars.status))
        self.assertEqual([1, 2], waits)
        self.assertEqual(1, len(set(told.asked[1:])))

    def test_a_further_page_that_stays_away_raises_with_what_was_read(self):
        for away, kind in ((self.HOLE, "incomplete"), (busy(), "provider-unavailable"),
                           (page([], None, [gap("2024-01-01T00:01:00Z", "2024-01-05T00:00:00Z",
                                                5759)]), "incomplete")):
            told, hub, waits = self.patient(self.FIRST, *[away] * 9)
            with self.assertRaises(Unavailable) as caught:
                hub.bars("BTC/USDT", "1m", "2024-01-01", limit=None)
            self.assertEqual(kind, caught.exception.type)
            self.assertEqual([NEW_YEAR], [b.time for b in caught.exception.result])
            self.assertEqual([1, 2, 4, 8, 15], waits)
            self.assertEqual(7, len(told.asked))
        told, hub, waits = self.patient(self.FIRST, self.HOLE, patience=0)
        with self.assertRaisesRegex(Unavailable, "2024-01-01T00:01.*5759 missing.*waited 0.0 s"):
            hub.bars("BTC/USDT", "1m", "2024-01-01", limit=None)
        self.assertEqual([], waits)

    def test_a_further_page_is_waited_for_as_long_as_the_hub_says(self):
        _, hub, waits = self.patient(
            self.FIRST, busy(retry_after="7"), busy(retry_after="1"), self.SECOND)
        self.assertEqual(2, len(hub.bars("BTC/USDT", "1m", "2024-01-01", limit=None)))
        self.assertEqual([7, 2], waits)
        _, hub, waits = self.patient(self.FIRST, busy(retry_after="31"))
        with self.assertRaises(Unavailable) as caught:
            hub.bars("BTC/USDT", "1m", "2024-01-01", limit=None)
        self.assertEqual(31, caught.exception.retry_after)
        self.assertEqual(([], 1), (waits, len(caught.exception.result)))

    def test_the_first_page_is_neither_waited_for_nor_doubted(self):
        _, hub, waits = self.patient(busy(retry_after="1"), self.HOLE)
        with self.assertRaises(Unavailable) as caught:
            hub.bars("BTC/USDT", "1m", "2024-01-01")
        self.assertEqual((1, None), (caught.exception.retry_after, caught.exception.result))
        self.assertEqual(5759, hub.bars("BTC/USDT", "1m", "2024-01-01").gaps[0].bars)
        self.assertEqual([], waits)

    def test_pages_that_do_not_belong_together_are_refused(self):
        first = page(["2024-01-01T00:00:00Z"], "2024-01-01T00:01:00Z")
        for second in (page(["2024-01-01T00:01:00Z"], None, source="okx", exchange="okx"),
                       page(["2024-01-01T00:01:00Z"], None, symbol="BTC/USD"),
                       page(["2024-01-01T00:00:00Z"], None),
                       page(["2024-01-01T00:01:00Z"], "2024-01-01T00:01:00Z")):
            _, hub = self.told(first, second)
            with self.assertRaises(BadAnswer) as caught:
                hub.bars("BTC/USDT", "1m", "2024-01-01", limit=None)
            self.assertEqual(NEW_YEAR, caught.exception.result[0].time)

    def test_a_kept_connection_that_was_closed_is_opened_again_once(self):
        told, hub = self.told(*[page(["2024-01-01T00:00:00Z"], None)] * 3, hang_up=True)
        for _ in range(3):
            self.assertEqual(1, len(hub.bars("BTC/USDT", "1m")))
        self.assertEqual(3, told.connections)
        with self.assertRaises(NotReachable):
            hub.bars("BTC/USDT", "1m")
        asked = len(told.asked)
        with self.assertRaises(NotReachable):
            hub.bars("BTC/USDT", "1m")
        self.assertEqual(asked + 1, len(told.asked), "a first use is not repeated")

    def test_what_is_not_everfeed_is_told_apart(self):
        for status, body in ((200, b"<html>"), (502, b"Bad Gateway"), (200, b"{}"), (200, b"[]"),
                             (404, b'{"error":"x"}'), (200, b"\xff"), (200, b"")):
            _, hub = self.told((status, body))
            with self.assertRaises(BadAnswer) as caught:
                hub.price("BTC/USDT")
            self.assertEqual(status, caught.exception.status)
        _, hub = self.told(page(["2024-01-01T00:00:00"], None))
        self.assertRaises(BadAnswer, hub.bars, "BTC/USDT", "1m")
        _, hub = self.told(page([], None, status="superb"))
        self.assertRaises(BadAnswer, hub.bars, "BTC/USDT", "1m")

    def test_a_stream_from_what_is_not_everfeed_is_told_apart(self):
        for status, body, kind in ((200, b"{}", BadAnswer), (404, b"<html>", BadAnswer),
                                   (101, b"", BadAnswer)):
            _, hub = self.told((status, body))
            with self.assertRaises(kind) as caught:
                hub.stream("BTC/USDT")
            self.assertEqual(status, caught.exception.status)
        self.assertRaises(
            NotReachable, Everfeed(self.told(hang_up=True)[1].url).stream, "BTC/USDT")

    def test_problems_have_a_type_of_their_own(self):
        def problem(status, name):
            return status, json.dumps({
                "type": "urn:everfeed:problem:" + name, "title": "t", "status": status,
                "detail": "d", "instance": "/v1/price",
                "tried": [{"source": "okx", "kind": "timeout", "message": "m"}]}).encode()

        for status, name, kind in ((503, "provider-unavailable", Unavailable),
                                   (504, "no-answer", Unavailable),
                                   (400, "invalid-parameter", BadRequest),
                                   (500, "internal-error", EverfeedError)):
            _, hub = self.told(problem(status, name))
            with self.assertRaises(EverfeedError) as caught:
                hub.price("BTC/USDT")
            self.assertIs(kind, type(caught.exception))
            self.assertEqual((status, name, "d", "okx"),
                             (caught.exception.status, caught.exception.type,
                              caught.exception.detail, caught.exception.tried[0]["source"]))


class ReadmeTest(unittest.TestCase):
    """One test for each example, made below."""


def example(code):
    def run(self):
        if "frame(" in code and pandas is None:
            self.skipTest(NO_PANDAS)
        if "zeromq=" in code and zmq is None:
            self.skipTest(NO_ZMQ)
        here = code.replace("http://127.0.0.1:8080", URL).replace("tcp://127.0.0.1:8081", ZEROMQ)
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            exec(compile(here, "README.md", "exec"), {})
        self.assertNotEqual("", said.getvalue())
    return run


EXAMPLES = re.findall(r"^```python\n(.*?)^```$", (HERE / "README.md").read_text("utf-8"),
                      re.MULTILINE | re.DOTALL)
for number, code in enumerate(EXAMPLES, 1):
    setattr(ReadmeTest, f"test_example_{number}", example(code))


class ExamplesTest(HubCase):
    def test_the_readme_has_examples(self):
        self.assertGreaterEqual(len(EXAMPLES), 6)

    def test_the_examples_of_the_docstrings_give_what_they_show(self):
        until(lambda: is_live(self.hub))
        self.hub.bars("BTC/USDT", "1h", limit=24)
        result = doctest.testmod(everfeed, extraglobs={"hub": self.hub, "url": URL})
        self.assertEqual(0, result.failed)
        self.assertGreater(result.attempted, 10)


if __name__ == "__main__":
    unittest.main(verbosity=2)
