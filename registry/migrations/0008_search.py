"""Empty structures for searching; `./dev manage index_entries` fills them for what is there.

pg_trgm is a trusted extension: the owner of the database may create it.
"""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import registry.models.search

# How words are compared. They are stemmed as written and folded afterwards, since the stemmers know
# Nordic spelling: å = aa = a, ä = æ = ae = a, ö = ø = oe = o, other accents fall away. Each text is
# stemmed both ways, because Norwegian municipalities get Swedish post and the other way round.
FUNCTIONS = r"""
CREATE FUNCTION registry_fold(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN replace(replace(replace(translate(lower(normalize($1, NFC)),
    'åäæáàâãāąöøóòôõőéèêëēęěüúùûūíìîïīýÿčćçđðďñńňŋšśşŧťžźżłř',
    'aaaaaaaaaoooooooeeeeeeeuuuuuiiiiiyycccdddnnnnsssttzzzlr'),
    'aa', 'a'), 'ae', 'a'), 'oe', 'o');

CREATE FUNCTION registry_words(text) RETURNS tsvector LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN registry_fold(to_tsvector('pg_catalog.norwegian', $1)::text)::tsvector
    || registry_fold(to_tsvector('pg_catalog.swedish', $1)::text)::tsvector;

-- Names and addresses are not stemmed, and no word of them is too common to be kept.
CREATE FUNCTION registry_names(text) RETURNS tsvector LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN registry_fold((to_tsvector('pg_catalog.simple', $1)
    || to_tsvector('pg_catalog.simple', translate($1, '@._-/,;:', '        ')))::text)::tsvector;

-- One thing that is looked for: a 'word' or a 'phrase'; NULL for what is too common to tell
-- anything in one of the two languages.
CREATE FUNCTION registry_term(term text, kind text) RETURNS tsquery
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    stem tsquery;
    found tsquery;
    config regconfig;
BEGIN
    FOREACH config IN ARRAY ARRAY['pg_catalog.norwegian', 'pg_catalog.swedish']::regconfig[] LOOP
        stem := CASE kind
            WHEN 'phrase' THEN phraseto_tsquery(config, term)
            ELSE plainto_tsquery(config, term)
        END;
        stem := registry_fold(stem::text)::tsquery;
        IF numnode(stem) = 0 THEN
            RETURN NULL;
        END IF;
        found := CASE WHEN found IS NULL OR found = stem THEN stem ELSE found || stem END;
    END LOOP;
    stem := CASE kind
        WHEN 'phrase' THEN phraseto_tsquery('pg_catalog.simple', term)
        ELSE plainto_tsquery('pg_catalog.simple', term)
    END;
    stem := registry_fold(stem::text)::tsquery;
    RETURN CASE WHEN stem = found THEN found ELSE found || stem END;
END $$;
"""

DROP_FUNCTIONS = """
DROP FUNCTION registry_term(text, text);
DROP FUNCTION registry_names(text);
DROP FUNCTION registry_words(text);
DROP FUNCTION registry_fold(text);
"""

INDEXES = """
CREATE INDEX searched_by_words ON registry_searchentry USING gin (marks, words, public_words)
    WITH (fastupdate = on, gin_pending_list_limit = 256);
CREATE INDEX searched_by_number ON registry_searchentry (number_key text_pattern_ops);
CREATE INDEX names_by_likeness ON registry_searchname USING gin (word gin_trgm_ops);
ALTER TABLE registry_searchentry ALTER marks SET STATISTICS 1000, ALTER words SET STATISTICS 1000;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0007_notices_and_copies"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunSQL("CREATE EXTENSION IF NOT EXISTS pg_trgm", migrations.RunSQL.noop),
        migrations.RunSQL(FUNCTIONS, DROP_FUNCTIONS),
        migrations.CreateModel(
            name="SearchEntry",
            fields=[
                (
                    "entry",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="search",
                        serialize=False,
                        to="registry.entry",
                    ),
                ),
                ("registered_at", models.DateTimeField()),
                ("number_key", models.CharField(max_length=80)),
                ("marks", django.contrib.postgres.fields.ArrayField(models.TextField())),
                ("public_words", registry.models.search.WordsField()),
                ("words", registry.models.search.WordsField()),
                (
                    "text_state",
                    models.CharField(
                        choices=[
                            ("waiting", "Text not searchable yet"),
                            ("done", "Text searchable"),
                            ("partly", "Some of the text could not be read"),
                        ],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("text_attempts", models.PositiveIntegerField(default=0)),
                ("text_claimed_at", models.DateTimeField(null=True)),
                ("text_problems", models.JSONField(default=dict)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["-registered_at", "-entry"], name="searched_newest_first"),
                    models.Index(
                        condition=models.Q(("text_state", "waiting")),
                        fields=["entry"],
                        name="texts_that_wait",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SearchName",
            fields=[("word", models.CharField(max_length=60, primary_key=True, serialize=False))],
        ),
        migrations.CreateModel(
            name="SavedView",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                ("query", models.CharField(max_length=1000)),
                ("seen_at", models.DateTimeField()),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("user", "name"), name="one_saved_view_per_name")
                ],
            },
        ),
        migrations.RunSQL(INDEXES, migrations.RunSQL.noop),
    ]
