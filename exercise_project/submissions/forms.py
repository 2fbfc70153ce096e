"""The form in which a submission gets its bands."""

from decimal import Decimal

from django import forms

from .criteria import HALF, HIGHEST_BAND
from .models import Submission


def marking_form(submission: Submission) -> type[forms.ModelForm]:
    """Return the form class with the four criteria of *submission*'s task."""
    bands = {
        name: forms.DecimalField(
            min_value=Decimal(0),
            max_value=HIGHEST_BAND,
            step_size=HALF,
            decimal_places=1,
        )
        for name in submission.criterion_names
    }
    meta = type("Meta", (), {"model": Submission, "fields": ["feedback"]})
    feedback = forms.CharField(max_length=10_000, widget=forms.Textarea)
    return type(
        "MarkingForm",
        (forms.ModelForm,),
        {**bands, "feedback": feedback, "Meta": meta},
    )
