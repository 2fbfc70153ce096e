"""The open streams of this process, and the one look per tick at the news for all."""

import asyncio
import logging
import time
from collections import Counter as Tally
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from django.conf import settings
from django.utils import timezone
from prometheus_client import Counter, Gauge
from rest_framework.renderers import JSONRenderer

from notification_project.notices.models import Notice
from notification_project.notices.serializers import (
    NoticeSerializer,
    UnreadCountSerializer,
)

from . import services
from .admission import Admission
from .errors import NoRoomError, TooManyStreamsError
from .events import HEARTBEAT, event, retry

logger = logging.getLogger(__name__)

TICK_SECONDS = 0.5
HEARTBEAT_SECONDS = 15.0  # proxies between here and the reader cut what is silent
# Somebody reads or deletes elsewhere: no notice says so, but the count changes.
RECOUNT_SECONDS = 5.0
END_SECONDS = 5.0  # from the end of a stream to breaking it off
RETRY_MILLISECONDS = 3000
MOST_WAITING_BYTES = 256 * 1024  # for a reader who does not take them

open_streams = Gauge(
    "notification_streams_open", "Open streams.", multiprocess_mode="livesum"
)
events_sent = Counter("notification_stream_events", "Events for streams.", ("event",))
streams_ended = Counter("notification_streams_ended", "Ended streams.", ("reason",))

Answer = TypeVar("Answer")
InThread = Callable[[Callable[[], Answer]], Awaitable[Answer]]


@dataclass(frozen=True)
class Beginning:
    """The first events of a stream, and where its reader is after them."""

    position: int
    unread_count: int
    events: bytes


class Stream:
    """One open stream: what waits to be sent, and how far its reader has come."""

    def __init__(
        self, admission: Admission, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.admission = admission
        # None until it has caught up: the news come to it from there.
        self.position: int | None = None
        self.unread_count: int | None = None
        self.end_reason = ""
        self._clock = clock
        self._waiting = b""
        self._changed = asyncio.Event()
        self._pushed_at = self._ended_at = clock()
        self._task = asyncio.current_task()

    def start(self, beginning: Beginning) -> None:
        """Send what was missed; the news come from there on."""
        self.position = beginning.position
        self.unread_count = beginning.unread_count
        self._push(beginning.events)

    def tell(self, notices: Iterable[tuple[int, bytes]], count: int | None) -> None:
        """Send the notices that the reader has not seen, and the count if it changed.

        All at once: a burst of notices does not make a reader slow.
        """
        new = [notice for notice in notices if notice[0] > self.position]
        events = [event("notice", data, position) for position, data in new]
        events_sent.labels("notice").inc(len(new))
        if count not in (None, self.unread_count):
            self.unread_count = count
            events_sent.labels("unread-count").inc()
            events.append(event("unread-count", _count_json(count)))
        if events:
            self._push(b"".join(events))

    def beat(self) -> None:
        """Send a sign of life, when nothing else was sent for a while."""
        if self._clock() - self._pushed_at >= HEARTBEAT_SECONDS:
            self._push(HEARTBEAT)

    def end(self, reason: str) -> None:
        """End after what waits, or at last without; the client comes again.

        Said again and again, until it is over.
        """
        if not self.end_reason:
            self.end_reason = reason
            self._ended_at = self._clock()
            self._changed.set()
        elif self._clock() - self._ended_at >= END_SECONDS:
            # Its reader takes nothing, not even the end.
            self._task.cancel()

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield what is to be sent, until the end."""
        while self._waiting or not self.end_reason:
            if not self._waiting:
                await self._changed.wait()
            self._changed.clear()
            chunk, self._waiting = self._waiting, b""
            if chunk:
                yield chunk

    def _push(self, data: bytes) -> None:
        if self._waiting and len(self._waiting) + len(data) > MOST_WAITING_BYTES:
            # It waits for its reader inside of a send that may never return.
            self.end("slow")
            self._task.cancel()
            return
        self._pushed_at = self._clock()
        self._waiting += data
        self._changed.set()


@dataclass(frozen=True)
class _News:
    """What one look has found for the streams that it was taken for."""

    notices: dict[UUID, list[tuple[int, bytes]]]
    position: int
    counts: dict[UUID, int]
    revoked: frozenset[Admission]


class Hub:
    """Every open stream of this process; used from its event loop only.

    *in_thread* runs a function that asks the database.
    """

    def __init__(
        self,
        in_thread: InThread,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = timezone.now,
    ) -> None:
        self._in_thread = in_thread
        self._clock = clock
        self._now = now
        self._streams: set[Stream] = set()
        self._of_person: Tally[UUID] = Tally()
        self._has_streams = asyncio.Event()
        self._is_stopping = False
        self._counted_at = float("-inf")

    def open(self, admission: Admission) -> Stream:
        """Return a new stream; raises TooManyStreamsError or NoRoomError."""
        self.require_room()
        if self._of_person[admission.user_id] >= settings.STREAMS_PER_PERSON:
            raise TooManyStreamsError(retry_after=5)
        stream = Stream(admission, self._clock)
        self._streams.add(stream)
        self._of_person[admission.user_id] += 1
        self._has_streams.set()
        open_streams.inc()
        return stream

    def require_room(self) -> None:
        """Raise NoRoomError when this process takes no more streams."""
        if self._is_stopping or len(self._streams) >= settings.STREAMS_PER_PROCESS:
            raise NoRoomError(retry_after=5)

    def close(self, stream: Stream) -> None:
        """Forget a stream that is over."""
        self._streams.remove(stream)
        self._of_person[stream.admission.user_id] -= 1
        if not self._of_person[stream.admission.user_id]:
            del self._of_person[stream.admission.user_id]
        if not self._streams:
            self._has_streams.clear()
        open_streams.dec()
        streams_ended.labels(stream.end_reason or "left").inc()

    def stop(self) -> None:
        """End all streams and take no more; their clients go elsewhere, or wait."""
        self._is_stopping = True
        for stream in self._streams:
            stream.end("stopping")

    async def run(self) -> None:
        """Look for news as long as anybody listens; until it is cancelled."""
        is_blind = False
        while True:
            await self._has_streams.wait()
            try:
                await self.tick()
            except Exception:
                # The outermost loop: the streams stay open, and the news come later.
                if not is_blind:
                    logger.exception("streams see no news")
                is_blind = True
            else:
                is_blind = False
            await asyncio.sleep(TICK_SECONDS)

    async def tick(self) -> None:
        """End what is over, show signs of life, and tell everybody their news."""
        for stream in self._streams:
            if stream.end_reason or stream.admission.ends_at <= self._now():
                stream.end("expired")
            elif stream.position is not None:
                stream.beat()
        streams = [item for item in self._streams if item.position is not None]
        if not streams:
            return
        # A stream that was opened while the last look was under way is behind.
        after = min(stream.position for stream in streams)
        admissions = {stream.admission for stream in streams}
        recount = self._clock() - self._counted_at >= RECOUNT_SECONDS
        news = await self._in_thread(lambda: _look(admissions, after, recount))
        if recount:
            self._counted_at = self._clock()
        for stream in streams:
            _tell(stream, news)


def begin(*, user_id: UUID, after: int | None) -> Beginning:
    """Return what a stream begins with; its last event says where the reader is."""
    caught_up = services.catch_up(user_id=user_id, after=after)
    events = [retry(RETRY_MILLISECONDS)]
    for notice in caught_up.notices:
        data = _notice_json(notice, caught_up.locale)
        events.append(event("notice", data, notice.position))
    if not caught_up.is_complete:
        events.append(event("reset", b"{}"))
    count = _count_json(caught_up.unread_count)
    events.append(event("unread-count", count, caught_up.position))
    events_sent.labels("notice").inc(len(caught_up.notices))
    events_sent.labels("unread-count").inc()
    return Beginning(caught_up.position, caught_up.unread_count, b"".join(events))


def _notice_json(notice: Notice, locale: str) -> bytes:
    """Return a notice as the API shows it, in a language."""
    return JSONRenderer().render(
        NoticeSerializer(notice, context={"locale": locale}).data
    )


def _count_json(count: int) -> bytes:
    """Return the count of what is unread as the API shows it."""
    return JSONRenderer().render(UnreadCountSerializer({"unread_count": count}).data)


def _look(admissions: set[Admission], after: int, recount: bool) -> _News:
    """Ask the database, for all streams at once: one query when there is no news."""
    user_ids = {admission.user_id for admission in admissions}
    notices = services.read_news(user_ids=user_ids, after=after)
    concerned = {notice.user_id for notice in notices}
    locales = services.locales_of(user_ids=concerned) if concerned else {}
    told = defaultdict(list)
    for notice in notices:
        data = _notice_json(notice, locales[notice.user_id])
        told[notice.user_id].append((notice.position, data))
    counted = user_ids if recount else concerned
    return _News(
        notices=told,
        position=max((notice.position for notice in notices), default=after),
        counts=services.count_unread(user_ids=counted) if counted else {},
        revoked=frozenset(item for item in admissions if item.is_revoked()),
    )


def _tell(stream: Stream, news: _News) -> None:
    if stream.admission in news.revoked:
        stream.end("revoked")
        return
    user_id = stream.admission.user_id
    stream.tell(news.notices.get(user_id, ()), news.counts.get(user_id))
    # What others were told up to here, this stream needs not be asked about again.
    stream.position = max(stream.position, news.position)
