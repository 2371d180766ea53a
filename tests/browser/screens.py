"""Every screen of the site: who looks at it, at which object. test_sweep.py visits them all.

The objects and people are those of the table of rights (tests/house/rights_world.py), with what
`filled` below adds. An address that is neither here nor among NO_SCREEN fails.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from intake.actions.set_up import set_up_body
from intake.actions.triage import set_aside
from intake.models import Alarm, Mailbox
from outbox.models import LetterRecipient
from registry.actions.answer import send_answer
from registry.actions.answer_text import word_answer_text
from registry.actions.draft import Draft, begin_draft
from registry.actions.pause import pause_deadlines
from registry.actions.post import PostParty
from registry.actions.set_up import set_up_records_plan_item
from registry.actions.sign_off import sign_off
from tests.house.rights_world import World
from tests.office import Office

LONG = "Donaudampfschiffahrtsgesellschaftskapitän" * 2


@dataclass(frozen=True)
class Visit:
    """One look at a screen: by whom, at which object (a column of the world), with which query."""

    who: str = "registrar"
    of: str = ""
    query: str = ""
    status: int = 200


HEALTH, ODD, HELD = Visit(of="health"), Visit(of="odd"), Visit(of="held")
OPEN, LATE = Visit(of="open"), Visit(of="late")
NAMED = Visit("named_registrar", "restricted")

SCREENS: dict[str, tuple[Visit, ...]] = {
    "intake:queue": (Visit(), Visit(query="?warning=1")),
    "intake:held": (Visit(),),
    "intake:set-aside-list": (Visit(),),
    "intake:message": (
        HEALTH,
        ODD,
        HELD,
        Visit(of="aside"),
        Visit("named_registrar", "restricted"),
    ),
    "intake:message-headers": (ODD,),
    "intake:preview": (HEALTH,),
    "intake:misdirected": (Visit(of="elsewhere"), ODD),
    "intake:ask": (ODD,),
    "intake:ask-about": (OPEN,),
    "intake:join": (HEALTH, Visit(of="health", query="?q=po"), Visit(of="health", query="?q=xyz")),
    "intake:split": (ODD,),
    "intake:reconciliation": (Visit(), Visit("administrator")),
    "intake:reports": (Visit(), Visit("leader")),
    "registry:cases": (
        Visit(),
        Visit(query="?view=all"),
        Visit(query="?status=unchecked"),
        Visit(query="?q=post"),
        Visit(query="?q=post&direction=incoming&start=x"),
        Visit("caseworker"),
    ),
    "registry:case": (OPEN, LATE, NAMED, Visit("secretary", "exempt"), Visit("holder", "open")),
    "registry:case-correct": (OPEN,),
    "registry:case-void": (OPEN,),
    "registry:case-readers": (OPEN, NAMED),
    "registry:case-reader-end": (NAMED,),
    "registry:case-restrict": (OPEN,),
    "registry:case-unrestrict": (NAMED,),
    "registry:entry-correct": (OPEN,),
    "registry:entry-void": (OPEN,),
    "registry:entry-sign-off": (OPEN,),
    "registry:entry-pause": (OPEN,),
    "registry:answer": (OPEN, Visit("holder", "late")),
    "registry:interim-reply": (OPEN,),
    "registry:answer-approval": (Visit("leader", "open"), Visit("leader", "posted")),
    "registry:answer-letter": (Visit(of="posted"),),
    "registry:answer-file-preview": (Visit("leader", "open"),),
    "registry:preview": (OPEN,),
    "registry:entry-link": (OPEN, Visit(of="open", query="?q=post")),
    "registry:case-sheet": (OPEN, NAMED),
    "registry:journal": (Visit(), Visit(query="?on=2001-01-01")),
    "registry:deadlines": (
        Visit(),
        Visit(query="?state=paused"),
        Visit(query="?sort=case"),
        Visit("leader"),
    ),
    "registry:my-work": (Visit("holder"), Visit("stand_in"), Visit("secretary")),
    "outbox:letters": (Visit(), Visit("administrator", query="?fate=bounced")),
    "outbox:letter": (OPEN, Visit(of="alarm"), LATE),
    "decisions:appeal-period": (
        Visit(query="?notified_on=2026-03-12"),
        Visit(query="?notified_on=2026-02-30", status=422),
    ),
    "accounts:absences": (Visit("parks_leader"), Visit()),
    "sign-in": (Visit("anonymous"),),
}

# Forms that refuse: at which screen, what is filled in before all else is left empty, and what is
# pressed; by default the first button.
REFUSED: tuple[tuple[str, Visit, dict[str, str], str], ...] = (
    ("intake:message", HEALTH, {}, "button[data-key='mod+enter']"),
    ("intake:misdirected", ODD, {}, "button[data-key='mod+enter']"),
    ("intake:ask", ODD, {}, "button[data-key='mod+enter']"),
    ("intake:ask-about", OPEN, {}, "button[data-key='mod+enter']"),
    ("intake:split", ODD, {}, "button[data-key='mod+enter']"),
    ("registry:case-correct", OPEN, {}, ""),
    ("registry:case-void", OPEN, {}, ""),
    ("registry:case-readers", OPEN, {}, ""),
    ("registry:case-reader-end", NAMED, {}, ""),
    ("registry:case-restrict", OPEN, {}, ""),
    ("registry:case-unrestrict", NAMED, {}, ""),
    ("registry:entry-correct", OPEN, {}, ""),
    ("registry:entry-void", OPEN, {}, ""),
    ("registry:entry-sign-off", OPEN, {}, ""),
    ("registry:entry-pause", OPEN, {"reason": "other"}, ""),
    ("registry:answer", OPEN, {}, "button[value='send']"),
    ("registry:answer", OPEN, {"text": "Diagnosen din er mottatt."}, "button[value='send']"),
    ("registry:interim-reply", OPEN, {}, "button[value='send']"),
    ("registry:answer-approval", Visit("leader", "open"), {}, "button[value='return']"),
    ("accounts:absences", Visit("parks_leader"), {}, "button[data-key='mod+enter']"),
    ("sign-in", Visit("anonymous", status=200), {}, ""),
)

# Those that are read and are no screens, each with its reason.
NO_SCREEN: dict[str, str] = {
    "start": "the queue, or leads on to one's first section",
    "intake:message-body": "the letter itself, in a frame of its own without scripts",
    "intake:message-original": "a file",
    "intake:attachment": "a file",
    "intake:page-image": "a picture in the preview",
    "intake:register": "leads back to the message after signing in",
    "intake:set-aside": "leads back to the message after signing in",
    "intake:draft": "leads back to the message after signing in",
    "intake:arrivals": "a part of the queue, fetched by a script",
    "intake:presence": "a part of the message, fetched by a script",
    "intake:report-file": "a file",
    "intake:health-work": "a word for a machine",
    "registry:export-csv": "a file",
    "registry:export-xlsx": "a file",
    "registry:answer-file": "a file",
    "registry:answer-file-image": "a picture in the preview",
    "registry:document": "a file",
    "registry:page-image": "a picture in the preview",
    "health-live": "a word for a machine",
    "health-ready": "a word for a machine",
}

# Sections that have something to say when there is nothing in them.
EMPTY = (
    "intake:queue",
    "intake:held",
    "intake:set-aside-list",
    "intake:reconciliation",
    "intake:reports",
    "registry:cases",
    "registry:journal",
    "registry:deadlines",
    "registry:my-work",
    "outbox:letters",
    "decisions:appeal-period",
    "accounts:absences",
)


def filled(world: World) -> World:
    """Add what makes pages full: long words, odd post, what is late, paused or alarming."""
    now = timezone.now()
    office = Office(world.town, Mailbox.objects.get(name="Health"), world.people["registrar"])
    registrar = {"by": f"user:{office.registrar.pk}", "at": now}
    for name in ("NAV", LONG):
        set_up_body(
            name=name, email="post@body.example", postal_address="Postboks 1", words=("dagpeng",)
        )
    set_up_records_plan_item(
        code="ads", name="Reklame", reason="Uten verdi", legal_basis="arkivforskrifta", position=1
    )
    word_answer_text(
        code="thanks",
        language="nb",
        name="Takk",
        heading="Takk",
        text="Takk for {case}.",
        is_active=True,
        **registrar,
    )
    aside = office.mail("Tilbud", sender="ads@example.org")
    set_aside(message_id=aside.pk, state="spam", reason="", **registrar)
    messages = {
        "elsewhere": office.mail(f"Dagpengene mine, {LONG}", at=now - timedelta(days=3)),
        "odd": office.with_files("et veldig langt filnavn " * 8 + ".pdf"),
        "held": office.held(),
        "aside": aside,
    }
    world.objects |= {name: {"message_id": each.pk} for name, each in messages.items()}
    office.mail(f"{LONG} {LONG}", text="Jeg dreper deg. 01010750160", sender=f"{LONG}@example.net")

    town = world.town
    long_ago = now - timedelta(days=60)
    holder = world.people["holder"]
    late = town.register(
        town.new_case(title=f"Sak om {LONG}", public_title=LONG, caseworker_id=holder.pk),
        at=long_ago,
        arrived_at=long_ago,
        title=f"Brev om {LONG}",
        public_title=LONG,
        message_number="",
        parties=(PostParty("sender", LONG, f"{LONG.lower()}@example.net", "Storgata 1", True),),
    )
    done = town.acknowledge(
        late, message_number="", at=now, received_at=long_ago, not_before=now, to="a@example.net"
    )
    LetterRecipient.objects.filter(letter=done.letter).update(
        fate="bounced", answer_code=550, answer_text=f"no such mailbox {LONG}"
    )
    world.objects["late"] = {
        "case_id": late.case_id,
        "entry_id": late.pk,
        "recipient_id": LetterRecipient.objects.get(letter=done.letter).pk,
    }
    paused = town.register(late.case_id, at=now, arrived_at=now, message_number="")
    pause_deadlines(entry_id=paused.pk, reason="other", words=f"venter på {LONG}", **registrar)
    noted = town.register(late.case_id, at=now, arrived_at=now, message_number="")
    sign_off(entry_id=noted.pk, way="TE", reason=f"Ikke noe mer å gjøre. {LONG}", **registrar)
    answered = town.register(late.case_id, at=now, arrived_at=now, message_number="")
    written = begin_draft(
        entry_id=answered.pk,
        kind="answer",
        author_id=holder.pk,
        draft=Draft(
            party_id=answered.parties.get().pk,
            channel="post",
            language="nb",
            heading="Svar",
            text=f"Svar om {LONG}",
            promised_on=None,
            access="unassessed",
            legal_basis="",
            files_checked=False,
        ),
        by=holder.actor,
        at=now,
    )
    posted = send_answer(
        answer_id=written.pk,
        expected_version=1,
        expected_sign_off=None,
        by=holder.actor,
        at=now,
    )
    world.objects["posted"] = {"answer_id": posted.pk}
    for code in ("letter_undelivered", "beat_silent"):
        Alarm.objects.create(code=code, raised_at=now)
    return world
