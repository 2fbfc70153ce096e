from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("server", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="ErasedPerson",
            fields=[
                (
                    "user_id",
                    models.UUIDField(editable=False, primary_key=True, serialize=False),
                ),
                ("erased_at", models.DateTimeField()),
                (
                    "sweep_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="When traces are looked for; empty: none left.",
                        null=True,
                    ),
                ),
                ("sweeps", models.PositiveIntegerField(default=0)),
            ],
            options={
                "verbose_name": "erased person",
                "verbose_name_plural": "erased people",
                "ordering": ["-erased_at"],
                "indexes": [
                    models.Index(fields=["-erased_at"], name="server_erased_newest"),
                    models.Index(
                        condition=models.Q(("sweep_at__isnull", False)),
                        fields=["sweep_at"],
                        name="server_erased_to_sweep",
                    ),
                ],
            },
        ),
    ]
