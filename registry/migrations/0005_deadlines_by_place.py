"""Indexes of running deadlines, built while the table is in use."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

RUNNING = models.Q(state__in=["open", "paused"])


def index(field, name):
    return AddIndexConcurrently(
        "deadline", models.Index(fields=[field, "due_at"], condition=RUNNING, name=name)
    )


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("registry", "0004_pauses")]

    operations = [
        index("unit", "deadlines_of_unit"),
        index("caseworker", "deadlines_of_caseworker"),
        index("case", "deadlines_of_case"),
    ]
