"""Copies of a document are found from the first one."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    # The table is large and in use: the index is built beside it, and outside a transaction.
    atomic = False
    dependencies = [("registry", "0012_deadlines_of_a_kind")]
    operations = [
        AddIndexConcurrently(
            model_name="entry",
            index=models.Index(
                condition=models.Q(("copy_of__isnull", False)),
                fields=["copy_of"],
                name="entries_by_first",
            ),
        ),
    ]
