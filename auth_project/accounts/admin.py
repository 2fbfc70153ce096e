"""Admin of accounts: find a person, switch them off, decide who teaches."""

from django import forms
from django.contrib import admin, messages
from django.db.models import F
from unfold.widgets import UnfoldAdminSelectWidget

from auth_project.sessions.models import Session
from auth_project.sessions.services import end_sessions_of
from shared.operators.pages import ReasonForm, ask, log_changes, log_erasures
from shared.staff.admin_site import ReadOnlyModelAdmin

from .errors import ApplicationDecidedError
from .models import Account, InstructorApplication, SignInAttempt
from .services import (
    approve_application,
    change_role,
    disable_account,
    enable_account,
    erase_account,
    reject_application,
)


class DisabledFilter(admin.SimpleListFilter):
    """By whether the account may sign in."""

    title = "disabled"
    parameter_name = "disabled"

    def lookups(self, request, model_admin):
        return [("no", "May sign in"), ("yes", "Disabled")]

    def queryset(self, request, queryset):
        if self.value() not in ("no", "yes"):
            return queryset
        return queryset.filter(disabled_at__isnull=self.value() == "no")


class RoleForm(forms.Form):
    """What the accounts become."""

    role = forms.ChoiceField(
        choices=Account.Role.choices, widget=UnfoldAdminSelectWidget
    )


@admin.register(Account)
class AccountAdmin(ReadOnlyModelAdmin):
    list_display = [
        "email",
        "full_name",
        "role",
        "may_sign_in",
        "email_verified_at",
        "created_at",
    ]
    list_filter = ["role", DisabledFilter]
    search_fields = ["email__startswith", "full_name", "=id"]
    search_help_text = "Start of the e-mail address, name, or user id"
    show_full_result_count = False
    exclude = ["password_hash"]
    actions = ["disable", "enable", "change_role_of", "end_sessions", "erase"]

    @admin.display(description="may sign in", boolean=True, ordering="disabled_at")
    def may_sign_in(self, account):
        return account.is_enabled

    @admin.action(description="Disable", permissions=["operate"])
    def disable(self, request, queryset):
        accounts = self._without_self(request, queryset)
        changed = [row for row in accounts if disable_account(account_id=row.pk)]
        self._report(request, changed, "Disabled.")

    @admin.action(description="Enable", permissions=["operate"])
    def enable(self, request, queryset):
        changed = [row for row in queryset if enable_account(account_id=row.pk)]
        self._report(request, changed, "Enabled.")

    @admin.action(description="Change role …", permissions=["operate"])
    def change_role_of(self, request, queryset):
        form = RoleForm(request.POST if "apply" in request.POST else None)
        if not form.is_valid():
            return ask(
                self,
                request,
                title="Change role",
                text="Access tokens with the old role are refused within a minute.",
                submit="Change role",
                form=form,
            )
        role = form.cleaned_data["role"]
        accounts = self._without_self(request, queryset)
        changed = [row for row in accounts if change_role(account_id=row.pk, role=role)]
        self._report(request, changed, f"Role changed to {role}.")
        return None

    @admin.action(description="End sessions", permissions=["operate"])
    def end_sessions(self, request, queryset):
        reason = Session.EndReason.ENDED_BY_OPERATOR
        changed = [
            row for row in queryset if end_sessions_of(account_id=row.pk, reason=reason)
        ]
        self._report(request, changed, "Sessions ended.")

    @admin.action(description="Erase …", permissions=["operate"])
    def erase(self, request, queryset):
        if "apply" not in request.POST:
            return ask(
                self,
                request,
                title="Erase accounts",
                text="The people are removed from every service within a minute: "
                "profiles, progress, enrollments, certificates, reviews, attempts, "
                "submissions, notices. Courses and exercises that they published stay, "
                "without their name.",
                warning=f"{queryset.count()} selected. There is no way back.",
                submit="Erase",
            )
        accounts = self._without_self(request, queryset)
        erased = [row for row in accounts if erase_account(account_id=row.pk)]
        log_erasures(request, Account, len(erased))
        self.message_user(request, f"{len(erased)} accounts: Erased.")
        return None

    def _without_self(self, request, queryset):
        # The last admin would lock everybody out.
        if queryset.filter(pk=request.user.pk).exists():
            self.message_user(
                request, "Your own account is left as it is.", messages.WARNING
            )
        return queryset.exclude(pk=request.user.pk)

    def _report(self, request, accounts, message):
        log_changes(request, accounts, message)
        self.message_user(request, f"{len(accounts)} accounts: {message}")


@admin.register(InstructorApplication)
class InstructorApplicationAdmin(ReadOnlyModelAdmin):
    list_display = [
        "account",
        "state",
        "statement_start",
        "reason",
        "created_at",
        "decided_at",
    ]
    list_filter = ["state"]
    list_select_related = ["account"]
    search_fields = ["account__email__startswith", "account__full_name"]
    search_help_text = "Start of the e-mail address, or name"
    # What waits for a decision first, the longest wait on top.
    ordering = [F("decided_at").desc(nulls_first=True), "created_at", "id"]
    actions = ["approve", "reject"]

    @admin.display(description="statement")
    def statement_start(self, application):
        return application.statement[:80]

    @admin.action(description="Approve", permissions=["operate"])
    def approve(self, request, queryset):
        self._decide(request, queryset, approve_application, "Approved.")

    @admin.action(description="Reject …", permissions=["operate"])
    def reject(self, request, queryset):
        form = ReasonForm(request.POST if "apply" in request.POST else None)
        if not form.is_valid():
            return ask(
                self,
                request,
                title="Reject applications",
                text="The applicants are told the reason.",
                submit="Reject",
                form=form,
            )
        reason = form.cleaned_data["reason"]
        self._decide(
            request, queryset, reject_application, f"Rejected: {reason}", reason=reason
        )
        return None

    def _decide(self, request, queryset, decide, message, **about):
        decided = []
        for application in queryset:
            try:
                decide(
                    application_id=application.pk, decided_by=request.user.pk, **about
                )
            except ApplicationDecidedError:
                continue
            decided.append(application)
        log_changes(request, decided, message)
        level = messages.SUCCESS if decided else messages.WARNING
        text = f"{len(decided)} decided. Only pending applications are."
        self.message_user(request, text, level)


@admin.register(SignInAttempt)
class SignInAttemptAdmin(ReadOnlyModelAdmin):
    list_display = ["email", "address", "outcome", "created_at"]
    list_filter = ["outcome"]
    search_fields = ["=email", "=address"]
    search_help_text = "Exact e-mail address or network"
    show_full_result_count = False
