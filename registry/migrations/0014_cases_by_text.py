"""Cases are found by any part of their number or titles, folded, without reading all of them."""

from django.db import migrations

FUNCTION = """
CREATE FUNCTION registry_case_text(reference varchar, title varchar, public_title varchar)
RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN registry_fold(reference || ' ' || title || ' ' || public_title);
"""

INDEX = """
CREATE INDEX CONCURRENTLY IF NOT EXISTS cases_by_text ON registry_case
    USING gin (registry_case_text(reference, title, public_title) gin_trgm_ops)
"""


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("registry", "0013_copies_by_first")]

    operations = [
        migrations.RunSQL(FUNCTION, "DROP FUNCTION registry_case_text(varchar, varchar, varchar)"),
        migrations.RunSQL(INDEX, "DROP INDEX CONCURRENTLY IF EXISTS cases_by_text"),
    ]
