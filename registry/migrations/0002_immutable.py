"""The database itself keeps what is registered: see docs/adr and the tests of immutability.

Four guards, each with a sentence that a person can read in a log: columns that never change,
columns that are set once, descriptions that change only together with a Version, and rows that
are never removed (corrections leave a trace, numbers are never used again: JO 4639-2007,
arkivforskrifta 2025 § 5).
"""

from django.db import migrations

FUNCTIONS = """
CREATE FUNCTION registry_refuse_removal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'nothing is removed from the record: % on % refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;

-- Arguments: the columns that may change at all.
CREATE FUNCTION registry_keep_columns() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed text;
BEGIN
    SELECT string_agg(n.key, ', ' ORDER BY n.key) INTO changed
    FROM jsonb_each(to_jsonb(NEW)) n
    WHERE n.value IS DISTINCT FROM to_jsonb(OLD) -> n.key AND NOT n.key = ANY (coalesce(TG_ARGV, '{}'));
    IF changed IS NOT NULL THEN
        RAISE EXCEPTION '% %: % may not be changed', TG_TABLE_NAME, OLD.id, changed
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

-- Arguments: columns that may be set once, from NULL or from the empty text.
CREATE FUNCTION registry_set_once() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed text;
BEGIN
    SELECT string_agg(o.key, ', ' ORDER BY o.key) INTO changed
    FROM jsonb_each(to_jsonb(OLD)) o
    WHERE o.key = ANY (TG_ARGV)
      AND o.value NOT IN ('null'::jsonb, '""'::jsonb)
      AND o.value IS DISTINCT FROM to_jsonb(NEW) -> o.key;
    IF changed IS NOT NULL THEN
        RAISE EXCEPTION '% %: % has been set and stays', TG_TABLE_NAME, OLD.id, changed
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

-- Arguments: the column of registry_version that points here, then the columns that describe.
CREATE FUNCTION registry_describe_by_version() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    described text;
    known boolean;
BEGIN
    IF OLD.status = 'void' THEN
        RAISE EXCEPTION '% %: void is final', TG_TABLE_NAME, OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    SELECT string_agg(n.key, ', ' ORDER BY n.key) INTO described
    FROM jsonb_each(to_jsonb(NEW)) n
    WHERE n.key = ANY (TG_ARGV[1:]) AND n.value IS DISTINCT FROM to_jsonb(OLD) -> n.key;
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

CREATE FUNCTION registry_count_upwards() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.series_id <> OLD.series_id OR NEW.year <> OLD.year
        OR NEW.last_case < OLD.last_case OR NEW.last_entry < OLD.last_entry THEN
        RAISE EXCEPTION 'registry_seriesyear %: numbers are never used again', OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

-- At the end of the transaction, so that the row can claim the message before the letter exists.
CREATE FUNCTION registry_letter_or_reason() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM registry_acknowledgement
    WHERE id = NEW.id AND letter_id IS NULL AND not_sent_reason = '';
    IF FOUND THEN
        RAISE EXCEPTION 'registry_acknowledgement %: neither a letter nor a reason', NEW.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
"""

DROP_FUNCTIONS = """
DROP FUNCTION registry_letter_or_reason();
DROP FUNCTION registry_count_upwards();
DROP FUNCTION registry_describe_by_version();
DROP FUNCTION registry_set_once();
DROP FUNCTION registry_keep_columns();
DROP FUNCTION registry_refuse_removal();
"""

KEPT = [
    "acknowledgement",
    "case",
    "deadline",
    "document",
    "entry",
    "hold",
    "party",
    "seriesyear",
    "signoff",
    "version",
]

# Of each table, the columns that may change at all.
CHANGEABLE = {
    "acknowledgement": [
        *["entry_id", "letter_id", "letter_entry_id", "not_sent_reason", "is_receipt", "undone_at"]
    ],
    "case": [
        *["title", "public_title", "access", "legal_basis", "version"],
        *["unit_id", "caseworker_id", "status", "void_reason", "closed_at", "last_document"],
    ],
    "document": [],
    "entry": [
        *["title", "public_title", "document_type_id", "access", "legal_basis", "document_on"],
        *["version", "status", "void_reason"],
    ],
    "hold": ["released_at", "released_by"],
    "party": ["until_version"],
    "signoff": [],
    "version": [],
}

SET_ONCE = {
    "acknowledgement": [
        *["entry_id", "letter_id", "letter_entry_id", "not_sent_reason", "undone_at"]
    ],
    "case": ["void_reason"],
    "entry": ["void_reason"],
    "hold": ["released_at", "released_by"],
    "party": ["until_version"],
}

DESCRIBED = {
    "case": ["case_id", "title", "public_title", "access", "legal_basis"],
    "entry": [
        *["entry_id", "title", "public_title", "document_type_id"],
        *["access", "legal_basis", "document_on"],
    ],
}

NUMBERS = """
CREATE TRIGGER registry_seriesyear_upwards BEFORE UPDATE ON registry_seriesyear
    FOR EACH ROW EXECUTE FUNCTION registry_count_upwards();
CREATE CONSTRAINT TRIGGER registry_acknowledgement_letter_or_reason
    AFTER INSERT ON registry_acknowledgement DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION registry_letter_or_reason();
"""

DROP_NUMBERS = """
DROP TRIGGER registry_acknowledgement_letter_or_reason ON registry_acknowledgement;
DROP TRIGGER registry_seriesyear_upwards ON registry_seriesyear;
"""


def removal(table):
    name = f"registry_{table}"
    return migrations.RunSQL(
        f"CREATE TRIGGER {name}_no_delete BEFORE DELETE ON {name}"
        " FOR EACH ROW EXECUTE FUNCTION registry_refuse_removal();"
        f"CREATE TRIGGER {name}_no_truncate BEFORE TRUNCATE ON {name}"
        " FOR EACH STATEMENT EXECUTE FUNCTION registry_refuse_removal();",
        f"DROP TRIGGER {name}_no_delete ON {name}; DROP TRIGGER {name}_no_truncate ON {name};",
    )


def update(table, suffix, function, columns):
    name = f"registry_{table}"
    arguments = ", ".join(f"'{column}'" for column in columns)
    return migrations.RunSQL(
        f"CREATE TRIGGER {name}_{suffix} BEFORE UPDATE ON {name}"
        f" FOR EACH ROW EXECUTE FUNCTION {function}({arguments});",
        f"DROP TRIGGER {name}_{suffix} ON {name};",
    )


class Migration(migrations.Migration):
    dependencies = [("registry", "0001_start")]

    operations = [
        migrations.RunSQL(FUNCTIONS, DROP_FUNCTIONS),
        *[removal(table) for table in KEPT],
        *[
            update(table, "keep_columns", "registry_keep_columns", columns)
            for table, columns in CHANGEABLE.items()
        ],
        *[
            update(table, "set_once", "registry_set_once", columns)
            for table, columns in SET_ONCE.items()
        ],
        *[
            update(table, "versioned", "registry_describe_by_version", columns)
            for table, columns in DESCRIBED.items()
        ],
        migrations.RunSQL(NUMBERS, DROP_NUMBERS),
    ]
