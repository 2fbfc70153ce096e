"""What notification-service does for its peers: it tells people."""

from typing import Annotated, Literal
from uuid import UUID

import msgspec

from shared.wire.structs import Contract, Line, Paragraph

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


class SendNotice(Contract, frozen=True):
    """Tell a person something: by template and parameters, or by title and message.

    ``dedupe`` makes the notice unique per person: a second one with it is not sent.
    """

    user_id: UUID
    type: NoticeType
    category: NoticeCategory = "info"
    title: Line = ""
    message: Paragraph = ""
    template: TemplateKey = ""
    params: dict[str, str] = {}
    action: NoticeAction | None = None
    dedupe: Line = ""


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
