"""The database itself refuses to change what a letter says or to whom, and to delete any of it."""

from django.db import migrations

FUNCTION = """
CREATE FUNCTION outbox_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'letters are records: % on % refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$
"""

TRIGGERS = """
CREATE TRIGGER outbox_letter_fixed BEFORE UPDATE OR DELETE ON outbox_letter
    FOR EACH ROW EXECUTE FUNCTION outbox_refuse_change();
CREATE TRIGGER outbox_lettertext_fixed BEFORE UPDATE OR DELETE ON outbox_lettertext
    FOR EACH ROW EXECUTE FUNCTION outbox_refuse_change();
CREATE TRIGGER outbox_letterrecipient_kept BEFORE DELETE ON outbox_letterrecipient
    FOR EACH ROW EXECUTE FUNCTION outbox_refuse_change();
CREATE TRIGGER outbox_letterrecipient_fixed
    BEFORE UPDATE OF id, letter_id, address ON outbox_letterrecipient
    FOR EACH ROW WHEN (
        (OLD.id, OLD.letter_id, OLD.address) IS DISTINCT FROM (NEW.id, NEW.letter_id, NEW.address)
    ) EXECUTE FUNCTION outbox_refuse_change();
"""

UNDO = """
DROP TRIGGER outbox_letterrecipient_fixed ON outbox_letterrecipient;
DROP TRIGGER outbox_letterrecipient_kept ON outbox_letterrecipient;
DROP TRIGGER outbox_lettertext_fixed ON outbox_lettertext;
DROP TRIGGER outbox_letter_fixed ON outbox_letter;
"""

# TRUNCATE has no rows and so a trigger of its own.
EMPTYING = """
CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION outbox_refuse_change();
"""

TABLES = ["outbox_letter", "outbox_lettertext", "outbox_letterrecipient"]


class Migration(migrations.Migration):
    dependencies = [("outbox", "0001_start")]

    operations = [
        migrations.RunSQL(FUNCTION, "DROP FUNCTION outbox_refuse_change()"),
        migrations.RunSQL(TRIGGERS, UNDO),
        *[
            migrations.RunSQL(
                EMPTYING.format(table=table), f"DROP TRIGGER {table}_no_truncate ON {table}"
            )
            for table in TABLES
        ],
    ]
