"""Notices from before there were quiet hours were visible when they were made."""

from django.db import migrations
from django.db.models import F


def fill(apps, schema_editor):
    apps.get_model("notices", "Notice").objects.update(visible_at=F("created_at"))


class Migration(migrations.Migration):
    dependencies = [("notices", "0002_times_and_digests")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
