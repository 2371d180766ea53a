"""Entries of caseworkers wait for quality control; the view used last is remembered."""

import django.db.models.deletion
from django.db import migrations, models

CHECKS = """
CREATE TRIGGER registry_qualitycheck_no_delete BEFORE DELETE ON registry_qualitycheck
    FOR EACH ROW EXECUTE FUNCTION registry_refuse_removal();
CREATE TRIGGER registry_qualitycheck_no_truncate BEFORE TRUNCATE ON registry_qualitycheck
    FOR EACH STATEMENT EXECUTE FUNCTION registry_refuse_removal();
CREATE FUNCTION registry_pass_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.passed_at IS NOT NULL OR NEW.passed_at IS NULL
        OR (NEW.entry_id, NEW.asked_at) IS DISTINCT FROM (OLD.entry_id, OLD.asked_at) THEN
        RAISE EXCEPTION 'quality control of entry %: it is passed once, and never edited',
            OLD.entry_id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER registry_qualitycheck_pass_once BEFORE UPDATE ON registry_qualitycheck
    FOR EACH ROW EXECUTE FUNCTION registry_pass_once();
"""

NO_CHECKS = """
DROP TRIGGER registry_qualitycheck_pass_once ON registry_qualitycheck;
DROP FUNCTION registry_pass_once();
DROP TRIGGER registry_qualitycheck_no_truncate ON registry_qualitycheck;
DROP TRIGGER registry_qualitycheck_no_delete ON registry_qualitycheck;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0015_moves_and_waits"),
    ]

    operations = [
        migrations.AddField(
            model_name="savedview",
            name="is_last",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.CreateModel(
            name="QualityCheck",
            fields=[
                (
                    "entry",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="quality_check",
                        serialize=False,
                        to="registry.entry",
                    ),
                ),
                ("asked_at", models.DateTimeField()),
                ("passed_at", models.DateTimeField(null=True, verbose_name="passed")),
                ("passed_by", models.CharField(blank=True, max_length=40)),
            ],
            options={
                "verbose_name": "quality control",
                "verbose_name_plural": "quality controls",
                "indexes": [
                    models.Index(
                        condition=models.Q(("passed_at", None)),
                        fields=["entry"],
                        name="checks_that_wait",
                    )
                ],
            },
        ),
        migrations.RunSQL(CHECKS, NO_CHECKS),
    ]
