"""The texts of our letters: what they say, and what they can never say."""

import re
from datetime import date, time
from html.parser import HTMLParser
from pathlib import Path

import pytest

from outbox.rules import letters

FOLDER = Path(__file__).resolve().parents[2] / "templates" / "letters"
FACTS = {
    "ref": "2026/123-1",
    "message_number": "M-2026-000042",
    "received_date": "21. november 2026",
    "received_time": "08.12",
    "unit": "Plan og byggesak",
    "answer_by": "12. desember 2026",
    "deadline": "5. desember 2026",
    "items": "- navn\n- adresse",
    "reason": "vi venter på en uttalelse",
    "body": "NAV",
    "heading": "Svar på henvendelsen din",
    "written": "Lyset er reparert.\n\nTakk for at du sa fra.",
    "author": "Kaja Brenna",
    "forwarded_to": "NAV",
    "send_to": "Postboks 354, 8601 Mo i Rana",
    "portal_address": "nn.kommune.example/innboks",
    "alarm": "Nobody has opened a message",
    "count": "3",
    "overdue": "1 (2026/1)",
    "soon": "2 (2026/2, 2026/3)",
    "week": "1 (2026/4)",
    "reminded": "1 (2026/6)",
    "escalated": "1 (2026/5)",
    "address": "https://post.nn.kommune.example",
    "municipality": "Nordre Nes kommune",
    "postal_address": "Postboks 1, 0000 Nordre Nes",
    "phone": "+47 00 00 10 00",
    "central_address": "postmottak@nn.kommune.example",
}
ALL = [(kind, lang) for kind in letters.PLACEHOLDERS for lang in letters.LANGUAGES]


def template(kind, lang):
    text = (FOLDER / f"{kind}.{lang}.txt").read_text(encoding="utf-8")
    footer = (FOLDER / f"footer.{lang}.txt").read_text(encoding="utf-8")
    return letters.with_footer(text, footer)


class Reader(HTMLParser):
    """What a person reads of a page's body, and every tag and attribute in it."""

    def __init__(self, page):
        super().__init__(convert_charrefs=True)
        self.read, self.tags, self.attributes, self.in_body = [], set(), [], False
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes += [(tag, *pair) for pair in attrs]
        self.in_body = self.in_body or tag == "body"

    def handle_data(self, data):
        if self.in_body:
            self.read.append(data)


@pytest.mark.parametrize(("kind", "lang"), ALL)
def test_every_letter_is_there_in_every_language_and_fit_for_its_purpose(kind, lang):
    letters.check(kind, template(kind, lang))


@pytest.mark.parametrize(("kind", "lang"), ALL)
def test_html_says_what_the_plain_text_says(kind, lang):
    letter = letters.render(template(kind, lang), FACTS, lang=lang)
    page = Reader(letter.html)
    assert " ".join("".join(page.read).split()) == " ".join(letter.text.split())
    assert page.tags <= {"html", "head", "meta", "title", "body", "p", "br"}
    assert page.attributes == [("html", "lang", lang), ("meta", "charset", "utf-8")]


@pytest.mark.parametrize(("kind", "lang"), ALL)
def test_every_letter_ends_with_the_municipality_and_its_central_address(kind, lang):
    last = letters.render(template(kind, lang), FACTS, lang=lang).text.strip().split("\n\n")[-1]
    for name in ("municipality", "postal_address", "phone", "central_address"):
        assert FACTS[name] in last


@pytest.mark.parametrize("lang", letters.LANGUAGES)
def test_acknowledgement_gives_time_of_receipt_and_number(lang):
    letter = letters.render(template("acknowledgement", lang), FACTS, lang=lang)
    assert "2026/123-1" in letter.subject
    for fact in ("21. november 2026", "08.12", "2026/123-1"):
        assert fact in letter.text


@pytest.mark.parametrize("lang", letters.LANGUAGES)
def test_receipt_before_registration_gives_the_message_number_and_no_case_number(lang):
    letter = letters.render(template("receipt", lang), FACTS, lang=lang)
    assert "M-2026-000042" in letter.subject
    assert "2026/123-1" not in letter.text


def test_swedish_acknowledgement_without_answer_date_reads_right():
    facts = FACTS | {
        "ref": "KS 2026/123",
        "received_date": "21 november 2026",
        "unit": "Kanslienheten",
        "answer_by": "",
        "message_number": "",
    }
    letter = letters.render(template("acknowledgement", "sv"), facts, lang="sv")
    assert letter.subject == "Vi har tagit emot ditt mejl – KS 2026/123"
    assert letter.text.split("\n\n")[:3] == [
        "Vi tog emot ditt mejl 21 november 2026 kl. 08.12. "
        "Det är registrerat med diarienummer KS 2026/123.",
        "Kanslienheten handlägger ärendet.",
        "Ange diarienumret om du kontaktar oss.",
    ]


@pytest.mark.parametrize("lang", letters.LANGUAGES)
def test_misdirected_says_either_forwarded_or_send_it_yourself(lang):
    told = FACTS | {"forwarded_to": "", "ref": ""}
    sent = FACTS | {"send_to": "", "ref": ""}
    assert "Postboks 354" in letters.render(template("misdirected", lang), told, lang=lang).text
    assert "Postboks 354" not in letters.render(template("misdirected", lang), sent, lang=lang).text


@pytest.mark.parametrize(("kind", "lang"), ALL)
def test_no_text_can_echo_the_citizens_words(kind, lang):
    names = letters.placeholders(template(kind, lang))
    assert not [name for name in names if re.search("subject|title|text|name", name)]


def test_paragraph_with_an_empty_value_is_left_out_whole():
    text = "Subject: Hei\n\nFørste.\n\nSvar innen {answer_by}. Ring oss.\n\nSiste."
    assert letters.render(text, {"answer_by": " "}, lang="nb").text == "Første.\n\nSiste.\n"


def test_placeholders_without_a_value_are_refused_by_name():
    with pytest.raises(ValueError, match="answer_by, unit"):
        letters.render("Subject: Hei\n\n{unit} {answer_by} {ref}", {"ref": "1"}, lang="nb")


def test_an_empty_reference_is_refused_and_not_left_out():
    for values in ({**FACTS, "ref": ""}, {**FACTS, "received_date": ""}):
        with pytest.raises(ValueError, match=r"ref|received_date"):
            letters.render(
                template("acknowledgement", "nb"),
                values,
                lang="nb",
                required=letters.REQUIRED["acknowledgement"],
            )


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("Hei\n\nTekst", "first line"),
        ("Subject: \n\nTekst", "first line"),
        ("Subject: Hei\nTekst", "not blank"),
        ("Subject: Hei\n\n \n", "no text"),
        ("Subject: Hei\n\n{ref", "not part of a placeholder"),
        ("Subject: Hei\n\n{Ref}", "not part of a placeholder"),
        ("Subject: Hei\n\n{ref} {received_date}", "missing placeholders: received_time"),
        ("Subject: Hei\n\n{case_title}", "unknown placeholders: case_title"),
    ],
)
def test_a_slip_in_an_edited_text_is_named(text, cause):
    with pytest.raises(ValueError, match=cause):
        letters.check("acknowledgement", text)


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\u2028", "\x85", "\x0b", "\x0c"])
def test_no_value_breaks_out_of_the_subject_line(end):
    values = {"ref": f"1{end}Bcc: someone@evil.example"}
    subject = letters.render("Subject: Sak {ref}\n\nHei", values, lang="nb").subject
    assert len(subject.splitlines()) == 1


def test_values_are_escaped_and_never_read_as_templates():
    letter = letters.render(
        "Subject: Hei\n\n{unit} og {ref}",
        {"unit": "<b onclick=x>Skole & barnehage</b>", "ref": "{unit}"},
        lang="nb",
    )
    assert letter.text == "<b onclick=x>Skole & barnehage</b> og {unit}\n"
    assert "&lt;b onclick=x&gt;Skole &amp; barnehage&lt;/b&gt; og {unit}" in letter.html


def test_a_value_can_have_lines_but_not_paragraphs():
    letter = letters.render("Subject: Hei\n\n{items}", {"items": "a\r\n\r\n\r\nb"}, lang="nb")
    assert letter.text == "a\nb\n"
    assert "<p>a<br>\nb</p>" in letter.html


def test_what_we_write_ourselves_keeps_its_paragraphs_and_is_no_template():
    written = "Første {ref}.\r\n \r\n\r\nAndre\nlinje.\x00"
    facts = FACTS | {"written": written}
    letter = letters.render(template("answer", "nb"), facts, lang="nb")
    assert letter.text.startswith("Første {ref}.\n\nAndre\nlinje.\n\nVår referanse er 2026/123-1.")
    assert "<p>Første {ref}.</p>\n<p>Andre<br>\nlinje.</p>" in letter.html


def test_dates_and_times_are_written_as_each_language_writes_them():
    day, clock = date(2026, 11, 21), time(8, 12)
    assert letters.format_date(day, "nb") == "21. november 2026"
    assert letters.format_date(day, "nn") == "21. november 2026"
    assert letters.format_date(day, "sv") == "21 november 2026"
    assert letters.format_date(day, "en") == "21 November 2026"
    assert letters.format_date(date(2026, 5, 1), "sv") == "1 maj 2026"
    assert [letters.format_time(clock, lang) for lang in ("nb", "nn", "sv", "en")] == [
        "08.12",
        "08.12",
        "08.12",
        "08:12",
    ]
    with pytest.raises(ValueError, match="de"):
        letters.format_date(day, "de")
