"""Who may use a view, by role."""

from rest_framework.permissions import SAFE_METHODS, BasePermission


class ReadOnly(BasePermission):
    """Anybody may read; with ``|`` it opens the reading half of a view."""

    def has_permission(self, request, view):
        return request.method in SAFE_METHODS


class _HasRole(BasePermission):
    message = "Your role does not allow this."
    roles = frozenset()

    def has_permission(self, request, view):
        return bool(
            request.user
            and request.user.is_authenticated
            and request.user.role in self.roles
        )


def HasRole(*roles):  # noqa: N802 - reads as the class that DRF expects
    """Return the permission class of people with one of *roles*."""
    return type("HasRole", (_HasRole,), {"roles": frozenset(roles)})
