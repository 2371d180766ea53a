"""Contexts for the sample pages: what base.html and the queue's components expect."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace as Plain
from zoneinfo import ZoneInfo

from django import forms

OSLO = ZoneInfo("Europe/Oslo")
TODAY = dt.date(2026, 11, 23)
RECEIVED = dt.datetime(2026, 11, 20, 8, 12, tzinfo=OSLO)


class RegisterForm(forms.Form):
    title = forms.CharField(help_text="As it stands in the letter.")
    access = forms.ChoiceField(
        choices=[("open", "Open"), ("exempt", "Exempt")], widget=forms.RadioSelect
    )
    party_is_person = forms.BooleanField(label="Is a person", required=False)


def shell(**more) -> dict:
    """The context that base.html expects."""
    user = Plain(is_authenticated=True, name="Kari Nordmann", get_username="kari")
    queue = {"url": "/queue/1", "label": "Queue", "key": "q", "count": 2, "current": True}
    case = {"url": "/case", "label": "Cases", "key": "s", "count": 0, "current": False}
    return {
        "municipality": Plain(
            name="Nordlia kommune", registry_contact="Room 112", it_support_phone="70 00 00 99"
        ),
        "user": user,
        "preferences": Plain(language="en", color_scheme="auto", shortcuts=True),
        "navigation": [queue, case],
        "languages": [("nb", "Norsk bokmål"), ("en", "English")],
    } | more


def queue_context(number: int, **more) -> dict:
    rows = [
        Plain(
            url=f"/queue/{n}",
            sender=sender,
            subject=subject,
            received_at=RECEIVED,
            selected=n == number,
            proposal=Plain(number="2026/118", title="Strandveien 4"),
            deadline=Plain(state="today", name="Acknowledgement", on=TODAY),
            attachments=2,
            marks=[Plain(kind="infected", word="Infected")],
        )
        for n, sender, subject in [(1, "Ola Hansen", "Klage"), (2, "Nils-Aslak Čuoŋi", "")]
    ]
    proposal = Plain(value="c118", number="2026/118", title="Strandveien 4", reason="same sender")
    return (
        shell(
            rows=rows,
            open=number,
            today=TODAY,
            form=RegisterForm(),
            proposals=[proposal],
            message=Plain(
                subject=rows[number - 1].subject or "Second",
                sender_name=rows[number - 1].sender,
                sender_address="ola@epost.example",
                recipients="postmottak@nordlia.example",
                received_at=RECEIVED,
                sender_verdict=Plain(kind="unchecked", word="May be forged", text="DMARC failed"),
            ),
            letter=Plain(body_url="/letter", blocked_images=2, headers_url="/headers"),
            attachments=[
                Plain(name="vedtak.pdf", type="PDF", size=9000, state="clean", url="/file"),
                Plain(name="bilde.jpg.exe", type="Program", size=9000, state="infected", url="/no"),
            ],
        )
        | more
    )
