from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_absences"),
    ]

    operations = [
        migrations.AddField(
            model_name="unit",
            name="four_eyes",
            field=models.BooleanField(
                default=False, verbose_name="answers are approved by a second person"
            ),
        ),
    ]
