"""Answers with their approval and ready-made texts, internal comments, and sign-offs taken back."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

TAKEN_BACK = ["entry_id", "taken_back_of_id", "taken_back_at", "taken_back_by"]
# What is only added to.
APPENDED = ["answerstep", "answertext", "comment", "mention"]
# What becomes of a draft may change; whose it is and what it answers may not.
OF_AN_ANSWER = [
    *["state", "party_id", "channel", "language", "heading", "text", "promised_on", "access"],
    *["legal_basis", "files_checked", "version", "saved_at", "sent_at", "sent_by"],
    *["sent_entry_id", "letter_id", "sendings"],
]


def quoted(columns):
    return ", ".join(f"'{column}'" for column in columns)


def removal(table):
    name = f"registry_{table}"
    return migrations.RunSQL(
        f"CREATE TRIGGER {name}_no_delete BEFORE DELETE ON {name}"
        " FOR EACH ROW EXECUTE FUNCTION registry_refuse_removal();"
        f"CREATE TRIGGER {name}_no_truncate BEFORE TRUNCATE ON {name}"
        " FOR EACH STATEMENT EXECUTE FUNCTION registry_refuse_removal();",
        f"DROP TRIGGER {name}_no_delete ON {name}; DROP TRIGGER {name}_no_truncate ON {name};",
    )


def keep_columns(table, columns):
    name = f"registry_{table}"
    return migrations.RunSQL(
        f"CREATE TRIGGER {name}_keep_columns BEFORE UPDATE ON {name}"
        f" FOR EACH ROW EXECUTE FUNCTION registry_keep_columns({quoted(columns)});",
        f"DROP TRIGGER {name}_keep_columns ON {name};",
    )


# A sign-off may be taken back once, and nothing else of it changes.
SIGN_OFF = f"""
DROP TRIGGER registry_signoff_keep_columns ON registry_signoff;
CREATE TRIGGER registry_signoff_keep_columns BEFORE UPDATE ON registry_signoff
    FOR EACH ROW EXECUTE FUNCTION registry_keep_columns({quoted(TAKEN_BACK)});
CREATE TRIGGER registry_signoff_set_once BEFORE UPDATE ON registry_signoff
    FOR EACH ROW EXECUTE FUNCTION registry_set_once({quoted(TAKEN_BACK[1:])});
"""

SIGN_OFF_BEFORE = """
DROP TRIGGER registry_signoff_set_once ON registry_signoff;
DROP TRIGGER registry_signoff_keep_columns ON registry_signoff;
CREATE TRIGGER registry_signoff_keep_columns BEFORE UPDATE ON registry_signoff
    FOR EACH ROW EXECUTE FUNCTION registry_keep_columns();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("outbox", "0006_answer"),
        ("registry", "0009_escalations"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Answer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("answer", "Answer"), ("interim_reply", "Interim reply")],
                        max_length=13,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("waiting", "Waits for approval"),
                            ("sent", "Sent"),
                            ("discarded", "Discarded"),
                        ],
                        default="draft",
                        max_length=9,
                        verbose_name="state",
                    ),
                ),
                (
                    "channel",
                    models.CharField(
                        choices=[("email", "E-mail"), ("post", "Letter post")],
                        default="email",
                        max_length=5,
                    ),
                ),
                ("language", models.CharField(max_length=2)),
                ("heading", models.CharField(blank=True, max_length=200, verbose_name="subject")),
                ("text", models.TextField(blank=True, verbose_name="text")),
                ("promised_on", models.DateField(null=True, verbose_name="answer promised by")),
                (
                    "access",
                    models.CharField(
                        choices=[
                            ("unassessed", "Not assessed"),
                            ("open", "Open"),
                            ("exempt", "Exempt from public access"),
                        ],
                        default="unassessed",
                        max_length=10,
                        verbose_name="access",
                    ),
                ),
                (
                    "legal_basis",
                    models.CharField(blank=True, max_length=200, verbose_name="legal basis"),
                ),
                ("files_checked", models.BooleanField(default=False)),
                ("version", models.PositiveIntegerField(default=1)),
                ("started_at", models.DateTimeField()),
                ("saved_at", models.DateTimeField()),
                ("sent_at", models.DateTimeField(null=True)),
                ("sent_by", models.CharField(blank=True, max_length=40)),
                ("sendings", models.PositiveIntegerField(default=0)),
            ],
            options={
                "verbose_name": "answer",
                "verbose_name_plural": "answers",
            },
        ),
        migrations.CreateModel(
            name="AnswerFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("filename", models.CharField(max_length=200, verbose_name="file name")),
                ("media_type", models.CharField(max_length=120, verbose_name="type")),
                ("size", models.PositiveBigIntegerField(verbose_name="size in bytes")),
                ("sha256", models.CharField(max_length=64)),
                ("added_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="AnswerStep",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "step",
                    models.CharField(
                        choices=[
                            ("asked", "Approval asked for"),
                            ("taken_back", "Taken back by its author"),
                            ("approved", "Approved"),
                            ("returned", "Returned"),
                        ],
                        max_length=10,
                    ),
                ),
                ("version", models.PositiveIntegerField()),
                ("reason", models.CharField(blank=True, max_length=400, verbose_name="reason")),
                ("made_at", models.DateTimeField()),
                ("made_by", models.CharField(max_length=40)),
            ],
        ),
        migrations.CreateModel(
            name="AnswerText",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.SlugField(max_length=40, verbose_name="code")),
                ("language", models.CharField(max_length=2, verbose_name="language")),
                ("version", models.PositiveIntegerField(verbose_name="version")),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                ("heading", models.CharField(max_length=200, verbose_name="subject")),
                ("text", models.TextField(verbose_name="text")),
                ("is_active", models.BooleanField(default=True, verbose_name="in use")),
                ("made_at", models.DateTimeField(verbose_name="made")),
                ("made_by", models.CharField(max_length=40, verbose_name="by")),
            ],
            options={
                "verbose_name": "ready-made text",
                "verbose_name_plural": "ready-made texts",
            },
        ),
        migrations.CreateModel(
            name="Comment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("text", models.TextField(verbose_name="comment")),
                ("made_at", models.DateTimeField()),
                ("made_by", models.CharField(max_length=40)),
            ],
            options={
                "verbose_name": "internal comment",
                "verbose_name_plural": "internal comments",
            },
        ),
        migrations.CreateModel(
            name="Mention",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="documenttype",
            name="four_eyes",
            field=models.BooleanField(
                default=False, verbose_name="answers are approved by a second person"
            ),
        ),
        migrations.AddField(
            model_name="signoff",
            name="reason",
            field=models.CharField(blank=True, max_length=400, verbose_name="reason"),
        ),
        migrations.AddField(
            model_name="signoff",
            name="taken_back_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="signoff",
            name="taken_back_by",
            field=models.CharField(blank=True, max_length=40),
        ),
        migrations.AddField(
            model_name="signoff",
            name="taken_back_of",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="registry.entry",
            ),
        ),
        migrations.AlterField(
            model_name="signoff",
            name="entry",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="sign_off",
                to="registry.entry",
            ),
        ),
        migrations.AddConstraint(
            model_name="signoff",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("entry__isnull", False),
                        ("taken_back_at__isnull", True),
                        ("taken_back_of__isnull", True),
                    ),
                    models.Q(
                        ("entry__isnull", True),
                        ("taken_back_at__isnull", False),
                        ("taken_back_of__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="sign_off_stands_or_was_taken_back",
            ),
        ),
        migrations.AddField(
            model_name="answer",
            name="author",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="answer",
            name="entry",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="written_answers",
                to="registry.entry",
            ),
        ),
        migrations.AddField(
            model_name="answer",
            name="letter",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="outbox.letter",
            ),
        ),
        migrations.AddField(
            model_name="answer",
            name="party",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="registry.party",
            ),
        ),
        migrations.AddField(
            model_name="answer",
            name="sent_entry",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="registry.entry",
            ),
        ),
        migrations.AddField(
            model_name="answerfile",
            name="answer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="files",
                to="registry.answer",
            ),
        ),
        migrations.AddField(
            model_name="answerstep",
            name="answer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="steps",
                to="registry.answer",
            ),
        ),
        migrations.AddConstraint(
            model_name="answertext",
            constraint=models.UniqueConstraint(
                fields=("code", "language", "version"), name="one_answer_text_per_version"
            ),
        ),
        migrations.AddField(
            model_name="comment",
            name="case",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="comments",
                to="registry.case",
            ),
        ),
        migrations.AddField(
            model_name="mention",
            name="comment",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="mentions",
                to="registry.comment",
            ),
        ),
        migrations.AddField(
            model_name="mention",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddIndex(
            model_name="answer",
            index=models.Index(
                condition=models.Q(("state__in", ["draft", "waiting"])),
                fields=["saved_at"],
                name="open_answers",
            ),
        ),
        migrations.AddIndex(
            model_name="answer",
            index=models.Index(fields=["sent_entry"], name="answers_by_sent_entry"),
        ),
        migrations.AddConstraint(
            model_name="answer",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["draft", "waiting"])),
                fields=("entry", "author", "kind"),
                name="one_open_answer_of_a_person",
            ),
        ),
        migrations.AddConstraint(
            model_name="answer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "sent"), _negated=True),
                    ("sent_entry__isnull", False),
                    _connector="OR",
                ),
                name="sent_answer_is_registered",
            ),
        ),
        migrations.AddConstraint(
            model_name="answerfile",
            constraint=models.UniqueConstraint(
                fields=("answer", "sha256"), name="one_file_per_answer"
            ),
        ),
        migrations.AddConstraint(
            model_name="answerstep",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("step", "returned"), _negated=True),
                    models.Q(("reason", ""), _negated=True),
                    _connector="OR",
                ),
                name="returned_with_a_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="mention",
            constraint=models.UniqueConstraint(
                fields=("comment", "user"), name="one_mention_per_comment"
            ),
        ),
        *[removal(table) for table in ["answer", *APPENDED]],
        *[keep_columns(table, []) for table in APPENDED],
        keep_columns("answer", OF_AN_ANSWER),
        migrations.RunSQL(SIGN_OFF, SIGN_OFF_BEFORE),
    ]
