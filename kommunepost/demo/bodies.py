"""Other public bodies that post to the two municipalities really belongs to.

The bodies exist; every address here is invented and ends in .example.
"""

from __future__ import annotations

from kommunepost.demo.model import BodySpec

NORWEGIAN = (
    BodySpec(
        "NAV",
        "post@nav.example",
        "Postboks 1, 0000 Fylla",
        (
            *["dagpeng", "foreldrepeng", "sykepeng", "sjukepeng"],
            *["barnetrygd", "kontantstøtte", "uføretrygd", "alderspensjon"],
            *["arbeidsavklaring", "meldekort", "nav"],
        ),
    ),
    BodySpec(
        "Skatteetaten",
        "post@skatteetaten.example",
        "Postboks 2, 0000 Fylla",
        (
            *["skattekort", "skattemelding", "skatteoppgjør", "forskuddsskatt", "flyttemelding"],
            *["folkeregister", "merverdiavgift", "arveavgift", "skatteetaten"],
        ),
    ),
    BodySpec(
        "Statens vegvesen",
        "firmapost@vegvesen.example",
        "Postboks 3, 0000 Fylla",
        (
            *["førerkort", "førarkort", "riksvei", "riksveg", "europavei", "europaveg"],
            *["e6", "e18", "vognkort", "kjøretøykontroll", "vegvesen"],
        ),
    ),
    BodySpec(
        "Statsforvalteren i Fylla",
        "post@statsforvalteren.example",
        "Postboks 4, 0000 Fylla",
        (
            *["statsforvalter", "fylkesmann", "vergemål", "verjemål", "lovlighetskontroll"],
            *["tilsyn med barnevern", "rovvilt"],
        ),
    ),
    BodySpec(
        "Fylla fylkeskommune",
        "post@fylkeskommune.example",
        "Postboks 5, 0000 Fylla",
        (
            *["videregående skole", "vidaregåande skule", "fylkesvei", "fylkesveg"],
            *["tannhelse", "skoleskyss videregående", "kollektivtrafikk", "fylkeskommune"],
        ),
    ),
    BodySpec(
        "Politiet",
        "",
        "Postboks 6, 0000 Fylla",
        ("pass ", "politiattest", "våpentillatelse", "våpenløyve", "anmeldelse", "anmelding"),
    ),
    BodySpec(
        "Helfo",
        "post@helfo.example",
        "Postboks 7, 0000 Fylla",
        ("frikort", "fastlegebytte", "bytte fastlege", "byte fastlege", "pasientreiser", "helfo"),
    ),
    BodySpec(
        "Husbanken",
        "post@husbanken.example",
        "Postboks 8, 0000 Fylla",
        ("bostøtte", "bustøtte", "husbank"),
    ),
)

SWEDISH = (
    BodySpec(
        "Försäkringskassan",
        "post@forsakringskassan.example",
        "Box 1, 000 00 Fylla",
        (
            *[
                "sjukpenning",
                "föräldrapenning",
                "barnbidrag",
                "bostadsbidrag",
                "vab",
                "tandvårdsstöd",
            ],
            *["sjukersättning", "försäkringskassan"],
        ),
    ),
    BodySpec(
        "Skatteverket",
        "post@skatteverket.example",
        "Box 2, 000 00 Fylla",
        (
            *["deklaration", "skattebesked", "folkbokför", "flyttanmälan", "personbevis"],
            *["moms", "f-skatt", "skatteverket"],
        ),
    ),
    BodySpec(
        "Länsstyrelsen i Fylla län",
        "post@lansstyrelsen.example",
        "Box 3, 000 00 Fylla",
        ("länsstyrelse", "jakttillstånd", "strandskydd", "naturreservat", "jordbruksstöd"),
    ),
    BodySpec(
        "Region Fylla",
        "post@regionfylla.example",
        "Box 4, 000 00 Fylla",
        ("vårdcentral", "sjukhus", "remiss till", "tandläkar", "länstrafik", "färdtjänstkort"),
    ),
    BodySpec(
        "Trafikverket",
        "post@trafikverket.example",
        "Box 5, 000 00 Fylla",
        ("riksväg", "länsväg", "e4", "järnväg", "körkortsprov", "förarprov", "trafikverket"),
    ),
    BodySpec(
        "Polismyndigheten",
        "",
        "Box 6, 000 00 Fylla",
        ("pass ", "nationellt id", "polisanmälan", "vapenlicens", "hittegods"),
    ),
    BodySpec(
        "Pensionsmyndigheten",
        "post@pensionsmyndigheten.example",
        "Box 7, 000 00 Fylla",
        ("pension", "bostadstillägg", "pensionsmyndigheten"),
    ),
    BodySpec(
        "Kronofogden",
        "post@kronofogden.example",
        "Box 8, 000 00 Fylla",
        ("kronofogde", "betalningsföreläggande", "utmätning", "vräkning"),
    ),
)
