"""What is done is found by when it was done, without reading all that ever came."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    # The table is large and in use: the index is built beside it, and outside a transaction.
    atomic = False
    dependencies = [("intake", "0004_registration_late")]
    operations = [
        AddIndexConcurrently(
            model_name="message",
            index=models.Index(
                condition=models.Q(("state__in", ["received", "screened", "held"]), _negated=True),
                fields=["state_at"],
                name="messages_done",
            ),
        ),
    ]
