from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("outbox", "0005_digests"),
    ]

    operations = [
        migrations.AlterField(
            model_name="letter",
            name="kind",
            field=models.CharField(
                choices=[
                    ("acknowledgement", "Acknowledgement"),
                    ("receipt", "Automatic receipt"),
                    ("misdirected", "Misdirected"),
                    ("forwarded", "Sent on to the right body"),
                    ("missing_information", "Missing information"),
                    ("interim_reply", "Interim reply"),
                    ("answer", "Answer"),
                    ("alarm", "Alarm"),
                    ("alarm_cleared", "Alarm cleared"),
                    ("notice_assigned", "Notice: assigned"),
                    ("notice_mention", "Notice: mentioned"),
                    ("notice_threat", "Notice: threat"),
                    ("notice_escalated", "Notice to the leader"),
                    ("digest", "Daily e-mail about deadlines"),
                ],
                max_length=30,
                verbose_name="letter",
            ),
        ),
        migrations.AlterField(
            model_name="lettertext",
            name="kind",
            field=models.CharField(
                choices=[
                    ("acknowledgement", "Acknowledgement"),
                    ("receipt", "Automatic receipt"),
                    ("misdirected", "Misdirected"),
                    ("forwarded", "Sent on to the right body"),
                    ("missing_information", "Missing information"),
                    ("interim_reply", "Interim reply"),
                    ("answer", "Answer"),
                    ("alarm", "Alarm"),
                    ("alarm_cleared", "Alarm cleared"),
                    ("notice_assigned", "Notice: assigned"),
                    ("notice_mention", "Notice: mentioned"),
                    ("notice_threat", "Notice: threat"),
                    ("notice_escalated", "Notice to the leader"),
                    ("digest", "Daily e-mail about deadlines"),
                ],
                max_length=30,
                verbose_name="letter",
            ),
        ),
    ]
