"""How the list of exercises can be narrowed."""

from django.db.models import Q, QuerySet
from django_filters import rest_framework as filters

from .models import Exercise

MOST_SEARCH_CHARACTERS = 100


class ExerciseFilters(filters.FilterSet):
    """Filters of the list; the field ``search`` looks into title and description."""

    skill = filters.ChoiceFilter(choices=Exercise.Skill.choices)
    difficulty = filters.ChoiceFilter(choices=Exercise.Difficulty.choices)
    kind = filters.ChoiceFilter(choices=Exercise.Kind.choices)
    course = filters.UUIDFilter(field_name="course_id")
    module = filters.UUIDFilter(field_name="module_id")
    search = filters.CharFilter(method="search_for", max_length=MOST_SEARCH_CHARACTERS)

    def search_for(self, exercises: QuerySet, name: str, text: str) -> QuerySet:
        return exercises.filter(
            Q(title__icontains=text) | Q(description__icontains=text)
        )
