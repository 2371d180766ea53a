from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Workers look for what is to be read, however much waits for people."""

    atomic = False

    dependencies = [("intake", "0005_done_by_time")]

    operations = [
        AddIndexConcurrently(
            "message",
            models.Index(
                fields=["id"], condition=models.Q(state="received"), name="messages_to_screen"
            ),
        )
    ]
