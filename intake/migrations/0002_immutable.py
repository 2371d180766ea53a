"""The database itself keeps what came: the facts of an arrival never change, nothing is removed."""

from django.db import migrations

FUNCTIONS = """
CREATE FUNCTION intake_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what came stays as it came: % on % refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$
"""

# A delivery is written once.
APPEND_ONLY = ["intake_delivery", "intake_deliveryrecipient"]

# These are described after they came, but never go.
KEPT = ["intake_message", "intake_attachment"]

# TRUNCATE has no rows and so a trigger of its own.
TRIGGERS = """
CREATE TRIGGER {table}_no_change BEFORE {what} ON {table}
    FOR EACH ROW EXECUTE FUNCTION intake_refuse_change();
CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION intake_refuse_change();
"""

UNDO = """
DROP TRIGGER {table}_no_change ON {table};
DROP TRIGGER {table}_no_truncate ON {table};
"""

# When it came and what it was: every deadline and every proof hangs on these.
FACTS = """
CREATE TRIGGER intake_message_facts BEFORE UPDATE ON intake_message
    FOR EACH ROW WHEN (
        (OLD.fingerprint, OLD.raw_sha256, OLD.size, OLD.received_at, OLD.mailbox_id)
        IS DISTINCT FROM
        (NEW.fingerprint, NEW.raw_sha256, NEW.size, NEW.received_at, NEW.mailbox_id)
    ) EXECUTE FUNCTION intake_refuse_change()
"""


def _guard(table: str, what: str) -> migrations.RunSQL:
    return migrations.RunSQL(TRIGGERS.format(table=table, what=what), UNDO.format(table=table))


class Migration(migrations.Migration):
    dependencies = [("intake", "0001_start")]

    operations = [
        migrations.RunSQL(FUNCTIONS, "DROP FUNCTION intake_refuse_change()"),
        *[_guard(table, "UPDATE OR DELETE") for table in APPEND_ONLY],
        *[_guard(table, "DELETE") for table in KEPT],
        migrations.RunSQL(FACTS, "DROP TRIGGER intake_message_facts ON intake_message"),
    ]
