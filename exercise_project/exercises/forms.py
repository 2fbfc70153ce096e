"""How authors type options and answers in the admin: one to a line."""

from django import forms
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminURLInputWidget

from .models import Question, QuestionGroup, Section


class OptionsField(forms.CharField):
    """Options as lines of a letter, a colon and a text."""

    widget = UnfoldAdminTextareaWidget(attrs={"rows": 4})
    default_error_messages = {
        "no_letter": "Write each option as “A: its text”, one to a line.",
        "repeated": "Two options have the same letter.",
    }

    def prepare_value(self, value: object) -> object:
        """Show stored options as lines."""
        if not isinstance(value, list):
            return value
        return "\n".join(f"{option['letter']}: {option['text']}" for option in value)

    def to_python(self, value: object) -> list[dict[str, str]]:
        """Return the options of the lines; raises ValidationError."""
        options = [self._option(line) for line in _lines(super().to_python(value))]
        if len({option["letter"] for option in options}) < len(options):
            raise forms.ValidationError(self.error_messages["repeated"], "repeated")
        return options

    def has_changed(self, initial: object, data: object) -> bool:
        """Compare what is shown with what came back."""
        shown = self.prepare_value(initial or [])
        return _lines(shown) != _lines(data)

    def _option(self, line: str) -> dict[str, str]:
        letter, colon, text = (part.strip() for part in line.partition(":"))
        if not (letter and colon and text) or len(letter) > 8:
            raise forms.ValidationError(self.error_messages["no_letter"], "no_letter")
        return {"letter": letter, "text": text}


class AnswersField(forms.CharField):
    """Accepted answers, or correct letters, one to a line."""

    widget = UnfoldAdminTextareaWidget(attrs={"rows": 3})

    def prepare_value(self, value: object) -> object:
        """Show stored answers as lines."""
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: object) -> list[str]:
        """Return the lines that hold something."""
        return _lines(super().to_python(value))

    def has_changed(self, initial: object, data: object) -> bool:
        """Compare what is shown with what came back."""
        return _lines(self.prepare_value(initial or [])) != _lines(data)


class _PlacedForm(forms.ModelForm):
    """A part whose place among its siblings must be free."""

    def validate_unique(self) -> None:
        """Check the constraints with the parent too, which Django leaves out."""
        super().validate_unique()
        try:
            self.instance.validate_constraints(exclude=set(self._errors))
        except forms.ValidationError as error:
            self._update_errors(error)


class SectionForm(_PlacedForm):
    """A section; an address without a scheme is https."""

    audio_url = forms.URLField(
        required=False,
        max_length=500,
        assume_scheme="https",
        widget=UnfoldAdminURLInputWidget,
    )

    class Meta:
        model = Section
        fields = ["position", "title", "instructions", "text", "audio_url"]


class QuestionGroupForm(_PlacedForm):
    """A group of questions, with its options as lines."""

    options = OptionsField(
        required=False, help_text="Shared by its questions: “A: text”, one to a line."
    )

    class Meta:
        model = QuestionGroup
        fields = [
            "position",
            "type",
            "subtype",
            "instructions",
            "word_limit",
            "options",
            "text",
        ]


class QuestionForm(_PlacedForm):
    """A question, with its key as lines."""

    options = OptionsField(
        required=False, help_text="Its own: “A: text”, one to a line."
    )
    answers = AnswersField(
        help_text="Accepted variants, letters, or a verdict such as NOT GIVEN, "
        "one to a line."
    )

    class Meta:
        model = Question
        fields = [
            "number",
            "choose",
            "prompt",
            "options",
            "answers",
            "explanation",
            "evidence",
        ]


def _lines(text: object) -> list[str]:
    return [line.strip() for line in str(text or "").splitlines() if line.strip()]
