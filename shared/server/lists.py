"""Lists: true counts, bounded pages, and no silently ignored parameter."""

from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.filters import OrderingFilter
from rest_framework.pagination import PageNumberPagination

_RESERVED = {"page", "page_size"}
_MOST_PAGE_DIGITS = 6


class Pages(PageNumberPagination):
    """``?page=1&page_size=20``; a page size outside 1-100 is refused."""

    page_size = 20
    page_size_query_param = "page_size"
    max_page_size = 100

    def get_page_size(self, request):
        text = request.query_params.get(self.page_size_query_param)
        if text is None:
            return self.page_size
        if not _is_number(text) or not 1 <= int(text) <= self.max_page_size:
            raise ValidationError(
                {"page_size": f"This must be a number from 1 to {self.max_page_size}."}
            )
        return int(text)

    def get_page_number(self, request, paginator):
        text = request.query_params.get(self.page_query_param, "1")
        if not _is_number(text) or int(text) < 1:
            raise ValidationError({"page": "This must be a number from 1."})
        if int(text) > paginator.num_pages:
            raise NotFound("There is no such page.")
        return int(text)

    def get_schema_operation_parameters(self, view):
        parameters = super().get_schema_operation_parameters(view)
        for parameter in parameters:
            parameter["schema"]["minimum"] = 1
            if parameter["name"] == self.page_size_query_param:
                parameter["schema"]["maximum"] = self.max_page_size
        return parameters


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _MOST_PAGE_DIGITS


class StrictFilters(DjangoFilterBackend):
    """Filters and ``ordering`` from the view's list; anything else is a 400.

    A view names its filters by ``filterset_class`` and its orderings by
    ``ordering_fields``; the first of these is not the default, the queryset's order is.
    Where an ordering is named otherwise than its field, these are a dict of the two.
    """

    def filter_queryset(self, request, queryset, view):
        self._refuse_unknown(request, queryset, view)
        return self._order(
            request, super().filter_queryset(request, queryset, view), view
        )

    def _refuse_unknown(self, request, queryset, view):
        known = set(_RESERVED)
        filterset_class = self.get_filterset_class(view, queryset)
        if filterset_class:
            known |= set(filterset_class.base_filters)
        if getattr(view, "ordering_fields", None):
            known.add("ordering")
        unknown = sorted(set(request.query_params) - known)
        if unknown:
            choices = ", ".join(sorted(known))
            raise ValidationError(
                dict.fromkeys(unknown, f"Unknown parameter. Known are: {choices}.")
            )

    def _order(self, request, queryset, view):
        text = request.query_params.get("ordering")
        if text is None:
            return queryset
        allowed = getattr(view, "ordering_fields", ())
        terms = text.split(",")
        names = [term.removeprefix("-") for term in terms]
        if len(set(names)) < len(names) or not set(names) <= set(allowed):
            raise ValidationError(
                {"ordering": f"Known orderings are: {', '.join(allowed)}."}
            )
        if isinstance(allowed, dict):
            terms = [
                term.removesuffix(name) + allowed[name]
                for term, name in zip(terms, names, strict=True)
            ]
        return queryset.order_by(*terms, "pk")

    def get_schema_operation_parameters(self, view):
        parameters = super().get_schema_operation_parameters(view)
        if getattr(view, "ordering_fields", None):
            parameters += OrderingFilter().get_schema_operation_parameters(view)
        return parameters
