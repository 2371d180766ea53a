"""Norsjö kommun as a demo: Swedish, several authorities with a diary each, invented people.

Telephone numbers come from the series that PTS keeps free for fiction; the organisation
number is not given to anyone.
"""

from __future__ import annotations

from kommunepost.demo.bodies import SWEDISH
from kommunepost.demo.model import (
    Authority,
    DocumentTypeSpec,
    MailboxSpec,
    Municipality,
    NotRegistered,
    Person,
    Unit,
)

DOMAIN = "norsjo.example"


def _at(local: str) -> str:
    return f"{local}@{DOMAIN}"


AUTHORITIES = (
    Authority("KS", "Kommunstyrelsen", "{prefix} {year}/{number}"),
    Authority("BUN", "Barn- och utbildningsnämnden", "{prefix}-{yy}/{number:04}"),
    Authority("SN", "Socialnämnden", "{prefix}-{yy}/{number:04}"),
    Authority("MBN", "Miljö- och byggnadsnämnden", "{prefix} {year}-{number}", ":{document}"),
)

UNITS = (
    Unit("KLK", "Kommunledningskontoret", leader=_at("karin.stenvall"), authority="KS"),
    Unit("KANSLI", "Kanslienheten", "KLK", _at("maja.forsgren"), "KS"),
    Unit("KC", "Kundcenter", "KLK", _at("maja.forsgren"), "KS"),
    Unit("EKO", "Ekonomienheten", "KLK", _at("karin.stenvall"), "KS"),
    Unit("TEK", "Tekniska enheten", "KLK", _at("nils.lovgren"), "KS"),
    Unit("UTB", "Utbildningsförvaltningen", leader=_at("elin.burman"), authority="BUN"),
    Unit("SOC", "Socialförvaltningen", leader=_at("reza.karimi"), authority="SN"),
    Unit("IFO", "Individ- och familjeomsorgen", "SOC", _at("reza.karimi"), "SN"),
    Unit("BYGG", "Miljö- och byggenheten", leader=_at("sofia.grahn"), authority="MBN"),
    Unit("FV", "Förtroendevalda", authority="KS"),
)

PEOPLE = (
    Person("Maja Forsgren", _at("maja.forsgren"), ("secretary", "unit_leader"), "KANSLI", "sv"),
    Person("Tobias Hedman", _at("tobias.hedman"), ("registrar",), "KANSLI", "sv"),
    Person("Aino Lehtonen", _at("aino.lehtonen"), ("registrar",), "KC", "sv"),
    Person("Disa Renlund", _at("disa.renlund"), ("registrar", "caseworker"), "BYGG", "sv"),
    Person("Karin Stenvall", _at("karin.stenvall"), ("unit_leader",), "KLK", "sv"),
    Person("Nils Lövgren", _at("nils.lovgren"), ("unit_leader", "caseworker"), "TEK", "sv"),
    Person("Elin Burman", _at("elin.burman"), ("unit_leader", "caseworker"), "UTB", "sv"),
    Person("Hampus Wiklund", _at("hampus.wiklund"), ("caseworker",), "UTB", "sv"),
    Person("Reza Karimi", _at("reza.karimi"), ("unit_leader", "caseworker"), "SOC", "sv"),
    Person("Lovisa Edin", _at("lovisa.edin"), ("caseworker",), "SOC", "sv"),
    Person("Sofia Grahn", _at("sofia.grahn"), ("unit_leader", "caseworker"), "BYGG", "sv"),
    Person("Oskar Ståhl", _at("oskar.stahl"), ("caseworker",), "BYGG", "sv"),
    Person("Anders Lundmark", _at("anders.lundmark"), ("preparedness",), "KLK", "sv"),
    Person("Petra Sandvik", _at("petra.sandvik"), ("administrator",), "KLK", "sv"),
    Person("Gunilla Marklund", _at("gunilla.marklund"), ("official",), "FV", "sv"),
    Person("Jonas Bergqvist", _at("jonas.bergqvist"), ("official",), "FV", "sv"),
    Person("Fatima Haddad", _at("fatima.haddad"), ("official",), "FV", "sv"),
)

MAILBOXES = (
    MailboxSpec(_at("kommun"), "central", "Norsjö kommun", "KANSLI", "KS", "sv"),
    MailboxSpec(_at("utbildning"), "central", "Utbildningsnämndens brevlåda", "UTB", "BUN", "sv"),
    MailboxSpec(_at("social"), "central", "Socialnämndens brevlåda", "SOC", "SN", "sv"),
    MailboxSpec(
        _at("bygg"), "central", "Miljö- och byggnadsnämndens brevlåda", "BYGG", "MBN", "sv"
    ),
    MailboxSpec(_at("teknik"), "unit", "Vatten, avlopp och gator", "TEK", "KS", "sv"),
    MailboxSpec(_at("faktura"), "unit", "Fakturor", "EKO", "KS", "sv"),
    MailboxSpec(_at("oskar.stahl"), "officer", "Bygglov: Oskar Ståhl", "BYGG", "MBN", "sv"),
    MailboxSpec(
        _at("gunilla.marklund"), "official", "Kommunstyrelsens ordförande", "FV", "KS", "sv"
    ),
    MailboxSpec(
        _at("jonas.bergqvist"),
        "official",
        "Ledamot i miljö- och byggnadsnämnden",
        "FV",
        "MBN",
        "sv",
    ),
    MailboxSpec(
        _at("fatima.haddad"), "official", "Ordförande i utbildningsnämnden", "FV", "BUN", "sv"
    ),
    MailboxSpec(_at("etjanst"), "form", "E-tjänster", "KC", "KS", "sv"),
)

_PLAN = "dokumenthanteringsplan; arkivlagen 10 §"
DOCUMENT_TYPES = (
    DocumentTypeSpec(
        "bygglov", "Bygglov och förhandsbesked", "3.4", "keep", None, "register", _PLAN
    ),
    DocumentTypeSpec("tillsyn", "Miljö- och byggtillsyn", "3.5", "keep", None, "register", _PLAN),
    DocumentTypeSpec("skolplacering", "Skolplacering", "5.2", "dispose", 5, "register", _PLAN),
    DocumentTypeSpec("forskola", "Förskoleplats", "5.1", "dispose", 2, "register", _PLAN),
    DocumentTypeSpec(
        "hemtjanst", "Ansökan om hemtjänst", "6.3", "dispose", 5, "register", "socialtjänstlagen"
    ),
    DocumentTypeSpec(
        "orosanmalan", "Orosanmälan", "6.1", "dispose", 5, "register", "socialtjänstlagen"
    ),
    DocumentTypeSpec(
        "overklagande", "Överklagande", "1.5", "keep", None, "register", "FL 43–47 §§"
    ),
    DocumentTypeSpec(
        "utlamnande",
        "Begäran om allmän handling",
        "1.6",
        "dispose",
        2,
        "register",
        "TF 2 kap.",
        clock="access_request",
    ),
    DocumentTypeSpec(
        "medborgarforslag", "Medborgarförslag", "1.2", "keep", None, "register", _PLAN
    ),
    DocumentTypeSpec("gata", "Gator, vatten och avlopp", "4.1", "dispose", 5, "register", _PLAN),
    DocumentTypeSpec("skada", "Skadeanmälan", "2.8", "dispose", 10, "register", _PLAN),
    DocumentTypeSpec(
        "tillstand", "Serveringstillstånd", "3.7", "dispose", 5, "register", "alkohollagen"
    ),
    DocumentTypeSpec(
        "rekrytering", "Ansökan om anställning", "2.4", "assess", 2, "register", _PLAN
    ),
    DocumentTypeSpec(
        "faktura",
        "Leverantörsfaktura",
        "2.5",
        "dispose",
        7,
        "keep_in_order",
        "KL 11 kap.; LKBR 3 kap.",
    ),
    DocumentTypeSpec(
        "fraga", "Synpunkt eller fråga", "1.1", "dispose", 2, "keep_in_order", "OSL 5 kap. 1 §"
    ),
    DocumentTypeSpec(
        "ringa", "Reklam, nyhetsbrev och cirkulär", "1.0", "dispose", 0, "minor", "OSL 5 kap. 1 §"
    ),
)

NOT_REGISTERED = (
    NotRegistered(
        "reklam",
        "Reklam och nyhetsbrev",
        "Av uppenbart ringa betydelse",
        "OSL 5 kap. 1 §; dokumenthanteringsplan 4.1",
    ),
    NotRegistered(
        "kopia",
        "Kopia för kännedom",
        "Ärendet handläggs och registreras hos en annan myndighet",
        "OSL 5 kap. 1 §; dokumenthanteringsplan 4.2",
    ),
    NotRegistered(
        "praktisk",
        "Praktisk överenskommelse",
        "Mötestid och liknande, av tillfällig betydelse",
        "OSL 5 kap. 1 §; dokumenthanteringsplan 4.3",
    ),
    NotRegistered(
        "automatiskt",
        "Automatiskt svar",
        "Frånvaromeddelande och leveransrapport",
        "OSL 5 kap. 1 §; dokumenthanteringsplan 4.4",
    ),
    NotRegistered(
        "privat",
        "Privat post",
        "Rör inte kommunens verksamhet, ingen allmän handling",
        "TF 2 kap. 8 §",
    ),
)

NORSJO = Municipality(
    key="norsjo",
    profile="SE",
    name="Norsjö kommun",
    short_name="Norsjö",
    organisation_number="212000-0001",
    central_address=_at("kommun"),
    domain=DOMAIN,
    postal_address="Demovägen 1, 935 00 Norsjö",
    visiting_address="Demovägen 1, Norsjö",
    phone="0980-319 20",
    it_support_phone="0980-319 88",
    portal_address=f"{DOMAIN}/minasidor",
    registry_contact=f"Kommunsekreterare Maja Forsgren, {_at('maja.forsgren')}, 0980-319 30",
    languages=("sv", "en"),
    default_language="sv",
    website=f"https://{DOMAIN}/",
    authorities=AUTHORITIES,
    units=UNITS,
    people=PEOPLE,
    mailboxes=MAILBOXES,
    document_types=DOCUMENT_TYPES,
    bodies=SWEDISH,
    not_registered=NOT_REGISTERED,
)
