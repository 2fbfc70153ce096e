"""Why somebody cannot be signed in."""


class SignInError(Exception):
    """Nobody was signed in; the text is for the person at the form."""


class TooManyAttemptsError(SignInError):
    """Auth-service refuses further attempts for a while."""


class SignInUnavailableError(SignInError):
    """The sign-in service does not answer. Try again in a moment."""
