"""A client of Everfeed, in one file and with nothing but the standard library.

Copy it beside your program, or put its folder on PYTHONPATH. Python 3.9 or later; pandas only
for ``frame``, pyzmq only for ``stream`` over ZeroMQ.

    >>> with Everfeed(url) as hub:
    ...     price = hub.price("BTC/USDT")
    >>> price.price > 0, price.source, price.age_ms < 60_000
    (True, 'binance', True)

What the hub serves is never more than it says: every result has a ``status`` (``live``,
``maybe_stale``, ``stale``, ``delayed``, ``backfilled``, ``cached``), an age and the source.
``require_live=True`` and ``max_age=`` make an exception of what is not good enough. (What nobody
asked for in the last seconds may come from memory, as ``cached``, while the hub fetches it anew:
the next answer is ``live`` then.) Nothing is
retried behind your back, except a further page of a range, for ``patience`` seconds; the hub has
tried its sources before it answers, and ``tried`` says how.
"""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import operator
import os
import random
import re
import socket
import ssl
import threading
import time
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import (
    Any, Callable, Dict, Iterable, Iterator, List, NamedTuple, Optional, Tuple, Type, Union)
from urllib.parse import urlencode, urlsplit

__all__ = [
    "Everfeed", "Price", "Bar", "Bars", "BarsByExchange", "Candles", "Gap", "Live", "Missed",
    "Trade", "Trades",
    "EverfeedError", "BadAnswer", "BadRequest", "NotReachable", "Stale", "Unavailable",
]

Number = Union[float, Decimal]
Moment = Union[datetime, int, str]
Age = Union[float, timedelta]

#: Bars in one answer of the hub; more are fetched in pages.
PAGE_MAX = 5000

#: Seconds before a further page is asked for again; doubled each time.
_FIRST_WAIT = 1.0

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_LIKE_SECONDS = 100_000_000_000  # as milliseconds 1973-03-03, as seconds the year 5138
_SECONDS = re.compile(r"[0-9]{1,9}")
_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z")

#: Seconds; no hub can be configured to have a verdict count for longer.
_VERDICT_MOST = 60.0

#: From the best to the worst: the status of a result of several pages is its worst page's.
_STATUSES = ("live", "backfilled", "cached", "delayed", "maybe_stale", "stale")


class EverfeedError(Exception):
    """Something that the hub, or the way to it, did not give.

    ``status`` is the HTTP status (None without an answer), ``type`` the problem's name without
    ``urn:everfeed:problem:``, ``detail`` the sentence for people, ``tried`` a list of
    ``{"source", "kind", "message"}``, ``valid`` what would have been right, ``told`` all of the
    problem as the hub wrote it, ``retry_after`` the seconds after which the hub wants to be asked
    again, None where it does not say. ``result`` is what there is all the same: the
    :class:`Bars` read so far when a further page of a range fails; otherwise None.
    """

    result: Any

    def __init__(self, status: Optional[int], type: str, detail: str,
                 tried: Optional[List[Dict[str, str]]] = None,
                 valid: Optional[List[str]] = None) -> None:
        super().__init__(detail)
        self.status = status
        self.type = type
        self.detail = detail
        self.tried = tried or []
        self.valid = valid or []
        self.told: Dict[str, Any] = {}
        self.retry_after: Optional[float] = None
        self.result = None


class NotReachable(EverfeedError):
    """No hub answered at the address, or not in time."""


class BadRequest(EverfeedError):
    """The hub refused the question (400 to 499); asking again gives the same."""


class Unavailable(EverfeedError):
    """The hub is there and has no usable answer (503, 504); ``tried`` says why. Or, with ``type``
    ``incomplete``, it answers and lacks the bars that a range goes on with."""


class Stale(EverfeedError):
    """There is an answer and it is not as good as ``require_live`` or ``max_age`` want it.

    ``result`` is what was refused, for those who want to look at it all the same.
    """

    def __init__(self, type: str, detail: str, result: Any) -> None:
        super().__init__(200, type, detail, result.tried)
        self.result = result


class BadAnswer(EverfeedError):
    """What came is not what the interface promises: another program's answer, or pages that do
    not belong together."""


class Bar(NamedTuple):
    """One interval. ``time`` is its open, in UTC; ``volume`` is in base units, None where the
    source has none; ``complete`` is False for the bar that is still running."""

    time: datetime
    open: Number
    high: Number
    low: Number
    close: Number
    volume: Optional[Number]
    complete: bool


class Gap(NamedTuple):
    """A stretch of ``bars`` intervals without a bar, from ``start`` to before ``end``. ``kind``:
    ``no_trades``, ``venue_has_none``, or ``missing`` (the hub lacks it)."""

    start: datetime
    end: datetime
    bars: int
    kind: str


class Trade(NamedTuple):
    """One execution. ``side`` is the taker's; ``time``, ``side`` and ``trade_id`` are None where
    the source does not tell."""

    time: Optional[datetime]
    price: Number
    size: Number
    side: Optional[str]
    trade_id: Optional[str]


@dataclass(frozen=True)
class Price:
    """The latest price of a symbol.

    ``symbol`` is what the price is of. When no source had what was asked for, it may be a
    configured equivalent (BTC/USD), and ``equivalent_of`` is what was asked for (BTC/USDT).
    ``exchange`` is None for an average over several.
    """

    symbol: str
    equivalent_of: Optional[str]
    price: Optional[Number]
    bid: Optional[Number]
    ask: Optional[Number]
    bid_size: Optional[Number]
    ask_size: Optional[Number]
    source: str
    exchange: Optional[str]
    gateway: str
    content: str
    status: str
    age_ms: int
    time: Optional[datetime]
    received_at: datetime
    tried: List[Dict[str, str]]

    @property
    def age(self) -> timedelta:
        """Since the venue's own stamp where there is one, else since it was received."""
        return timedelta(milliseconds=self.age_ms)


class Reason(NamedTuple):
    """Why the limit is less than usual: ``code`` for programs, ``message`` for people, and the
    ``factor`` that it allows."""

    code: str
    factor: float
    message: str


class Verdict:
    """Whether a program may trade a symbol now, by the quality of the hub's data alone.

    ``action`` is ``trade``, ``reduce`` or ``halt``; ``factor`` is what share of its usual position
    limit the program may use, 0 to 1. Both are looked at when they are read: once the hub's word
    is not valid any more, or when there was none, they are ``halt`` and 0, however long the object
    was held. ``told`` is the hub's whole answer, or None.
    """

    def __init__(self, symbol: str, told: Optional[Dict[str, Any]], valid_until: float,
                 reasons: List[Reason], now: Callable[[], float]) -> None:
        self.symbol = symbol
        self.told = told
        self._valid_until = valid_until
        self._reasons = reasons
        self._now = now

    @property
    def valid(self) -> bool:
        """Whether the hub's word still counts."""
        return self.told is not None and self._now() < self._valid_until

    @property
    def action(self) -> str:
        return str(self.told["verdict"]) if self.told is not None and self.valid else "halt"

    @property
    def factor(self) -> float:
        return float(self.told["factor"]) if self.told is not None and self.valid else 0.0

    @property
    def reasons(self) -> List[Reason]:
        """Why the factor is not 1; the hub's own, or ``no_answer`` and ``expired``."""
        if self.told is not None and not self.valid:
            return [Reason("expired", 0.0, "the hub's word is older than it is good")]
        return self._reasons

    def __repr__(self) -> str:
        why = ", ".join(reason.code for reason in self.reasons)
        return f"Verdict({self.symbol}: {self.action} {self.factor:g}{' ' + why if why else ''})"


class _Told(list):
    """A list that says who told it and how far to trust it."""

    symbol: str
    source: str
    exchange: Optional[str]
    gateway: str
    content: str
    status: str
    age_ms: int
    received_at: datetime
    tried: List[Dict[str, str]]

    @property
    def age(self) -> timedelta:
        """Of the oldest page."""
        return timedelta(milliseconds=self.age_ms)

    def _same_teller(self, other: Any) -> None:
        for name in ("symbol", "source", "exchange", "gateway", "content", "status", "age_ms",
                     "received_at", "tried"):
            setattr(self, name, getattr(other, name))


class Bars(_Told):
    """Bars of one exchange, oldest first: a list of :class:`Bar` with ``symbol``, ``interval``,
    ``source``, ``exchange``, ``status``, ``age``, ``received_at``, ``tried``, ``gaps`` (a list of
    :class:`Gap`) and ``gaps_dropped`` (gaps that the hub counted and did not list).

    ``consistency`` is set by :meth:`Everfeed.bars_by_exchange`: how far the closes are from the
    median of the exchanges, or None.
    """

    interval: str
    gaps: List[Gap]
    gaps_dropped: int
    consistency: Optional[Dict[str, Any]]

    def frame(self) -> Any:
        """As a pandas DataFrame: columns open, high, low, close, volume, complete; the index is
        the open, in UTC. ``frame.attrs`` has symbol, interval, source, exchange, status and
        age_ms. Numbers are float64, or Decimal objects with ``decimals=True``.
        """
        try:
            import pandas
        except ImportError as e:
            raise ImportError("frame() needs pandas, which is not installed; Debian: "
                              "apt install python3-pandas; bars() works without it") from e
        index = pandas.DatetimeIndex(
            pandas.to_datetime([bar.time for bar in self], utc=True), name="time")
        exact = any(isinstance(bar.close, Decimal) for bar in self)
        columns: Dict[str, Any] = {}
        for name in ("open", "high", "low", "close", "volume"):
            columns[name] = pandas.Series([getattr(bar, name) for bar in self], index=index,
                                          dtype="object" if exact else "float64")
        columns["complete"] = pandas.Series(
            [bar.complete for bar in self], index=index, dtype="bool")
        frame = pandas.DataFrame(columns, index=index)
        for name in ("symbol", "interval", "source", "exchange", "status", "age_ms"):
            frame.attrs[name] = getattr(self, name)
        return frame


class Trades(_Told):
    """Executions of one exchange, oldest first: a list of :class:`Trade` that says who told it."""


class Candles(_Told):
    """What ``fetch_ohlcv`` of ccxt gives, ``[[ms, open, high, low, close, volume], ...]``, that
    also says who told it; ``gaps`` as in :class:`Bars`."""

    gaps: List[Gap]


class BarsByExchange(Dict[str, Bars]):
    """:class:`Bars` by exchange, the first choice first. ``errors`` has an
    :class:`EverfeedError` for each exchange that has none; ``merged`` is the exchange that
    stands for all when none is named, or None."""

    symbol: str
    interval: str
    merged: Optional[str]
    errors: Dict[str, EverfeedError]


class Missed(NamedTuple):
    """Messages of a stream that nobody has any more, from one ``seq`` to another, both included;
    None for a hub that has begun anew (``epoch``), where nobody can tell how many."""

    stream: str
    epoch: int
    from_seq: Optional[int]
    to_seq: Optional[int]


class Live:
    """What ``Everfeed.stream`` gives; close it, or use it with ``with``.

    ``missed`` lists what was lost for good, ``repaired`` counts what came by replay,
    ``reconnects`` how often the WebSocket was opened anew.
    """

    #: After so many seconds without a message it is looked up whether the hub has newer ones:
    #: what is dropped at the end of a burst shows in no later ``seq``.
    LOOK_AFTER = 2.0

    def __init__(self, hub: "Everfeed", symbols: List[str], channels: List[str],
                 intervals: List[str], zeromq: Optional[str], idle: Optional[float]) -> None:
        self.missed: List[Missed] = []
        self.repaired = 0
        self._hub = hub
        self._symbols = symbols
        self._idle = idle
        self._last: Dict[str, Tuple[int, int]] = {}
        self._streams = [
            f"{channel}|{symbol}" + (f"|{interval}" if channel == "bar" else "")
            for symbol in symbols for channel in channels if channel != "event"
            for interval in (intervals if channel == "bar" else [""])]
        if "event" in channels:
            self._streams.append("event")  # of all types
        self._way: Union[_ZeroMq, _WebSocket] = (
            _WebSocket(hub, self._streams) if zeromq is None else _ZeroMq(zeromq, self._streams))
        self._messages = self._all()

    @property
    def reconnects(self) -> int:
        return self._way.reconnects

    def __enter__(self) -> "Live":
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()

    def close(self) -> None:
        self._way.close()

    def __iter__(self) -> Iterator[Dict[str, Any]]:
        return self._messages

    def __next__(self) -> Dict[str, Any]:
        return next(self._messages)

    def _all(self) -> Iterator[Dict[str, Any]]:
        heard = time.monotonic()
        while True:
            wait = self.LOOK_AFTER
            if self._idle is not None:
                wait = min(wait, max(0.001, heard + self._idle - time.monotonic()))
            text = self._way.receive(wait)
            if text is not None:
                for message in self._told(self._parsed(text)):
                    heard = time.monotonic()
                    yield message
            elif self._idle is not None and time.monotonic() >= heard + self._idle:
                return
            else:
                for message in self._looked_up():
                    heard = time.monotonic()
                    yield message

    def _told(self, message: Dict[str, Any]) -> Iterator[Dict[str, Any]]:
        kind = message["type"]
        if kind in ("trade", "quote", "bar"):
            stream = f"{kind}|{message['symbol']}"
            yield from self._given(
                stream + (f"|{message['interval']}" if kind == "bar" else ""), message)
        elif kind == "event":
            yield from self._given(f"event|{message['event_type']}", message)
        elif kind == "snapshot":  # where a subscription begins
            for one in message["streams"]:
                stream, epoch, seq = one["stream"], message["epoch"], one["seq"] or 0
                if stream in self._last:
                    yield from self._before(stream, epoch, seq + 1)
                else:
                    self._last[stream] = (epoch, seq)
        elif kind == "error":
            raise BadRequest(None, message["code"], message["message"], None,
                             message.get("valid"))

    def _given(self, stream: str, message: Dict[str, Any]) -> Iterator[Dict[str, Any]]:
        epoch, seq = message["epoch"], message["seq"]
        known = self._last.get(stream)
        if known is not None and known[0] == epoch and known[1] >= seq:
            return  # came by replay before
        yield from self._before(stream, epoch, seq - message.get("skipped", 0))
        self._last[stream] = (epoch, seq)
        yield self._read_times(message)

    def _before(self, stream: str, epoch: int, seq: int) -> Iterator[Dict[str, Any]]:
        """What lies between the last message that was given and this number."""
        known = self._last.get(stream)
        if known is None:
            return
        if known[0] != epoch:  # the hub has begun anew, perhaps with a clock that was set back
            self.missed.append(Missed(stream, known[0], None, None))
            known = self._last[stream] = (epoch, 0)
        if known[1] + 1 < seq:
            yield from self._replayed(stream, epoch, known[1] + 1, seq - 1)

    def _replayed(self, stream: str, epoch: int, first: int, last: int
                  ) -> Iterator[Dict[str, Any]]:
        """What the hub remembers of the messages between; the rest is missed."""
        give_up = time.monotonic() + self._hub.timeout
        while first <= last:
            try:
                page = self._hub._read(
                    "/v1/replay", {"stream": stream, "epoch": epoch, "from_seq": first,
                                   "limit": min(1000, last - first + 1), "numbers": "string"},
                    lambda told: told)["messages"]
            except BadRequest as gone:
                oldest = gone.told.get("first_seq") if gone.told.get("epoch") == epoch else None
                until = last if oldest is None else max(first, min(last, oldest - 1))
                first = self._miss(stream, epoch, first, until)
                continue
            except (NotReachable, Unavailable):
                if time.monotonic() > give_up:
                    first = self._miss(stream, epoch, first, last)
                else:
                    time.sleep(0.2)
                continue
            if not page:
                first = self._miss(stream, epoch, first, last)
            for message in page:
                if first < message["seq"] <= last:
                    first = self._miss(stream, epoch, first, message["seq"] - 1)
                if message["seq"] > last:
                    return
                first = message["seq"] + 1
                self.repaired += 1
                self._last[stream] = (epoch, message["seq"])
                yield self._read_times(self._parsed(json.dumps(message)))

    def _miss(self, stream: str, epoch: int, first: int, last: int) -> int:
        self.missed.append(Missed(stream, epoch, first, last))
        self._last[stream] = (epoch, last)
        return last + 1

    def _looked_up(self) -> Iterator[Dict[str, Any]]:
        for symbol in self._symbols:
            try:
                snapshot = self._hub._read("/v1/snapshot", {"symbol": symbol}, lambda told: told)
            except (NotReachable, Unavailable):
                return  # the hub is away; the connection comes back by itself
            for _ in range(1000):  # what came while it was asked is no loss
                text = self._way.receive(0)
                if text is None:
                    break
                yield from self._told(self._parsed(text))
            else:
                return  # it is not quiet any more
            for one in snapshot["streams"]:
                if one["stream"] in self._streams and one["seq"] is not None:
                    yield from self._before(one["stream"], snapshot["epoch"], one["seq"] + 1)

    def _parsed(self, text: Union[str, bytes]) -> Dict[str, Any]:
        message: Dict[str, Any] = json.loads(
            text, parse_float=Decimal if self._hub.decimals else float)
        for name in _NUMBERS:
            if message.get(name) is not None:
                message[name] = self._hub._number(str(message[name]))
        return message

    @staticmethod
    def _read_times(message: Dict[str, Any]) -> Dict[str, Any]:
        for name in ("time", "received_at"):
            if name in message:
                message[name] = _time_or_none(message[name])
        return message


class _ZeroMq:
    """A SUB socket, which connects again by itself."""

    reconnects = 0

    def __init__(self, address: str, streams: List[str]) -> None:
        import zmq  # here, so that everything else works without it

        self._socket = zmq.Context.instance().socket(zmq.SUB)
        self._socket.setsockopt(zmq.LINGER, 0)
        for stream in streams:
            self._socket.setsockopt_string(zmq.SUBSCRIBE, stream + "|")
        self._socket.connect(address)

    def receive(self, wait: float) -> Optional[bytes]:
        if not self._socket.poll(max(1, int(wait * 1000))):
            return None
        text: bytes = self._socket.recv_multipart()[1]
        return text

    def close(self) -> None:
        self._socket.close()


class _WebSocket:
    """The hub's WebSocket (RFC 6455), subscribed to some streams. When it ends it is opened
    anew, after a pause that grows from a quarter of a second to five."""

    PAUSE_MIN, PAUSE_MAX = 0.25, 5.0
    #: The hub pings every 20 s; a connection that is silent for so long leads nowhere.
    SILENT = 50.0
    #: Streams in one request, which may have 64 KiB.
    AT_ONCE = 500
    FRAME_MAX = 16 << 20

    def __init__(self, hub: "Everfeed", streams: List[str]) -> None:
        self.reconnects = 0
        self._hub = hub
        self._streams = streams
        self._connection: Optional[http.client.HTTPConnection] = None
        self._buffer = bytearray()
        self._parts = bytearray()
        self._heard = 0.0
        self._pause = self.PAUSE_MIN
        self._not_before = 0.0
        try:
            self._open()
        except (OSError, http.client.HTTPException) as e:
            raise hub._not_reachable(e) from e

    def receive(self, wait: float) -> Optional[bytes]:
        """The next message, or None after so many seconds without one."""
        end = time.monotonic() + wait
        while True:
            now = time.monotonic()
            try:
                if self._connection is not None:
                    return self._message(end)
                if self._not_before >= end:
                    time.sleep(max(0.0, end - now))
                    return None
                time.sleep(max(0.0, self._not_before - now))
                self.reconnects += 1
                self._open()
            except (OSError, http.client.HTTPException, EverfeedError):
                self.close()
                self._not_before = time.monotonic() + self._pause * random.uniform(0.5, 1)
                self._pause = min(self.PAUSE_MAX, 2 * self._pause)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _open(self) -> None:
        connection = self._hub._connect()
        try:
            key = base64.b64encode(os.urandom(16)).decode()
            connection.request("GET", self._hub._path + "/v1/stream", headers={
                "upgrade": "websocket", "connection": "Upgrade", "sec-websocket-key": key,
                "sec-websocket-version": "13", "user-agent": "everfeed-python",
                **self._hub._shown})
            answer = connection.getresponse()
            if answer.status != 101:
                body = answer.read()
                try:
                    raise _problem(answer.status, json.loads(body))
                except (KeyError, TypeError, ValueError, AttributeError):
                    raise BadAnswer(answer.status, "bad-answer", f"{self._hub.url}/v1/stream: "
                                    f"status {answer.status}; a WebSocket was wanted") from None
            accepted = hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode())
            if answer.getheader("sec-websocket-accept") != base64.b64encode(
                    accepted.digest()).decode():
                raise BadAnswer(101, "bad-answer", f"{self._hub.url}/v1/stream: "
                                                   "the handshake is not that of a WebSocket")
            self._connection = connection
        finally:
            if self._connection is None:
                connection.close()
        self._buffer.clear()
        self._parts.clear()
        self._heard = time.monotonic()
        named = [stream for stream in self._streams if stream != "event"]
        wishes: List[Dict[str, Any]] = [
            {"op": "subscribe", "streams": named[i:i + self.AT_ONCE]}
            for i in range(0, len(named), self.AT_ONCE)]
        if len(named) < len(self._streams):
            wishes.append({"op": "subscribe", "channels": ["event"]})
        for wish in wishes:
            self._send(1, json.dumps(wish).encode())

    def _send(self, kind: int, payload: bytes) -> None:
        assert self._connection is not None and self._connection.sock is not None
        mask = os.urandom(4)
        head = bytes([0x80 | kind]) + (
            bytes([0x80 | len(payload)]) if len(payload) < 126
            else b"\xfe" + len(payload).to_bytes(2, "big"))
        self._connection.sock.settimeout(self._hub.timeout)
        self._connection.sock.sendall(
            head + mask + bytes(b ^ mask[i % 4] for i, b in enumerate(payload)))

    def _message(self, end: float) -> Optional[bytes]:
        while True:
            frame = self._frame(end)
            if frame is None:
                return None
            last, kind, payload = frame
            if kind == 9:
                self._send(10, payload)
            elif kind == 8:
                raise ConnectionError(f"closed: {payload[2:].decode('utf-8', 'replace')}")
            elif kind in (0, 1, 2):
                self._parts += payload
                if last:
                    whole = bytes(self._parts)
                    self._parts.clear()
                    self._pause = self.PAUSE_MIN
                    return whole

    def _frame(self, end: float) -> Optional[Tuple[bool, int, bytes]]:
        assert self._connection is not None and self._connection.sock is not None
        while True:
            frame = self._taken()
            if frame is not None:
                return frame
            now = time.monotonic()
            if now - self._heard > self.SILENT:
                raise ConnectionError(f"nothing came for {self.SILENT:g} s")
            self._connection.sock.settimeout(max(0.001, end - now))  # what is there is read first
            try:
                data = self._connection.sock.recv(1 << 16)
            except socket.timeout:
                if time.monotonic() >= end:
                    return None
                continue
            if not data:
                raise ConnectionError("ended without a word")
            self._heard = time.monotonic()
            self._buffer += data

    def _taken(self) -> Optional[Tuple[bool, int, bytes]]:
        """The first frame of the buffer, when it is there as a whole."""
        buffer = self._buffer
        if len(buffer) < 2:
            return None
        size, begin = buffer[1] & 0x7f, 2
        if size > 125:
            begin = 4 if size == 126 else 10
            size = int.from_bytes(buffer[2:begin], "big")
        if buffer[1] & 0x80 or (len(buffer) >= begin and size > self.FRAME_MAX):
            raise ConnectionError("a frame that no hub sends")
        if len(buffer) < begin + size:
            return None
        frame = bool(buffer[0] & 0x80), buffer[0] & 0xf, bytes(buffer[begin:begin + size])
        del buffer[:begin + size]
        return frame


class Everfeed:
    """A hub.

    It keeps one connection open. Threads may share it; they take turns.

        >>> hub = Everfeed(url, timeout=5, decimals=True)
        >>> bar = hub.bars("BTC/USDT", "1m", limit=3)[0]
        >>> type(bar.close).__name__, bar.complete
        ('Decimal', True)
        >>> hub.close()

    :param url: of the hub; a path before ``/v1`` is kept, proxy settings are not looked at
    :param timeout: seconds to connect, and for each wait for more of an answer
    :param decimals: prices and sizes as :class:`decimal.Decimal`, with the digits of the source,
        instead of float
    :param patience: seconds that each further page of a range is waited for, when the hub cannot
        give it now; 0 for not at all
    :param key: an API key, where the hub wants one; without it ``EVERFEED_API_KEY`` of the
        environment, or what is in the file that ``EVERFEED_API_KEY_FILE`` names
    :param tls: how an ``https`` hub is known, for certificates that the system does not trust:
        ``ssl.create_default_context(cafile=...)``
    """

    def __init__(self, url: str = "http://127.0.0.1:8080", timeout: float = 10,
                 decimals: bool = False, patience: float = 30, key: Optional[str] = None,
                 tls: Optional[ssl.SSLContext] = None) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"url must be like http://127.0.0.1:8080, was {url!r}")
        if parts.query or parts.fragment or parts.username is not None:
            raise ValueError("url must have no user, query or fragment")
        self.url = url.rstrip("/")
        self.timeout = timeout
        self.decimals = decimals
        self.patience = patience
        self._sleep: Callable[[float], None] = time.sleep
        self._now: Callable[[], float] = _passed
        self._path = parts.path.rstrip("/")
        host, port = str(parts.hostname), parts.port
        self._connect: Callable[[], http.client.HTTPConnection] = (
            (lambda: http.client.HTTPSConnection(host, port, timeout=timeout, context=tls))
            if parts.scheme == "https"
            else (lambda: http.client.HTTPConnection(host, port, timeout=timeout)))
        self._shown = _shown(key)
        self._connection: Optional[http.client.HTTPConnection] = None
        self._turn = threading.Lock()

    def __enter__(self) -> Everfeed:
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connection; the next question opens another one."""
        with self._turn:
            self._disconnect()

    # What can be asked

    def price(self, symbol: str, *, max_age: Optional[Age] = None,
              require_live: bool = False) -> Price:
        """The latest price.

            >>> price = hub.price("BTC/USDT", max_age=60)
            >>> price.bid <= price.ask
            True

        :param max_age: seconds or timedelta; raises :class:`Stale` for an older one
        :param require_live: raises :class:`Stale` for any other status than ``live``
        """
        return _good_enough(
            self._read("/v1/price", {"symbol": symbol}, self._price), max_age, require_live)

    def verdict(self, symbol: str) -> Verdict:
        """Whether a program may trade a symbol now, and with which share of its usual limit.

            >>> verdict = hub.verdict("BTC/USDT")
            >>> verdict.action in ("trade", "reduce", "halt"), 0 <= verdict.factor <= 1
            (True, True)

        A hub that does not answer, or not with a verdict, is ``halt``: only a question that the
        hub refuses, such as one for an unknown symbol, raises (:class:`BadRequest`). It is valid
        from before the question was sent, by this machine's own clock.
        """
        asked = self._now()
        try:
            told, reasons, seconds = self._read(
                "/v1/verdict", {"symbol": symbol}, lambda told: self._verdict(symbol, told))
        except BadRequest:
            raise
        except EverfeedError as e:
            return Verdict(
                symbol, None, asked, [Reason("no_answer", 0.0, f"{e.type}: {e.detail}")],
                self._now)
        return Verdict(symbol, told, asked + seconds, reasons, self._now)

    @staticmethod
    def _verdict(symbol: str, told: Dict[str, Any]) -> Tuple[Dict[str, Any], List[Reason], float]:
        reasons = [Reason(str(each["code"]), float(each["factor"]), str(each["message"]))
                   for each in told["reasons"]]
        factor, action = float(told["factor"]), told["verdict"]
        if not 0 <= factor <= 1 or action != (
                "halt" if factor == 0 else "trade" if factor == 1 else "reduce"):
            raise ValueError(f"verdict {action!r} with factor {factor}")
        if told["symbol"] != symbol:
            raise ValueError(f"a verdict on {told['symbol']!r}")
        return told, reasons, min(int(told["valid_for_ms"]) / 1000, _VERDICT_MOST)

    def bars(self, symbol: str, interval: str, start: Optional[Moment] = None,
             end: Optional[Moment] = None, limit: Optional[int] = 500,
             exchange: Optional[str] = None, *, max_age: Optional[Age] = None,
             require_live: bool = False) -> Bars:
        """Bars of one exchange, oldest first.

            >>> bars = hub.bars("BTC/USDT", "1h", limit=24)
            >>> len(bars), bars.exchange, bars[-1].complete
            (24, 'binance', False)

        With ``start`` the first ``limit`` bars from there on (before ``end``), in as many pages
        as it takes; all pages are of one exchange. A further page that the hub cannot give now is
        asked for again, for ``patience`` seconds; what is raised then has the bars read so far in
        its ``result``. Without ``start``, the newest ``limit`` before ``end``.

        :param start: the first open wanted. Times are an aware datetime, milliseconds since
            1970, or text such as ``2024-01-01`` and ``2024-01-01T00:00:00Z``
        :param end: exclusive
        :param limit: bars at most; None for all from ``start`` on. Without ``start`` at most 5000
        :param exchange: such as ``okx``; None for the first of the route that has data
        :param require_live: a range that is over comes from the hub's store as ``cached``, so
            this is for the present only
        """
        if exchange is not None and (exchange == "all" or "," in exchange):
            raise ValueError(
                f"exchange must be one name, was {exchange!r}; use bars_by_exchange for several")
        query = self._bars_query(symbol, interval, start, end, limit, exchange)
        first = self._read("/v1/bars", query, lambda answer: self._page(answer, answer))
        return _good_enough(self._whole(first, query, limit), max_age, require_live)

    def bars_by_exchange(self, symbol: str, interval: str, start: Optional[Moment] = None,
                         end: Optional[Moment] = None, limit: Optional[int] = 500,
                         exchanges: Union[str, List[str]] = "all", *,
                         max_age: Optional[Age] = None,
                         require_live: bool = False) -> BarsByExchange:
        """Each exchange's own bars, side by side; arguments as in :meth:`bars`.

            >>> sides = hub.bars_by_exchange("BTC/USDT", "1m", limit=10)
            >>> len(sides["binance"]), sides.merged
            (10, 'binance')

        One exchange that fails, or that is not as good as ``max_age`` and ``require_live`` want
        it, is under ``errors`` and takes nothing from the others.
        """
        names = exchanges if isinstance(exchanges, str) else ",".join(exchanges)
        if names != "all" and "," not in names:
            raise ValueError(f"exchanges must be 'all' or two and more, was {exchanges!r}; "
                             "bars(exchange=...) is for one")
        query = self._bars_query(symbol, interval, start, end, limit, names)
        pages, result = self._read("/v1/bars", query, self._sides)
        for name, page in pages.items():
            try:
                result[name] = _good_enough(
                    self._whole(page, dict(query, exchange=name), limit), max_age, require_live)
            except EverfeedError as e:
                result.errors[name] = e
        return result

    def frame(self, symbol: str, interval: str, *args: Any, **kwargs: Any) -> Any:
        """``bars(...).frame()``: the same arguments as :meth:`bars`, as a pandas DataFrame."""
        return self.bars(symbol, interval, *args, **kwargs).frame()

    def trades(self, symbol: str, start: Optional[Moment] = None, limit: int = 100,
               exchange: Optional[str] = None, from_id: Optional[str] = None, *,
               max_age: Optional[Age] = None, require_live: bool = False) -> Trades:
        """Executions, oldest first: the newest ``limit`` (at most 1000), or those from a moment
        or from a venue's id on.

            >>> trades = hub.trades("BTC/USDT", limit=5)
            >>> len(trades), trades[0].time <= trades[-1].time
            (5, True)
        """
        query = {"symbol": symbol, "from": _moment("start", start), "limit": limit,
                 "exchange": exchange, "from_id": from_id}
        return _good_enough(
            self._read("/v1/trades", query, self._trades), max_age, require_live)

    def fetch_ohlcv(self, symbol: str, timeframe: str = "1m", since: Optional[int] = None,
                    limit: Optional[int] = None,
                    params: Optional[Dict[str, Any]] = None) -> Candles:
        """As ``fetch_ohlcv`` of ccxt: ``[[ms, open, high, low, close, volume], ...]``.

            >>> candles = hub.fetch_ohlcv("BTC/USDT", "1h", limit=2)
            >>> len(candles), len(candles[0]), candles[1][0] - candles[0][0], candles.exchange
            (2, 6, 3600000, 'binance')

        ``since`` is in milliseconds, ``limit`` is 500 when left out, and the last row may be the
        running interval. A volume that the source does not have is None, as in ccxt. Of
        ``params`` these are known: ``exchange``, ``until`` (milliseconds, exclusive),
        ``require_live``, ``max_age``; any other is refused.
        """
        known = dict(params or {})
        until = known.pop("until", None)
        options = {name: known.pop(name) for name in ("exchange", "require_live", "max_age")
                   if name in known}
        if known:
            raise ValueError("params may have exchange, until, require_live and max_age, had "
                             + ", ".join(sorted(known)))
        bars = self.bars(symbol, timeframe, start=since, end=until,
                         limit=500 if limit is None else limit, **options)
        candles = Candles([_ms(bar.time), bar.open, bar.high, bar.low, bar.close, bar.volume]
                          for bar in bars)
        candles._same_teller(bars)
        candles.gaps = bars.gaps
        return candles

    def stream(self, symbols: Union[str, Iterable[str]],
               channels: Union[str, Iterable[str]] = ("trade",),
               intervals: Union[str, Iterable[str]] = ("1m",), *, zeromq: Optional[str] = None,
               idle: Optional[float] = None) -> "Live":
        """What happens from now on, message by message: an iterator over ``dict``.

        ``channels`` are ``trade``, ``quote``, ``bar`` (of the ``intervals``) and ``event`` (what the
        hub did or found, such as ``gap_declared``, of all symbols). The messages are those of
        docs/api/asyncapi.yaml, with ``time`` and ``received_at`` as ``datetime``.

            >>> with hub.stream("BTC/USDT") as live:
            ...     trade = next(live)
            >>> trade["symbol"], trade["side"] in ("buy", "sell"), trade["price"] > 0
            ('BTC/USDT', True, True)

        Messages of a stream come in the order of ``seq``, each once. What was missed is asked
        for over ``/v1/replay`` and given in its place; what the hub does not remember any more
        is in ``missed`` of the iterator, and counts. Over the hub's WebSocket; a connection that
        ends is opened anew, and what came meanwhile is asked for in the same way. With
        ``zeromq="tcp://127.0.0.1:8081"`` it comes over ZeroMQ (needs pyzmq). With ``idle`` the
        iterator ends after so many seconds without a message; otherwise it goes on for ever.

        :raises NotReachable: when no hub is there to begin with; later it is waited for
        :raises BadRequest: for a stream that is not published; ``valid`` has some that are
        """
        return Live(self, _listed(symbols), _listed(channels), _listed(intervals), zeromq, idle)

    def sources(self) -> List[Dict[str, Any]]:
        """The services behind the hub, as ``/v1/sources`` tells them.

            >>> [s["attribution"] for s in hub.sources() if s["id"] == "coingecko"]
            ['Data provided by CoinGecko']
        """
        return self._read("/v1/sources", {}, lambda answer: list(answer["sources"]))

    # Pages

    @staticmethod
    def _bars_query(symbol: str, interval: str, start: Optional[Moment], end: Optional[Moment],
                    limit: Optional[int], exchange: Optional[str]) -> Dict[str, Any]:
        if limit is None and start is None:
            raise ValueError("limit=None is for all bars from start on, and start was not given")
        if limit is not None and limit < 1:
            raise ValueError(f"limit must be 1 or more, or None, was {limit}")
        if limit is not None and limit > PAGE_MAX and start is None:
            raise ValueError(f"limit must be at most {PAGE_MAX} without start, was {limit}")
        return {"symbol": symbol, "interval": interval, "from": _moment("start", start),
                "to": _moment("end", end), "exchange": exchange,
                "limit": PAGE_MAX if limit is None else min(limit, PAGE_MAX)}

    def _whole(self, page: Tuple[Bars, Optional[str]], query: Dict[str, Any],
               limit: Optional[int]) -> Bars:
        """The pages from this one on. They are asked of the exchange that gave the first one:
        bars of two exchanges are never mixed. What fails has what was read so far."""
        bars, following = page
        while following is not None and (limit is None or len(bars) < limit):
            asked = dict(query, **{"from": following})
            if bars.exchange is not None:
                asked["exchange"] = bars.exchange
            if limit is not None:
                asked["limit"] = min(PAGE_MAX, limit - len(bars))
            try:
                more, after = self._further(asked)
                _append(bars, more)
                if after is not None and _time(after) <= _time(following):
                    raise BadAnswer(
                        200, "bad-answer",
                        f"{self.url}: the page from {following} says that {after} follows")
            except EverfeedError as e:
                e.result = bars
                raise
            following = after
        return bars

    def _further(self, asked: Dict[str, Any]) -> Tuple[Bars, Optional[str]]:
        """A page after the first. When the sources' budgets are used up, the hub has nothing, or
        what its store has from some later moment on: joined to the pages before, that would be a
        hole in the middle of a range, of bars that the exchange has."""
        began, wait = self._now(), _FIRST_WAIT
        while True:
            try:
                more, after = self._read(
                    "/v1/bars", asked, lambda answer: self._page(answer, answer))
                if not _begins_with_a_hole(more):
                    return more, after
                problem = Unavailable(
                    200, "incomplete",
                    f"{self.url}: the page of {asked['symbol']} from {asked['from']} on begins "
                    f"with {more.gaps[0].bars} missing bars, to {more.gaps[0].end}; waited "
                    f"{self._now() - began:.1f} s for them (at most {self.patience:g} s)",
                    more.tried)
            except Unavailable as e:
                problem = e
            left = self.patience - (self._now() - began)
            pause = max(min(wait, left), problem.retry_after or 0)
            if left <= 0 or pause > left:
                raise problem
            self._sleep(pause)
            wait *= 2

    # Reading what the hub tells

    def _price(self, answer: Dict[str, Any]) -> Price:
        told = dict(answer)
        for name in ("price", "bid", "ask", "bid_size", "ask_size"):
            told[name] = self._number(told[name])
        told["time"] = _time_or_none(told["time"])
        told["received_at"] = _time(told["received_at"])
        return Price(**{name: told[name] for name in Price.__dataclass_fields__})

    def _sides(self, answer: Dict[str, Any]
               ) -> Tuple[Dict[str, Tuple[Bars, Optional[str]]], BarsByExchange]:
        result = BarsByExchange()
        result.symbol, result.interval = answer["symbol"], answer["interval"]
        result.merged = answer["merged"]
        result.errors = {}
        pages = {}
        for name, told in answer["exchanges"].items():
            if "error" in told:
                result.errors[name] = _problem(None, told["error"])
            else:
                pages[name] = self._page(told, answer)
        return pages, result

    def _page(self, told: Dict[str, Any], answer: Dict[str, Any]) -> Tuple[Bars, Optional[str]]:
        bars = Bars(
            Bar(_time(b["time"]), self._number(b["open"]), self._number(b["high"]),
                self._number(b["low"]), self._number(b["close"]), self._number(b["volume"]),
                b["complete"])
            for b in told["bars"])
        _teller(bars, dict(told, symbol=answer["symbol"]))
        bars.interval = answer["interval"]
        bars.gaps = [Gap(_time(g["from"]), _time(g["to"]), g["bars"], g["kind"])
                     for g in told["gaps"]]
        bars.gaps_dropped = told["gaps_dropped"]
        bars.consistency = told.get("consistency")
        return bars, told["next_from"]

    def _trades(self, answer: Dict[str, Any]) -> Trades:
        trades = Trades(
            Trade(_time_or_none(t["time"]), self._number(t["price"]), self._number(t["size"]),
                  t["side"], t["trade_id"])
            for t in answer["trades"])
        _teller(trades, answer)
        return trades

    def _number(self, text: Any) -> Any:
        if text is None:
            return None
        return Decimal(text) if self.decimals else float(text)

    def _read(self, path: str, query: Dict[str, Any], read: Callable[[Any], Any]) -> Any:
        asked = {name: value for name, value in query.items() if value is not None}
        if "symbol" in asked and path != "/v1/verdict":
            asked["numbers"] = "string"  # exact also where a JSON library would round
        target = self._path + path + ("?" + urlencode(asked) if asked else "")
        with self._turn:
            status, body, retry_after = self._get(target)
        try:
            answer = json.loads(body)
            if status != 200:
                problem = _problem(status, answer)
                problem.retry_after = retry_after
                raise problem
            return read(answer)
        except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError) as e:
            raise BadAnswer(
                status, "bad-answer",
                f"{self.url}{path}: status {status} and {len(body)} bytes that are not an answer "
                f"of Everfeed ({type(e).__name__}: {e}); they begin {body[:80]!r}") from e

    # The connection

    def _get(self, target: str) -> Tuple[int, bytes, Optional[float]]:
        reused = self._connection is not None
        try:
            return self._exchange(target)
        except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError) as e:
            # The hub closes connections that nobody uses; then a new one is opened, once. That
            # is safe because a GET changes nothing.
            if not reused:
                raise self._not_reachable(e) from e
        except (OSError, http.client.HTTPException) as e:
            raise self._not_reachable(e) from e
        try:
            return self._exchange(target)
        except (OSError, http.client.HTTPException) as e:
            raise self._not_reachable(e) from e

    def _exchange(self, target: str) -> Tuple[int, bytes, Optional[float]]:
        if self._connection is None:
            self._connection = self._connect()
        whole = False
        try:
            self._connection.request("GET", target, headers={
                "accept": "application/json", "user-agent": "everfeed-python", **self._shown})
            answer = self._connection.getresponse()
            body = answer.read()
            whole = not answer.will_close
            told = answer.getheader("retry-after", "")
            return answer.status, body, float(told) if _SECONDS.fullmatch(told) else None
        finally:
            if not whole:
                self._disconnect()

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _not_reachable(self, e: Exception) -> NotReachable:
        why = (f"no answer within {self.timeout:g} s" if isinstance(e, socket.timeout)
               else str(e) or type(e).__name__)
        return NotReachable(None, "not-reachable", f"{self.url}: {why}")


#: What is a price or a size in a published message.
_NUMBERS = ("price", "size", "bid", "bid_size", "ask", "ask_size", "open", "high", "low", "close",
            "volume")


def _passed() -> float:
    """Seconds that have passed since some moment, those in which the machine slept included, where
    the system can tell: a word that was good for two seconds is not good after a night."""
    if hasattr(time, "CLOCK_BOOTTIME"):
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()


def _shown(key: Optional[str]) -> Dict[str, str]:
    """The header that shows a key, which is in no message and no representation."""
    if key is None:
        key = os.environ.get("EVERFEED_API_KEY", "")
        file = os.environ.get("EVERFEED_API_KEY_FILE", "")
        if not key and file:
            with open(file, encoding="ascii") as opened:
                key = opened.read()
    key = key.strip()
    if key and not re.fullmatch(r"[\x21-\x7e]{1,200}", key):
        raise ValueError("key must be one key, as `everfeed keys create` prints it")
    return {"authorization": f"Bearer {key}"} if key else {}


def _listed(one_or_more: Union[str, Iterable[str]]) -> List[str]:
    return [one_or_more] if isinstance(one_or_more, str) else list(one_or_more)


def _good_enough(result: Any, max_age: Optional[Age], require_live: bool) -> Any:
    what = f"{result.symbol} of {result.source}"
    if require_live and result.status != "live":
        raise Stale("not-live", f"{what} is {result.status}, {result.age_ms} ms old; "
                                "live was required", result)
    if max_age is not None:
        limit = max_age if isinstance(max_age, timedelta) else timedelta(seconds=max_age)
        if result.age > limit:
            raise Stale("too-old", f"{what} is {result.age_ms} ms old and {result.status}; "
                                   f"at most {limit / timedelta(milliseconds=1):g} ms were wanted",
                        result)
    return result


def _teller(result: Any, told: Dict[str, Any]) -> None:
    for name in ("symbol", "source", "exchange", "gateway", "content", "status", "age_ms",
                 "tried"):
        setattr(result, name, told[name])
    if result.status not in _STATUSES:
        raise ValueError(f"status {result.status!r} is not known")
    result.received_at = _time(told["received_at"])


def _begins_with_a_hole(bars: Bars) -> bool:
    return (bool(bars.gaps) and bars.gaps[0].kind == "missing"
            and not (bars and bars[0].time < bars.gaps[0].start))


def _append(bars: Bars, more: Bars) -> None:
    # An exchange may have two sources (the two doors of Coinbase), and the hub goes from one to
    # the other by itself; what has no exchange is an average, and each source has its own.
    for name in ("symbol", "exchange") if bars.exchange else ("symbol", "exchange", "source"):
        if getattr(bars, name) != getattr(more, name):
            raise BadAnswer(200, "pages-differ",
                            f"the first page has {name} {getattr(bars, name)}, another one "
                            f"{getattr(more, name)}; bars of two are not mixed", more.tried)
    if bars and more and more[0].time <= bars[-1].time:
        raise BadAnswer(200, "pages-overlap", f"a page begins with the bar of {more[0].time}, the "
                                              f"one before ended with that of {bars[-1].time}")
    bars.extend(more)
    gaps = list(more.gaps)
    if bars.gaps and gaps and bars.gaps[-1].end == gaps[0].start \
            and bars.gaps[-1].kind == gaps[0].kind:
        one, other = bars.gaps.pop(), gaps.pop(0)
        bars.gaps.append(Gap(one.start, other.end, one.bars + other.bars, one.kind))
    bars.gaps.extend(gaps)
    bars.gaps_dropped += more.gaps_dropped
    bars.status = max(bars.status, more.status, key=_STATUSES.index)
    bars.age_ms = max(bars.age_ms, more.age_ms)
    bars.received_at = min(bars.received_at, more.received_at)
    bars.tried = bars.tried + [t for t in more.tried if t not in bars.tried]


def _problem(status: Optional[int], told: Dict[str, Any]) -> EverfeedError:
    name = told["type"].rsplit(":", 1)[-1]
    kind: Type[EverfeedError] = EverfeedError
    if name == "provider-unavailable" or status in (503, 504):
        kind = Unavailable
    elif name.startswith("unknown-") or (status is not None and 400 <= status < 500):
        kind = BadRequest
    problem = kind(status, name, told["detail"], told.get("tried"), told.get("valid"))
    problem.told = told
    return problem


def _moment(name: str, moment: Optional[Moment]) -> Optional[str]:
    """As the hub reads it. Text is the hub's to judge."""
    if moment is None or isinstance(moment, str):
        return moment
    if isinstance(moment, datetime):
        if moment.utcoffset() is None:
            raise ValueError(f"{name} must say its zone, as in datetime(2024, 1, 1, "
                             f"tzinfo=timezone.utc), was {moment!r}")
        return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    if isinstance(moment, bool) or not hasattr(moment, "__index__"):
        raise TypeError(f"{name} must be an aware datetime, milliseconds since 1970 as int, or "
                        f"text, was {moment!r}")
    ms = operator.index(moment)
    if ms < 0 or 0 < ms < _LIKE_SECONDS:
        raise ValueError(f"{name} must be milliseconds since 1970, was {ms}"
                         + (", which looks like seconds" if ms > 0 else ""))
    return _moment(name, _EPOCH + timedelta(milliseconds=ms))


def _ms(time: datetime) -> int:
    return (time - _EPOCH) // timedelta(milliseconds=1)


def _time(text: str) -> datetime:
    """To the microsecond; what is finer is cut off."""
    match = _TIME.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a time in UTC")
    time = datetime.strptime(match.group(1) + "Z", "%Y-%m-%dT%H:%M:%SZ")
    micros = int((match.group(2) or "0").ljust(9, "0")[:6])
    return time.replace(microsecond=micros, tzinfo=timezone.utc)


def _time_or_none(text: Optional[str]) -> Optional[datetime]:
    return None if text is None else _time(text)
