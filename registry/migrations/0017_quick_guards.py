"""The guards of 0002 look at a row once, and not once for each of its columns.

They refuse what they refused, in the same words. A case is updated for every entry that it gets.
"""

from importlib import import_module

from django.db import migrations

FUNCTIONS = """
CREATE OR REPLACE FUNCTION registry_keep_columns() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before jsonb := to_jsonb(OLD) - coalesce(TG_ARGV, '{}');
    after jsonb := to_jsonb(NEW) - coalesce(TG_ARGV, '{}');
    changed text;
BEGIN
    IF after = before THEN
        RETURN NEW;
    END IF;
    SELECT string_agg(n.key, ', ' ORDER BY n.key) INTO changed
    FROM jsonb_each(after) n
    WHERE n.value IS DISTINCT FROM before -> n.key;
    RAISE EXCEPTION '% %: % may not be changed', TG_TABLE_NAME, OLD.id, changed
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE OR REPLACE FUNCTION registry_set_once() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before jsonb := to_jsonb(OLD);
    after jsonb := to_jsonb(NEW);
    changed text;
BEGIN
    SELECT string_agg(key, ', ' ORDER BY key) INTO changed
    FROM unnest(TG_ARGV) key
    WHERE before -> key NOT IN ('null'::jsonb, '""'::jsonb)
      AND before -> key IS DISTINCT FROM after -> key;
    IF changed IS NOT NULL THEN
        RAISE EXCEPTION '% %: % has been set and stays', TG_TABLE_NAME, OLD.id, changed
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION registry_describe_by_version() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before jsonb := to_jsonb(OLD);
    after jsonb := to_jsonb(NEW);
    described text;
    known boolean;
BEGIN
    IF OLD.status = 'void' THEN
        RAISE EXCEPTION '% %: void is final', TG_TABLE_NAME, OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    SELECT string_agg(key, ', ' ORDER BY key) INTO described
    FROM unnest(TG_ARGV[1:]) key
    WHERE after -> key IS DISTINCT FROM before -> key;
    IF described IS NULL AND NEW.version = OLD.version THEN
        RETURN NEW;
    END IF;
    IF NEW.version <> OLD.version + 1 THEN
        RAISE EXCEPTION '% %: % changed without a new version',
            TG_TABLE_NAME, OLD.id, coalesce(described, 'version')
            USING ERRCODE = 'restrict_violation';
    END IF;
    EXECUTE format(
        'SELECT EXISTS (SELECT FROM registry_version WHERE %I = $1 AND version = $2)', TG_ARGV[0]
    ) INTO known USING OLD.id, NEW.version;
    IF NOT known THEN
        RAISE EXCEPTION '% %: version % is not written down', TG_TABLE_NAME, OLD.id, NEW.version
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
"""

AS_BEFORE = import_module("registry.migrations.0002_immutable").FUNCTIONS.replace(
    "CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"
)


class Migration(migrations.Migration):
    dependencies = [("registry", "0016_quality_control")]

    operations = [migrations.RunSQL(FUNCTIONS, AS_BEFORE)]
