"""The form in which an operator writes a broadcast."""

from django import forms

from shared.wire.errors import DomainError

from . import services
from .models import Broadcast


class BroadcastForm(forms.ModelForm):
    """Whom to tell, and what; refuses what the API refuses."""

    class Meta:
        model = Broadcast
        fields = [
            "audience",
            "role",
            "course_id",
            "type",
            "category",
            "title",
            "message",
            "action_kind",
            "action_target",
        ]

    def _post_clean(self) -> None:
        super()._post_clean()
        if self.errors:
            return
        try:
            services.check_broadcast(broadcast=self.instance)
        except DomainError as error:
            self.add_error(None, str(error))
