"""Who had a case before an entry moved it; a wait may end with the sign-off."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

MOVES = """
CREATE TRIGGER registry_casemove_no_delete BEFORE DELETE ON registry_casemove
    FOR EACH ROW EXECUTE FUNCTION registry_refuse_removal();
CREATE TRIGGER registry_casemove_no_truncate BEFORE TRUNCATE ON registry_casemove
    FOR EACH STATEMENT EXECUTE FUNCTION registry_refuse_removal();
CREATE TRIGGER registry_casemove_keep_columns BEFORE UPDATE ON registry_casemove
    FOR EACH ROW EXECUTE FUNCTION registry_keep_columns();
"""

NO_MOVES = """
DROP TRIGGER registry_casemove_keep_columns ON registry_casemove;
DROP TRIGGER registry_casemove_no_truncate ON registry_casemove;
DROP TRIGGER registry_casemove_no_delete ON registry_casemove;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_four_eyes"),
        ("registry", "0014_cases_by_text"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="notice",
            name="ending",
            field=models.CharField(
                blank=True,
                choices=[
                    ("answered", "Answered"),
                    ("by_hand", "Ended by hand"),
                    ("signed_off", "Ended, as the entry was signed off"),
                ],
                max_length=10,
            ),
        ),
        migrations.CreateModel(
            name="CaseMove",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("made_at", models.DateTimeField()),
                (
                    "entry",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="case_move",
                        to="registry.entry",
                    ),
                ),
                (
                    "from_caseworker",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "from_unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.unit",
                    ),
                ),
                (
                    "to_unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.unit",
                    ),
                ),
            ],
            options={
                "verbose_name": "move of a case",
                "verbose_name_plural": "moves of cases",
            },
        ),
        migrations.RunSQL(MOVES, NO_MOVES),
    ]
