"""Reviews for operators: to read, and to remove what offends."""

from django.contrib import admin

from shared.operators.pages import ask, log_changes
from shared.staff.admin_site import ReadOnlyModelAdmin

from . import services
from .models import Review


@admin.register(Review)
class ReviewAdmin(ReadOnlyModelAdmin):
    list_display = ["course", "rating", "text_start", "user_id", "created_at"]
    list_filter = ["rating", "created_at"]
    list_select_related = ["course"]
    search_fields = ["=user_id", "=id", "course__title"]
    search_help_text = "User id, review id or title of the course"
    actions = ["remove"]

    @admin.display(description="text")
    def text_start(self, review):
        return review.text[:80]

    @admin.action(description="Remove …", permissions=["operate"])
    def remove(self, request, queryset):
        if "apply" not in request.POST:
            return ask(
                self,
                request,
                title="Remove reviews",
                text="They are deleted, and the courses' means no longer hold them.",
                submit="Remove",
            )
        reviews = list(queryset)
        log_changes(request, reviews, "Removed.")
        for review in reviews:
            services.remove_review(review_id=review.pk)
        self.message_user(request, f"{len(reviews)} reviews are removed.")
        return None
