"""Norway's dated rules.

Acts: forvaltningsloven (1967), eForvaltningsforskriften (2004), offentleglova (2006),
arkivforskrifta (FOR-2025-12-17-2647) and its predecessor of 2017, domstolloven for counting.
Forvaltningsloven's successor (LOV-2025-06-20-81) is passed but not in force: when the King
decides, each rule here gets a `valid_to` and a follower.
"""

from __future__ import annotations

from datetime import date

from lib.jurisdictions.model import Profile, Roll, Rule, RuleKind, Unit

_FVL = date(1970, 1, 1)
_EFORV = date(2004, 7, 1)
_EFORV_2014 = date(2014, 2, 7)  # digital became the main rule
_OFFL = date(2009, 1, 1)
_ARCHIVE_2026 = date(2026, 1, 1)
_SERVICE = date(2000, 1, 1)

_JOURNAL_OLD = "arkivforskriften 2017 § 9"
_JOURNAL_NEW = "arkivforskrifta 2025 § 15"

RULES: tuple[Rule, ...] = (
    Rule(
        key="acknowledgement",
        number=1,
        unit=Unit.CALENDAR_DAYS,
        # Weekends count: "the day after receipt" is why the receipt is automatic.
        roll=Roll.NONE,
        paragraph="eForvaltningsforskriften § 6",
        note="Straks; senest dagen etter at posten er mottatt.",
        valid_from=_EFORV,
        kind=RuleKind.STATUTE,
    ),
    Rule(
        key="registration_target",
        number=1,
        unit=Unit.WORKDAYS,
        roll=Roll.NONE,
        paragraph=_JOURNAL_OLD,
        note="Forskriften sier fortløpende; tallet er kommunens mål.",
        valid_from=_SERVICE,
        valid_to=date(2025, 12, 31),
        kind=RuleKind.SERVICE,
    ),
    Rule(
        key="registration_target",
        number=1,
        unit=Unit.WORKDAYS,
        roll=Roll.NONE,
        paragraph=_JOURNAL_NEW,
        note="Forskrifta sier fortløpende; tallet er kommunens mål.",
        valid_from=_ARCHIVE_2026,
        kind=RuleKind.SERVICE,
    ),
    Rule(
        key="registration_alarm",
        number=3,
        unit=Unit.WORKDAYS,
        roll=Roll.NONE,
        paragraph=_JOURNAL_OLD,
        note="Forskriften sier fortløpende; tallet er kommunens grense.",
        valid_from=_SERVICE,
        valid_to=date(2025, 12, 31),
        kind=RuleKind.SERVICE,
    ),
    Rule(
        key="registration_alarm",
        number=3,
        unit=Unit.WORKDAYS,
        roll=Roll.NONE,
        paragraph=_JOURNAL_NEW,
        note="Forskrifta sier fortløpende; tallet er kommunens grense.",
        valid_from=_ARCHIVE_2026,
        kind=RuleKind.SERVICE,
    ),
    Rule(
        key="mailbox_check",
        number=1,
        unit=Unit.WORKDAYS,
        roll=Roll.NONE,
        paragraph="rutine for postmottak",
        note="Hver postkasse åpnes minst én gang hver virkedag.",
        valid_from=_SERVICE,
        kind=RuleKind.SERVICE,
    ),
    Rule(
        key="answer",
        number=1,
        unit=Unit.MONTHS,
        roll=Roll.BACK,
        paragraph="forvaltningsloven § 11 a første ledd",
        note="Loven sier uten ugrunnet opphold. Tallet er kommunens mål, satt likt med fristen "
        "for foreløpig svar.",
        valid_from=_SERVICE,
        kind=RuleKind.SERVICE,
    ),
    Rule(
        key="interim_reply",
        number=1,
        unit=Unit.MONTHS,
        roll=Roll.BACK,
        paragraph="forvaltningsloven § 11 a andre og tredje ledd",
        note="Foreløpig svar når svar ikke kan gis innen en måned. Gjelder enkeltvedtak; "
        "Sivilombudet bruker bestemmelsen på alle henvendelser.",
        valid_from=_FVL,
        kind=RuleKind.STATUTE,
        verified=False,
    ),
    Rule(
        key="interim_reply_first_warning",
        number=21,
        unit=Unit.CALENDAR_DAYS,
        roll=Roll.BACK,
        paragraph="forvaltningsloven § 11 a andre og tredje ledd",
        note="Første varsel til saksbehandleren.",
        valid_from=_SERVICE,
        kind=RuleKind.SERVICE,
    ),
    Rule(
        key="interim_reply_second_warning",
        number=28,
        unit=Unit.CALENDAR_DAYS,
        roll=Roll.BACK,
        paragraph="forvaltningsloven § 11 a andre og tredje ledd",
        note="Siste varsel til saksbehandleren.",
        valid_from=_SERVICE,
        kind=RuleKind.SERVICE,
    ),
    Rule(
        key="access_request_target",
        number=3,
        unit=Unit.WORKDAYS,
        roll=Roll.NONE,
        paragraph="offentleglova § 29",
        note="Uten ugrunnet opphold: samme dag, ellers en til tre virkedager.",
        valid_from=_OFFL,
        kind=RuleKind.NORM,
    ),
    Rule(
        key="access_request_hard",
        number=5,
        unit=Unit.WORKDAYS,
        roll=Roll.NONE,
        paragraph="offentleglova § 32 andre ledd",
        note="Uteblitt svar regnes etter dette som avslag som kan påklages; kravet lukkes ikke.",
        valid_from=_OFFL,
        kind=RuleKind.STATUTE,
    ),
    Rule(
        key="refusal_reasons",
        number=10,
        unit=Unit.WORKDAYS,
        roll=Roll.NONE,
        paragraph="offentleglova § 31",
        note="Nærmere begrunnelse etter krav.",
        valid_from=_OFFL,
        kind=RuleKind.STATUTE,
        verified=False,
    ),
    Rule(
        key="appeal_window",
        number=3,
        unit=Unit.WEEKS,
        roll=Roll.FORWARD,
        paragraph="forvaltningsloven § 29; domstolloven §§ 148-149 analogisk",
        note="Fra underretning om vedtaket er kommet fram til parten; egen frist for hver part.",
        valid_from=_FVL,
        kind=RuleKind.STATUTE,
    ),
    Rule(
        key="appeal_third_party_latest",
        number=3,
        unit=Unit.MONTHS,
        roll=Roll.FORWARD,
        paragraph="forvaltningsloven § 29",
        note="For den som ikke er underrettet: senest tre måneder fra vedtaket.",
        valid_from=_FVL,
        kind=RuleKind.STATUTE,
        verified=False,
    ),
    Rule(
        key="appeal_absolute_limit",
        number=12,
        unit=Unit.MONTHS,
        roll=Roll.NONE,
        paragraph="forvaltningsloven § 31",
        note="En klage som er for sen, kan ikke tas under behandling etter ett år.",
        valid_from=_FVL,
        kind=RuleKind.STATUTE,
        verified=False,
    ),
    Rule(
        key="correction",
        number=14,
        unit=Unit.CALENDAR_DAYS,
        roll=Roll.FORWARD,
        paragraph="forvaltningsloven § 32",
        note="Loven sier kort frist for å rette en klage; tallet er kommunens.",
        valid_from=_FVL,
        kind=RuleKind.SERVICE,
        verified=False,
    ),
    Rule(
        key="missing_information",
        number=14,
        unit=Unit.CALENDAR_DAYS,
        roll=Roll.FORWARD,
        paragraph="forvaltningsloven § 11; eForvaltningsforskriften § 7",
        note="Frist for å rette feil og mangler; mottakstidspunktet beholdes.",
        valid_from=_EFORV,
        kind=RuleKind.SERVICE,
        verified=False,
    ),
    Rule(
        key="decision_unopened_repeat",
        number=7,
        unit=Unit.CALENDAR_DAYS,
        roll=Roll.NONE,
        paragraph="eForvaltningsforskriften § 8 femte ledd",
        note="Ikke åpnet innen en uke etter at vedtaket var tilgjengelig og varselet sendt: "
        "varsles én gang til, dagen etter.",
        valid_from=_EFORV_2014,
        kind=RuleKind.STATUTE,
    ),
    Rule(
        key="block_sender_notice",
        number=14,
        unit=Unit.CALENDAR_DAYS,
        roll=Roll.FORWARD,
        paragraph="eForvaltningsforskriften § 14",
        note="Frist for å uttale seg før elektronisk kommunikasjon nektes; tallet er kommunens.",
        valid_from=_EFORV,
        kind=RuleKind.SERVICE,
        verified=False,
    ),
)

PROFILE = Profile(country="NO", timezone="Europe/Oslo", languages=("nb", "nn", "en"), rules=RULES)
