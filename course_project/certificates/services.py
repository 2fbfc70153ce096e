"""Issue certificates."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from course_project.catalogue.models import FORMER_INSTRUCTOR, Course
from shared.contracts.events import CertificateIssued, publish
from shared.contracts.notification import NoticeAction, SendNotice, send_notice
from shared.wire.ids import NOBODY

from .codes import new_code
from .errors import CertificateNotFoundError
from .models import Certificate


@transaction.atomic
def issue_certificate(
    *, user_id: UUID, name: str, course: Course, issued_at: datetime
) -> Certificate:
    """Issue the certificate of a completed course, and tell its owner.

    There is one per person and course: a second order returns the first.
    """
    certificate, is_new = Certificate.objects.get_or_create(
        user_id=user_id,
        course=course,
        defaults={
            "code": new_code(),
            "name": name,
            "course_title": course.title,
            "skill": course.skill,
            "level": course.level,
            "instructor_name": course.instructor_name,
            "issued_at": issued_at,
        },
    )
    if is_new:
        _announce(certificate)
    return certificate


def find_certificate(*, code: str) -> Certificate:
    """Return the certificate with this code; it proves what it says."""
    certificate = Certificate.objects.with_code(code).first()
    if certificate is None:
        raise CertificateNotFoundError
    return certificate


@transaction.atomic
def erase_certificates(*, user_id: UUID) -> None:
    """Delete the certificates of an erased person: their codes prove nothing any more.

    On those of others the name of their instructor is erased.
    """
    Certificate.objects.of_learner(user_id).delete()
    # The courses may be nobody's already: it is done in any order.
    taught = Certificate.objects.filter(course__instructor_id__in=[user_id, NOBODY])
    taught.update(instructor_name=FORMER_INSTRUCTOR)


def _announce(certificate: Certificate) -> None:
    publish(
        CertificateIssued(
            user_id=certificate.user_id,
            certificate_id=certificate.pk,
            code=certificate.code,
            course_id=certificate.course_id,
            course_title=certificate.course_title,
            issued_at=certificate.issued_at,
        )
    )
    send_notice.later(
        SendNotice(
            user_id=certificate.user_id,
            type="course_update",
            category="success",
            template="certificate_issued",
            params={
                "name": certificate.name,
                "course": certificate.course_title,
                "code": certificate.code,
            },
            action=NoticeAction(
                kind="url", target=f"/api/v1/certificates/{certificate.code}"
            ),
            dedupe=f"certificate_issued:{certificate.course_id}",
        )
    )
