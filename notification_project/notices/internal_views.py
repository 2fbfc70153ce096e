"""What peers have people told."""

from shared.contracts.notification import NoticeSent, SendNotice, send_notice
from shared.server.serves import Caller, serves

from . import services


@serves(send_notice)
def send(request: SendNotice, caller: Caller) -> NoticeSent:
    notice = services.send_notice(order=request, sender=caller.service)
    if notice is None:
        return NoticeSent(success=True, suppressed=True, reason="opted_out")
    return NoticeSent(success=True, notification_id=notice.id)
