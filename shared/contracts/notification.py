"""What notification-service does for its peers: it tells people, and sums up."""

from typing import Annotated, Literal
from uuid import UUID

import msgspec

from shared.wire.structs import Contract, Count, Line, Moment, Paragraph

from .peer import Peer

notification = Peer("notification")
SENDERS = {"auth", "user", "course", "exercise"}

NoticeType = Literal[
    "achievement", "reminder", "course_update", "exercise_graded", "system", "social"
]
NoticeCategory = Literal["info", "success", "warning", "alert"]
TemplateKey = Annotated[str, msgspec.Meta(max_length=100, pattern=r"^[a-z0-9_.]*$")]


class NoticeAction(Contract, frozen=True):
    """Where a notice leads: a kind of thing and its id, or an address."""

    kind: Literal["course", "lesson", "exercise", "attempt", "profile", "url"]
    target: Line = ""


class NoticeContent(Contract, frozen=True):
    """What people are told: by template and parameters, or by title and message.

    ``dedupe`` makes the notice unique per person: a second one with it is not sent.
    """

    type: NoticeType
    category: NoticeCategory = "info"
    title: Line = ""
    message: Paragraph = ""
    template: TemplateKey = ""
    params: dict[str, str] = {}
    action: NoticeAction | None = None
    dedupe: Line = ""


class SendNotice(NoticeContent, frozen=True, kw_only=True):
    """Tell a person something."""

    user_id: UUID


class NoticeSent(Contract, frozen=True):
    """The notice exists, or its reader does not want it, which is a success too."""

    success: bool
    notification_id: UUID | None = None
    suppressed: bool = False
    reason: str = ""

    def http_status(self) -> int:
        """Return 201 for a notice, 200 for one that its reader does not want."""
        return 200 if self.suppressed else 201


send_notice = notification.post(
    "/api/v1/notification/internal/send",
    SendNotice,
    returns=NoticeSent,
    callers=SENDERS,
    ordered_by="user_id",
)


class GetNotificationSummary(Contract, frozen=True):
    """What has a person not read?"""

    user_id: UUID


class UnreadNotice(Contract, frozen=True):
    """A notice that waits to be read; its text is notification-service's to render."""

    notification_id: UUID
    type: str
    category: str
    created_at: Moment


class NotificationSummary(Contract, frozen=True):
    """How many notices are unread, and the latest of them, five at most."""

    unread_count: Count
    latest_unread: list[UnreadNotice]


get_notification_summary = notification.get(
    "/api/v1/notification/internal/summary/{user_id}",
    GetNotificationSummary,
    returns=NotificationSummary,
    callers={"user"},
)


class SendNotices(NoticeContent, frozen=True, kw_only=True):
    """Tell many people the same; somebody who is named twice is told once."""

    user_ids: Annotated[list[UUID], msgspec.Meta(min_length=1, max_length=500)]


class NoticeResult(Contract, frozen=True):
    """What became of the notice of one person."""

    user_id: UUID
    notification_id: UUID | None = None
    suppressed: bool = False
    reason: str = ""


class NoticesSent(Contract, frozen=True):
    """One result per person, in the order in which they were named."""

    success: bool
    results: list[NoticeResult]


send_notices = notification.post(
    "/api/v1/notification/internal/send-bulk",
    SendNotices,
    returns=NoticesSent,
    callers=SENDERS,
    success_status=200,
)
