"""The Celery application. Tasks carry ids only; Postgres holds the truth."""

from __future__ import annotations

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kommunepost.settings")

app = Celery("kommunepost")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
