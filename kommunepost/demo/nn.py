"""Nordre Nes kommune: an invented Norwegian municipality, bokmål with nynorsk in use.

Telephone numbers begin with 00 and the organisation number with 3 (the series of the public
synthetic test population), so that neither belongs to anybody.
"""

from __future__ import annotations

from kommunepost.demo.bodies import NORWEGIAN
from kommunepost.demo.model import (
    Authority,
    DocumentTypeSpec,
    MailboxSpec,
    Municipality,
    NotRegistered,
    Person,
    Unit,
)

DOMAIN = "nn.kommune.example"
CODE = "NN"


def _at(local: str) -> str:
    return f"{local}@{DOMAIN}"


UNITS = (
    Unit("KD", "Kommunedirektøren", leader=_at("hilde.aasheim"), authority=CODE),
    Unit("POL", "Politisk sekretariat", "KD", _at("tuva.solbakken"), CODE),
    Unit("ARK", "Arkiv", "KD", _at("ingrid.tveit"), CODE),
    Unit("STO", "Servicetorg", "KD", _at("ingrid.tveit"), CODE),
    Unit("PLB", "Plan og byggesak", "KD", _at("odd.lillevik"), CODE),
    Unit("SKB", "Skole og barnehage", "KD", _at("marit.hegdal"), CODE),
    Unit("HOM", "Helse og omsorg", "KD", _at("berit.nystuen"), CODE),
    Unit("BVT", "Barneverntjenesten", "HOM", _at("berit.nystuen"), CODE),
    Unit("TEK", "Teknisk drift", "KD", _at("jon.kvamme"), CODE),
    Unit("OKO", "Økonomi", "KD", _at("hilde.aasheim"), CODE),
    Unit("FV", "Folkevalgte", authority=CODE),
)

PEOPLE = (
    Person("Ingrid Tveit", _at("ingrid.tveit"), ("registrar", "unit_leader"), "ARK", "nb"),
    Person("Amir Rahimi", _at("amir.rahimi"), ("registrar",), "ARK", "nb"),
    Person("Solveig Eide", _at("solveig.eide"), ("registrar",), "STO", "nn"),
    Person("Odd Lillevik", _at("odd.lillevik"), ("unit_leader", "caseworker"), "PLB", "nb"),
    Person("Kaja Brenna", _at("kaja.brenna"), ("caseworker",), "PLB", "nb"),
    Person("Marit Hegdal", _at("marit.hegdal"), ("unit_leader", "caseworker"), "SKB", "nn"),
    Person("Erlend Vik", _at("erlend.vik"), ("caseworker",), "SKB", "nb"),
    Person("Berit Nystuen", _at("berit.nystuen"), ("unit_leader", "caseworker"), "HOM", "nb"),
    Person("Linh Nguyen", _at("linh.nguyen"), ("caseworker",), "HOM", "nb"),
    Person("Sara Moen", _at("sara.moen"), ("caseworker",), "BVT", "nb"),
    Person("Jon Kvamme", _at("jon.kvamme"), ("unit_leader", "caseworker"), "TEK", "nn"),
    Person("Tuva Solbakken", _at("tuva.solbakken"), ("secretary", "unit_leader"), "POL", "nb"),
    Person("Hilde Aasheim", _at("hilde.aasheim"), ("unit_leader",), "KD", "nb"),
    Person("Geir Strand", _at("geir.strand"), ("preparedness",), "KD", "nb"),
    Person("Pål Ekren", _at("pal.ekren"), ("administrator",), "KD", "nb"),
    Person("Randi Holmen", _at("ordforer"), ("official",), "FV", "nb"),
    Person("Yusuf Demir", _at("yusuf.demir"), ("official",), "FV", "nb"),
    Person("Sigrun Aga", _at("sigrun.aga"), ("official",), "FV", "nn"),
)

MAILBOXES = (
    MailboxSpec(_at("postmottak"), "central", "Postmottak", "ARK", CODE, "nb"),
    MailboxSpec(_at("innsyn"), "unit", "Innsyn", "ARK", CODE, "nb"),
    MailboxSpec(_at("skole"), "unit", "Skole og barnehage", "SKB", CODE, "nn"),
    MailboxSpec(_at("vakt"), "unit", "Vann, avløp og vei", "TEK", CODE, "nb"),
    MailboxSpec(_at("faktura"), "unit", "Fakturamottak", "OKO", CODE, "nb"),
    MailboxSpec(_at("kaja.brenna"), "officer", "Byggesak: Kaja Brenna", "PLB", CODE, "nb"),
    MailboxSpec(_at("erlend.vik"), "officer", "Skoleplass: Erlend Vik", "SKB", CODE, "nb"),
    MailboxSpec(_at("ordforer"), "official", "Ordføreren", "FV", CODE, "nb"),
    MailboxSpec(_at("yusuf.demir"), "official", "Leder i planutvalget", "FV", CODE, "nb"),
    MailboxSpec(_at("sigrun.aga"), "official", "Leiar i oppvekstutvalet", "FV", CODE, "nn"),
    MailboxSpec(_at("skjema"), "form", "Elektroniske skjemaer", "STO", CODE, "nb"),
)

_ARK = "bevaringsforskrifta"
DOCUMENT_TYPES = (
    DocumentTypeSpec(
        "byggesak", "Byggesak", "L42", "keep", None, "register", f"{_ARK}; pbl. kap. 20"
    ),
    DocumentTypeSpec(
        "plan",
        "Reguleringsplan og merknad",
        "L12",
        "keep",
        None,
        "register",
        f"{_ARK}; pbl. kap. 12",
    ),
    DocumentTypeSpec(
        "skole", "Skoleplass og skoleskyss", "B31", "dispose", 10, "register", "opplæringslova"
    ),
    DocumentTypeSpec(
        "barnehage", "Barnehageplass", "A10", "dispose", 5, "register", "barnehageloven"
    ),
    DocumentTypeSpec(
        "omsorg",
        "Helse- og omsorgstjenester",
        "F20",
        "keep",
        None,
        "register",
        "pasjientjournalloven",
    ),
    DocumentTypeSpec("barnevern", "Barnevern", "F47", "keep", None, "register", "barnevernsloven"),
    DocumentTypeSpec("klage", "Klage på vedtak", "L42", "keep", None, "register", "fvl. kap. VI"),
    DocumentTypeSpec(
        "innsyn",
        "Innsynskrav",
        "060",
        "dispose",
        5,
        "register",
        "offentleglova §§ 28–32",
        clock="access_request",
    ),
    DocumentTypeSpec(
        "veg",
        "Vei, vann og avløp",
        "M10",
        "dispose",
        10,
        "register",
        "vegloven; vass- og avløpsanleggslova",
    ),
    DocumentTypeSpec(
        "skjenking", "Skjenkebevilling", "U63", "dispose", 10, "register", "alkoholloven kap. 4"
    ),
    DocumentTypeSpec(
        "erstatning", "Erstatningskrav", "M10", "dispose", 10, "register", "foreldelsesloven § 9"
    ),
    DocumentTypeSpec(
        "stilling", "Stillingssøknad", "221", "assess", 2, "register", "forvaltningslovforskriften"
    ),
    DocumentTypeSpec(
        "faktura", "Faktura", "153", "dispose", 5, "keep_in_order", "bokføringsloven § 13"
    ),
    DocumentTypeSpec(
        "henvendelse", "Alminnelig henvendelse", "000", "dispose", 5, "register", "fvl. § 11 a"
    ),
    DocumentTypeSpec(
        "uten_verdi",
        "Reklame, nyhetsbrev og rundsending",
        "000",
        "dispose",
        0,
        "minor",
        "arkivforskrifta",
    ),
)

NOT_REGISTERED = (
    NotRegistered(
        "reklame",
        "Reklame og nyhetsbrev",
        "Rundsending uten verdi som dokumentasjon",
        "arkivforskrifta § 14; arkivplan 3.1",
    ),
    NotRegistered(
        "kopi",
        "Kopi til orientering",
        "Saken hører til og dokumenteres hos et annet organ",
        "arkivforskrifta § 14; arkivplan 3.2",
    ),
    NotRegistered(
        "praktisk",
        "Praktisk avtale",
        "Møtetid og lignende, uten betydning når avtalen er holdt",
        "arkivforskrifta § 14; arkivplan 3.3",
    ),
    NotRegistered(
        "automatisk",
        "Automatisk svar",
        "Fraværsmelding og leveringsrapport",
        "arkivforskrifta § 14; arkivplan 3.4",
    ),
    NotRegistered(
        "privat",
        "Privat post",
        "Gjelder ikke kommunens virksomhet",
        "offentleglova § 4",
    ),
)

NN = Municipality(
    key="nn",
    profile="NO",
    name="Nordre Nes kommune",
    short_name="Nordre Nes",
    organisation_number="310000272",
    central_address=_at("postmottak"),
    domain=DOMAIN,
    postal_address="Postboks 1, 0000 Nordre Nes",
    visiting_address="Rådhusplassen 1, Nordre Nes",
    phone="+47 00 00 10 00",
    it_support_phone="+47 00 00 10 88",
    portal_address=f"{DOMAIN}/innboks",
    registry_contact=f"Arkivet, {_at('ingrid.tveit')}, telefon +47 00 00 10 10",
    languages=("nb", "nn", "en"),
    default_language="nb",
    website=f"https://{DOMAIN}/",
    authorities=(Authority(CODE, "Nordre Nes kommune", "{year}/{number}"),),
    units=UNITS,
    people=PEOPLE,
    mailboxes=MAILBOXES,
    document_types=DOCUMENT_TYPES,
    bodies=NORWEGIAN,
    not_registered=NOT_REGISTERED,
)
