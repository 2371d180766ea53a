"""Reports ask for the deadlines of one kind in a period."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    # The table is large and in use: the index is built beside it, and outside a transaction.
    atomic = False
    dependencies = [("registry", "0011_recounts")]
    operations = [
        AddIndexConcurrently(
            model_name="deadline",
            index=models.Index(fields=["kind", "due_at"], name="deadlines_of_a_kind"),
        ),
    ]
