"""A person keeps a draft for each page about a message, not one for all of them."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("intake", "0009_sender_silent"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="draft",
            name="one_draft_per_person",
        ),
        migrations.AddField(
            model_name="draft",
            name="page",
            field=models.CharField(
                choices=[
                    ("register", "Register"),
                    ("misdirected", "Misdirected"),
                    ("ask", "Ask"),
                    ("split", "Split"),
                ],
                db_default="register",
                default="register",
                max_length=11,
            ),
        ),
        migrations.AddConstraint(
            model_name="draft",
            constraint=models.UniqueConstraint(
                fields=("message", "user", "page"), name="one_draft_per_person_and_page"
            ),
        ),
        # On the way back only the register panel's drafts have a place.
        migrations.RunSQL(
            migrations.RunSQL.noop, "DELETE FROM intake_draft WHERE page <> 'register'"
        ),
    ]
