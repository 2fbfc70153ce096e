"""What a person at the keyboard can mend."""


class OpsError(Exception):
    """The message is the one sentence that is shown, without a traceback."""


class PortTakenError(OpsError):
    """Something else listens where the platform wants to."""


class AlreadyRunningError(OpsError):
    """The platform of this folder is up already."""


class NotRunningError(OpsError):
    """The platform of this folder is not up."""
