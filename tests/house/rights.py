"""Who may do what at which address: the table that test_rights.py holds the site to.

Each group has a row for every person and a column for every object; each address is in one group.

    in    is sent to sign in
    ok    gets the page (or what follows: the next page, a refusal in words, a form with its errors)
    403   may not, and is told that there is something
    404   is told nothing
    405   not by this method
"""

from __future__ import annotations

from dataclasses import dataclass

# The people: see tests/house/rights_world.py. All but the registrar, the secretary and the
# administrator are of a unit: "health" (which is below "welfare") or "parks".
PEOPLE = {
    "anonymous": "has not signed in",
    "inactive": "was a registrar, and may not sign in any more",
    "nobody": "has no role",
    "official": "is an elected official",
    "preparedness": "is a coordinator of preparedness",
    "administrator": "administers, with all rights in the administration",
    "registrar": "registers for the whole municipality",
    "named_registrar": "does so too, and is named as a reader of the restricted case",
    "health_registrar": "registers, by a role granted for health",
    "parks_registrar": "registers, by a role granted for parks",
    "secretary": "is the secretary",
    "caseworker": "is a caseworker of health",
    "parks_caseworker": "is a caseworker of parks",
    "holder": "is a caseworker of parks, and has the open and the restricted case",
    "stand_in": "is a caseworker of parks, and stands in for the holder today",
    "reader": "is a caseworker of parks, and named as a reader of the restricted case",
    "leader": "is the leader of welfare, above health",
    "parks_leader": "is the leader of parks",
}


@dataclass(frozen=True)
class Group:
    """What each person gets (rows of `expected`) with each object (columns)."""

    columns: tuple[str, ...]
    expected: dict[str, dict[str, str]]


def group(columns: str, rows: str) -> Group:
    """Read a table: names, then as many answers as there are columns; `each` is all the others."""
    names = tuple(columns.split())
    expected: dict[str, dict[str, str]] = {}
    rest: list[str] = []
    for line in rows.strip().splitlines():
        words = line.split()
        people, answers = words[: -len(names)], words[-len(names) :]
        if people == ["each"]:
            rest = answers
            continue
        for person in people:
            assert person in PEOPLE, person
            assert person not in expected, f"{person} stands there twice"
            expected[person] = dict(zip(names, answers, strict=True))
    for person in set(PEOPLE) - set(expected):
        assert rest, f"{person} is missing"
        expected[person] = dict(zip(names, rest, strict=True))
    return Group(names, expected)


# --- Cases ----------------------------------------------------------------------------------
# All three are of health: open to the public; exempt; exempt and restricted.

CASE = group(
    "open exempt restricted nothing",
    """
    anonymous inactive                          in   in   in   in
    nobody official preparedness administrator  403  403  403  403
    registrar health_registrar secretary        ok   ok   403  404
    named_registrar                             ok   ok   ok   404
    caseworker leader                           ok   ok   404  404
    holder                                      ok   404  ok   404
    stand_in                                    ok   404  404  404
    reader                                      404  404  ok   404
    parks_registrar parks_caseworker            404  404  404  404
    parks_leader                                404  404  404  404
    """,
)

# What is in a case: the secretary does not read what is exempt in other units' cases.
CONTENT = group(
    "open exempt restricted nothing",
    """
    anonymous inactive                          in   in   in   in
    nobody official preparedness administrator  403  403  403  403
    registrar health_registrar                  ok   ok   403  404
    secretary                                   ok   403  403  404
    named_registrar                             ok   ok   ok   404
    caseworker leader                           ok   ok   404  404
    holder                                      ok   404  ok   404
    stand_in                                    ok   404  404  404
    reader                                      404  404  ok   404
    parks_registrar parks_caseworker            404  404  404  404
    parks_leader                                404  404  404  404
    """,
)

# Corrections and voids are for those who register, where they read in full.
CORRECT = group(
    "open exempt restricted nothing",
    """
    anonymous inactive          in   in   in   in
    registrar health_registrar  ok   ok   403  404
    secretary                   ok   403  403  404
    named_registrar             ok   ok   ok   404
    parks_registrar             404  404  404  404
    each                        403  403  403  403
    """,
)

# Another than its author lets an answer leave: leaders in their units, and the secretary.
APPROVE = group(
    "open exempt restricted nothing",
    """
    anonymous inactive  in   in   in   in
    secretary           ok   403  403  404
    leader              ok   ok   404  404
    parks_leader        404  404  404  404
    each                403  403  403  403
    """,
)

# What goes with an answer before it is sent: its author (nobody here), and who may approve it.
ANSWER_FILE = group(
    "open exempt restricted nothing",
    """
    anonymous inactive                          in   in   in   in
    nobody official preparedness administrator  403  403  403  403
    secretary                                   ok   403  403  404
    leader                                      ok   ok   404  404
    registrar health_registrar named_registrar  403  403  403  404
    caseworker                                  403  403  404  404
    holder                                      403  404  403  404
    stand_in                                    403  404  404  404
    reader                                      404  404  403  404
    parks_registrar parks_caseworker            404  404  404  404
    parks_leader                                404  404  404  404
    """,
)

READ_CASES = group(
    "page",
    """
    anonymous inactive                          in
    nobody official preparedness administrator  403
    each                                        ok
    """,
)

# --- Post at the front door -----------------------------------------------------------------
# To a mailbox of health, to one of parks, and what is registered in the restricted case.

MESSAGE = group(
    "health parks restricted nothing",
    """
    anonymous inactive   in   in   in   in
    registrar secretary  ok   ok   404  404
    named_registrar      ok   ok   ok   404
    health_registrar     ok   404  404  404
    parks_registrar      404  ok   404  404
    each                 403  403  403  403
    """,
)

# Asked by scripts while a page is open: whoever may not be told gets an empty answer.
PRESENCE = group(
    "health parks restricted nothing",
    """
    registrar secretary  ok   ok   404  404
    named_registrar      ok   ok   ok   404
    health_registrar     ok   404  404  404
    parks_registrar      404  ok   404  404
    each                 ok   ok   ok   ok
    """,
)

TRIAGE = group(
    "page",
    """
    anonymous inactive                          in
    registrar named_registrar secretary         ok
    health_registrar parks_registrar            ok
    each                                        403
    """,
)

# --- Letters out, and the house as a whole --------------------------------------------------

LETTER = group(
    "open restricted alarm nothing",
    """
    anonymous inactive                       in   in   in   in
    administrator registrar named_registrar  ok   ok   ok   404
    each                                     403  403  403  403
    """,
)

WATCH = group(
    "page",
    """
    anonymous inactive                       in
    administrator registrar named_registrar  ok
    each                                     403
    """,
)

_REPORTS = """
    anonymous inactive                                 in
    nobody official preparedness                       403
    caseworker parks_caseworker holder stand_in reader 403
    each                                               ok
    """
REPORTS, REPORT_FILE = group("page", _REPORTS), group("file", _REPORTS)

SIGNED_IN = group(
    "page",
    """
    anonymous inactive  in
    each                ok
    """,
)

SIGN_OUT = group("page", "each in")

EVERYONE = group("page", "each ok")

# A view of the registrar's own.
SAVED_VIEW = group(
    "view nothing",
    """
    anonymous inactive                          in   in
    nobody official preparedness administrator  403  403
    registrar                                   ok   404
    each                                        404  404
    """,
)

# The holder's own, which nobody else speaks for but the leader of parks.
ABSENCE = group(
    "absence nothing",
    """
    anonymous inactive                          in   in
    nobody official preparedness administrator  403  403
    holder parks_leader                         ok   404
    each                                        404  404
    """,
)

# Where everybody begins: in the queue, or led on to the first section of one's own.
START = group(
    "page",
    """
    anonymous inactive             in
    nobody official preparedness   403
    each                           ok
    """,
)

# Address: its group, and the methods it answers to.
URLS: dict[str, tuple[Group, str]] = {
    "start": (START, "GET"),
    "intake:queue": (START, "GET"),  # the same address
    "intake:held": (TRIAGE, "GET"),
    "intake:set-aside-list": (TRIAGE, "GET"),
    "intake:message": (MESSAGE, "GET"),
    "intake:message-body": (MESSAGE, "GET"),
    "intake:message-headers": (MESSAGE, "GET"),
    "intake:message-original": (MESSAGE, "GET"),
    "intake:attachment": (MESSAGE, "GET"),
    "intake:preview": (MESSAGE, "GET"),
    "intake:page-image": (MESSAGE, "GET"),
    "intake:register": (MESSAGE, "GET POST"),
    "intake:misdirected": (MESSAGE, "GET POST"),
    "intake:ask": (MESSAGE, "GET POST"),
    "intake:ask-about": (CONTENT, "GET POST"),
    "intake:join": (MESSAGE, "GET"),
    "intake:split": (MESSAGE, "GET POST"),
    "intake:give": (MESSAGE, "POST"),
    "intake:bulk": (TRIAGE, "POST"),
    "intake:undo-set-aside": (TRIAGE, "POST"),
    "intake:arrivals": (EVERYONE, "GET"),
    "intake:draft": (MESSAGE, "GET POST"),
    "intake:title-check": (MESSAGE, "POST"),
    "intake:presence": (PRESENCE, "GET"),
    "intake:set-aside": (MESSAGE, "GET POST"),
    "intake:put-back": (MESSAGE, "POST"),
    "intake:undo": (MESSAGE, "POST"),
    "intake:reconciliation": (WATCH, "GET"),
    "intake:reports": (REPORTS, "GET"),
    "intake:report-file": (REPORT_FILE, "GET"),
    "intake:health-work": (EVERYONE, "GET"),
    "registry:cases": (READ_CASES, "GET"),
    "registry:export-csv": (READ_CASES, "GET"),
    "registry:export-xlsx": (READ_CASES, "GET"),
    "registry:quality-control": (TRIAGE, "POST"),
    "registry:save-view": (READ_CASES, "POST"),
    "registry:forget-view": (SAVED_VIEW, "POST"),
    "registry:case": (CASE, "GET"),
    "registry:case-correct": (CORRECT, "GET POST"),
    "registry:case-void": (CORRECT, "GET POST"),
    "registry:case-assign": (CASE, "POST"),
    "registry:case-close": (CASE, "POST"),
    "registry:case-reopen": (CASE, "POST"),
    "registry:case-readers": (CONTENT, "GET POST"),
    "registry:case-reader-end": (CONTENT, "GET POST"),
    "registry:case-restrict": (CONTENT, "GET POST"),
    "registry:case-unrestrict": (CONTENT, "GET POST"),
    "registry:entry-correct": (CORRECT, "GET POST"),
    "registry:entry-void": (CORRECT, "GET POST"),
    "registry:entry-sign-off": (CASE, "GET POST"),
    "registry:entry-pause": (CASE, "GET POST"),
    "registry:entry-resume": (CASE, "POST"),
    "registry:entry-end-wait": (CASE, "POST"),
    "registry:entry-undo-asking": (CASE, "POST"),
    "registry:answer": (CONTENT, "GET POST"),
    "registry:answer-keep": (CONTENT, "POST"),
    "registry:interim-reply": (CONTENT, "GET POST"),
    "registry:interim-reply-keep": (CONTENT, "POST"),
    "registry:answer-undo": (CONTENT, "POST"),
    "registry:answer-approval": (APPROVE, "GET POST"),
    "registry:answer-letter": (CONTENT, "GET"),
    "registry:answer-file": (ANSWER_FILE, "GET"),
    "registry:answer-file-preview": (ANSWER_FILE, "GET"),
    "registry:answer-file-image": (ANSWER_FILE, "GET"),
    "registry:case-comment": (CONTENT, "POST"),
    "registry:document": (CONTENT, "GET"),
    "registry:preview": (CONTENT, "GET"),
    "registry:page-image": (CONTENT, "GET"),
    "registry:entry-link": (CORRECT, "GET POST"),
    "registry:entry-undo-link": (CORRECT, "POST"),
    "registry:case-sheet": (CASE, "GET"),
    "registry:journal": (READ_CASES, "GET"),
    "registry:deadlines": (READ_CASES, "GET"),
    "registry:my-work": (READ_CASES, "GET"),
    "outbox:letters": (WATCH, "GET"),
    "outbox:letter": (LETTER, "GET"),
    "outbox:decide": (LETTER, "POST"),
    "decisions:appeal-period": (READ_CASES, "GET"),
    "accounts:absences": (READ_CASES, "GET POST"),
    "accounts:absence-withdraw": (ABSENCE, "POST"),
    "accounts:preferences": (SIGNED_IN, "POST"),
    "sign-in": (EVERYONE, "GET POST"),
    "logout": (SIGN_OUT, "POST"),
    "health-live": (EVERYONE, "GET POST"),
    "health-ready": (EVERYONE, "GET POST"),
}

# Where ?q= looks for words.
SEARCHES = ("registry:cases", "registry:export-csv", "registry:export-xlsx")

# --- The administration ---------------------------------------------------------------------
# What those who administer may do: set and add, only set, only add, or read. Nothing is deleted.
ADMINISTRATION = {
    "accounts.municipality": "set only",
    "accounts.unit": "set",
    "accounts.user": "set",
    "accounts.rolegrant": "add",
    "decisions.consent": "add",
    "intake.mailbox": "set",
    "intake.body": "set",
    "intake.message": "read",
    "intake.alarm": "read",
    "ledger.event": "read",
    "ledger.seal": "read",
    "outbox.lettertext": "add",
    "outbox.letter": "read",
    "registry.authority": "set",
    "registry.series": "set",
    "registry.documenttype": "set",
    "registry.recordsplanitem": "set",
    "registry.ruleoverride": "set",
    "registry.answertext": "add",
    "registry.closedday": "set",
    "registry.recount": "read",
    "registry.case": "read",
    "registry.entry": "read",
    "registry.document": "read",
    "registry.deadline": "read",
    "registry.hold": "read",
    "registry.acknowledgement": "read",
}

# --- What may be found in the pages ---------------------------------------------------------
# full: all of it · public: number and public title · number: that there is one · nothing

READS = group(
    "open exempt restricted health parks",
    """
    registrar         full     full     number   full     full
    secretary         full     public   number   full     full
    named_registrar   full     full     full     full     full
    health_registrar  full     full     number   full     nothing
    parks_registrar   nothing  nothing  nothing  nothing  full
    caseworker leader full     full     nothing  nothing  nothing
    holder            full     nothing  full     nothing  nothing
    stand_in          full     nothing  nothing  nothing  nothing
    reader            nothing  nothing  full     nothing  nothing
    administrator     number   number   number   nothing  nothing
    each              nothing  nothing  nothing  nothing  nothing
    """,
)
# In the administration, where public titles are shown too.
ADMINISTRATION_READS = {
    "open": "public",
    "exempt": "public",
    "restricted": "number",
    "health": "nothing",
    "parks": "nothing",
}
