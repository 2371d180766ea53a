"""Sweden's dated rules.

Acts: förvaltningslagen (2017:900, FL), tryckfrihetsförordningen (TF), offentlighets- och
sekretesslagen (2009:400, OSL), kommunallagen (2017:725, KL), delgivningslagen (2010:1932) and lag
(1930:173) for counting. An acknowledgement is a service here, not a duty. FL 11 § gives no number
for telling a party of a delay, so there is no rule `interim_reply`.
"""

from __future__ import annotations

from datetime import date

from lib.jurisdictions.model import Profile, Roll, Rule, RuleKind, Unit

_FL = date(2018, 7, 1)
_KL = date(2018, 1, 1)
_OSL = date(2009, 6, 30)
_TF = date(2019, 1, 1)  # the present numbering of chapter 2
_DELGL = date(2011, 4, 1)
_SERVICE = date(2000, 1, 1)

RULES: tuple[Rule, ...] = (
    Rule(
        key="acknowledgement",
        number=1,
        unit=Unit.WORKDAYS,
        roll=Roll.NONE,
        paragraph="FL 6 § (service; ingen lagstadgad mottagningsbekräftelse)",
        note="Kommunens löfte: genast, senast nästa arbetsdag.",
        valid_from=_SERVICE,
        kind=RuleKind.SERVICE,
    ),
    Rule(
        key="registration_target",
        number=0,
        unit=Unit.WORKDAYS,
        roll=Roll.NONE,
        paragraph="OSL 5 kap. 1 §",
        note="Så snart handlingen kommit in: samma dag.",
        valid_from=_OSL,
        kind=RuleKind.NORM,
    ),
    Rule(
        key="registration_alarm",
        number=1,
        unit=Unit.WORKDAYS,
        roll=Roll.NONE,
        paragraph="OSL 5 kap. 1 §",
        note="JO: skyndsamt, senast påföljande dag.",
        valid_from=_OSL,
        kind=RuleKind.NORM,
        verified=False,
    ),
    Rule(
        key="mailbox_check",
        number=1,
        unit=Unit.WORKDAYS,
        roll=Roll.NONE,
        paragraph="TF 2 kap.; JO dnr 2668-2000",
        note="Varje brevlåda öppnas dagligen, även vid frånvaro.",
        valid_from=_SERVICE,
        kind=RuleKind.NORM,
    ),
    Rule(
        key="answer",
        number=3,
        unit=Unit.WORKDAYS,
        roll=Roll.NONE,
        paragraph="kommunens riktlinjer för e-post; FL 6 §",
        note="Kommunens löfte: snarast, inom tre arbetsdagar. Lagen säger utan onödigt dröjsmål.",
        valid_from=_SERVICE,
        kind=RuleKind.SERVICE,
    ),
    Rule(
        key="delay_request",
        number=6,
        unit=Unit.MONTHS,
        roll=Roll.NONE,
        paragraph="FL 12 §",
        note="Efter sex månader får parten en gång begära att ärendet avgörs.",
        valid_from=_FL,
        kind=RuleKind.STATUTE,
    ),
    Rule(
        key="delay_reply",
        number=4,
        unit=Unit.WEEKS,
        roll=Roll.BACK,
        paragraph="FL 12 §",
        note="Avgöra ärendet eller avslå begäran, från den dag begäran kom in.",
        valid_from=_FL,
        kind=RuleKind.STATUTE,
    ),
    Rule(
        key="access_request_target",
        number=0,
        unit=Unit.WORKDAYS,
        roll=Roll.NONE,
        paragraph="TF 2 kap. 15-16 §§",
        note="Genast eller skyndsamt; JO: normalt samma dag.",
        valid_from=_TF,
        kind=RuleKind.NORM,
    ),
    Rule(
        key="access_request_hard",
        number=2,
        unit=Unit.WORKDAYS,
        roll=Roll.NONE,
        paragraph="kommunens riktlinjer för e-post; TF 2 kap. 16 §",
        note="Kommunens gräns. Lagen har inget tal, och uteblivet svar är inget avslag.",
        valid_from=_SERVICE,
        kind=RuleKind.SERVICE,
    ),
    Rule(
        key="appeal_window",
        number=3,
        unit=Unit.WEEKS,
        roll=Roll.FORWARD,
        paragraph="FL 44 §; lag (1930:173) 1-2 §§",
        note="Från den dag klaganden fick del av beslutet; egen tid för varje part.",
        valid_from=_FL,
        kind=RuleKind.STATUTE,
    ),
    Rule(
        key="legality_review_window",
        number=3,
        unit=Unit.WEEKS,
        roll=Roll.FORWARD,
        paragraph="KL 13 kap.; lag (1930:173) 1-2 §§",
        note="Laglighetsprövning: från tillkännagivandet på anslagstavlan, hos förvaltningsrätten.",
        valid_from=_KL,
        kind=RuleKind.STATUTE,
    ),
    Rule(
        key="correction",
        number=14,
        unit=Unit.CALENDAR_DAYS,
        roll=Roll.FORWARD,
        paragraph="FL 20 §",
        note="Lagen säger inom viss tid; talet är kommunens.",
        valid_from=_FL,
        kind=RuleKind.SERVICE,
        verified=False,
    ),
    Rule(
        key="missing_information",
        number=14,
        unit=Unit.CALENDAR_DAYS,
        roll=Roll.FORWARD,
        paragraph="FL 20 §",
        note="Tid att avhjälpa brister; ankomstdagen står fast.",
        valid_from=_FL,
        kind=RuleKind.SERVICE,
        verified=False,
    ),
    Rule(
        key="decision_unopened_repeat",
        number=7,
        unit=Unit.CALENDAR_DAYS,
        roll=Roll.NONE,
        paragraph="delgivningslagen 16-18 §§",
        note="Vanlig delgivning utan kvitto: första påminnelsen. Gäller inte förenklad delgivning.",
        valid_from=_DELGL,
        kind=RuleKind.SERVICE,
        verified=False,
    ),
    Rule(
        key="decision_unopened_second_repeat",
        number=14,
        unit=Unit.CALENDAR_DAYS,
        roll=Roll.NONE,
        paragraph="delgivningslagen 16-18 §§",
        note="Vanlig delgivning utan kvitto: andra påminnelsen.",
        valid_from=_DELGL,
        kind=RuleKind.SERVICE,
        verified=False,
    ),
    Rule(
        key="served_presumption",
        number=14,
        unit=Unit.CALENDAR_DAYS,
        roll=Roll.NONE,
        paragraph="delgivningslagen 22-26 §§",
        note="Förenklad delgivning: delgiven två veckor efter avsändandet.",
        valid_from=_DELGL,
        kind=RuleKind.STATUTE,
    ),
)

PROFILE = Profile(country="SE", timezone="Europe/Stockholm", languages=("sv", "en"), rules=RULES)
