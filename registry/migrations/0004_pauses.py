"""Deadlines may stand still; each knows its case, unit and caseworker; own closed days."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# A deadline knows the case of its entry with unit and caseworker, whoever writes it.
PLACE = """
CREATE FUNCTION registry_place_deadline() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.entry_id IS NULL THEN
        NEW.case_id := NULL;
        NEW.unit_id := NULL;
        NEW.caseworker_id := NULL;
    ELSE
        SELECT c.id, c.unit_id, c.caseworker_id
        INTO NEW.case_id, NEW.unit_id, NEW.caseworker_id
        FROM registry_entry e JOIN registry_case c ON c.id = e.case_id WHERE e.id = NEW.entry_id;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER registry_deadline_place BEFORE INSERT OR UPDATE OF entry_id, state
    ON registry_deadline FOR EACH ROW EXECUTE FUNCTION registry_place_deadline();

CREATE FUNCTION registry_move_deadlines() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE registry_deadline SET unit_id = NEW.unit_id, caseworker_id = NEW.caseworker_id
    WHERE case_id = NEW.id AND state IN ('open', 'paused');
    RETURN NULL;
END $$;
CREATE TRIGGER registry_case_moves_deadlines AFTER UPDATE OF unit_id, caseworker_id
    ON registry_case FOR EACH ROW
    WHEN ((OLD.unit_id, OLD.caseworker_id) IS DISTINCT FROM (NEW.unit_id, NEW.caseworker_id))
    EXECUTE FUNCTION registry_move_deadlines();

-- Those that run already; of the others nobody asks.
UPDATE registry_deadline SET state = state WHERE state IN ('open', 'paused');
"""

UNPLACE = """
DROP TRIGGER registry_case_moves_deadlines ON registry_case;
DROP FUNCTION registry_move_deadlines();
DROP TRIGGER registry_deadline_place ON registry_deadline;
DROP FUNCTION registry_place_deadline();
"""

# A pause is ended once, and never edited or removed (functions of 0002).
KEEP = """
CREATE TRIGGER registry_deadlinepause_no_delete BEFORE DELETE ON registry_deadlinepause
    FOR EACH ROW EXECUTE FUNCTION registry_refuse_removal();
CREATE TRIGGER registry_deadlinepause_no_truncate BEFORE TRUNCATE ON registry_deadlinepause
    FOR EACH STATEMENT EXECUTE FUNCTION registry_refuse_removal();
CREATE TRIGGER registry_deadlinepause_keep_columns BEFORE UPDATE ON registry_deadlinepause
    FOR EACH ROW EXECUTE FUNCTION registry_keep_columns('ended_at', 'ended_by');
CREATE TRIGGER registry_deadlinepause_set_once BEFORE UPDATE ON registry_deadlinepause
    FOR EACH ROW EXECUTE FUNCTION registry_set_once('ended_at', 'ended_by');
"""

UNKEEP = """
DROP TRIGGER registry_deadlinepause_set_once ON registry_deadlinepause;
DROP TRIGGER registry_deadlinepause_keep_columns ON registry_deadlinepause;
DROP TRIGGER registry_deadlinepause_no_truncate ON registry_deadlinepause;
DROP TRIGGER registry_deadlinepause_no_delete ON registry_deadlinepause;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_start"),
        ("registry", "0003_restricted_cases"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ClosedDay",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("on", models.DateField(unique=True, verbose_name="day")),
                ("name", models.CharField(max_length=60, verbose_name="what it is called")),
            ],
            options={
                "verbose_name": "closed day",
                "verbose_name_plural": "closed days",
                "ordering": ["on"],
            },
        ),
        migrations.CreateModel(
            name="DeadlinePause",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("missing_information", "waiting for missing information"),
                            ("other_body", "waiting for another body"),
                            ("party", "the party has asked for more time"),
                            ("other", "another reason"),
                        ],
                        max_length=20,
                        verbose_name="reason",
                    ),
                ),
                ("words", models.CharField(blank=True, max_length=200, verbose_name="in words")),
                ("paragraph", models.CharField(max_length=120, verbose_name="rule")),
                ("started_at", models.DateTimeField(verbose_name="paused")),
                ("started_by", models.CharField(max_length=40)),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="resumed")),
                ("ended_by", models.CharField(blank=True, max_length=40)),
            ],
            options={
                "verbose_name": "pause of a deadline",
                "verbose_name_plural": "pauses of deadlines",
            },
        ),
        migrations.AddField(
            model_name="deadline",
            name="case",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                to="registry.case",
            ),
        ),
        migrations.AddField(
            model_name="deadline",
            name="caseworker",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="deadline",
            name="unit",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                to="accounts.unit",
            ),
        ),
        migrations.AlterField(
            model_name="deadline",
            name="state",
            field=models.CharField(
                choices=[
                    ("open", "Running"),
                    ("paused", "Paused"),
                    ("met", "Met"),
                    ("cancelled", "No longer applies"),
                ],
                default="open",
                max_length=10,
                verbose_name="state",
            ),
        ),
        migrations.AddField(
            model_name="deadlinepause",
            name="deadline",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="pauses",
                to="registry.deadline",
            ),
        ),
        migrations.AddConstraint(
            model_name="deadlinepause",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None)),
                fields=("deadline",),
                name="one_standing_pause_of_a_deadline",
            ),
        ),
        migrations.AddConstraint(
            model_name="deadlinepause",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("reason", "other"), _negated=True),
                    models.Q(("words", ""), _negated=True),
                    _connector="OR",
                ),
                name="other_pause_is_explained",
            ),
        ),
        migrations.AddConstraint(
            model_name="deadlinepause",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ended_at", None), ("ended_at__gte", models.F("started_at")), _connector="OR"
                ),
                name="pause_ends_after_it_began",
            ),
        ),
        migrations.RunSQL(PLACE, UNPLACE),
        migrations.RunSQL(KEEP, UNKEEP),
    ]
