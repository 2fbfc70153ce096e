"""What the exercises app refuses."""

from shared.wire.errors import DomainError


class ExerciseNotFoundError(DomainError):
    """There is no exercise here that you may use so."""

    code = "exercise_not_found"
    status = 404


class PartNotFoundError(DomainError):
    """There is no such section, group or question that you may edit."""

    code = "part_not_found"
    status = 404


class SlugTakenError(DomainError):
    """Another exercise has this slug."""

    code = "slug_taken"
    status = 409


class PlaceTakenError(DomainError):
    """Another part has this position or number."""

    code = "place_taken"
    status = 409


class ExerciseSettledError(DomainError):
    """Skill and kind stay as they were published: past results depend on them."""

    code = "exercise_settled"
    status = 409


class ExercisePublishedError(DomainError):
    """It has been published, so that results depend on it: archive it."""

    code = "exercise_published"
    status = 409


class NotPublishableError(DomainError):
    """The test is not complete."""

    code = "not_publishable"
    status = 409
