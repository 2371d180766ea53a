"""When a mail may be sent on to another body; no by default."""

from __future__ import annotations

from intake.rules.sensitive import NotForwarded, why_not_forwarded
from lib.sensitive import MAX_TEXT


def ask(**changes: object) -> NotForwarded | None:
    given: dict[str, object] = {
        "is_held": False,
        "texts": ["Spørsmål om dagpenger", "Hei, når får jeg svar?"],
        "attachment_types": [],
        "size": 2_000,
        "has_address": True,
    }
    return why_not_forwarded(**{**given, **changes})  # type: ignore[arg-type]


def test_a_plain_mail_may_be_sent_on_and_everything_unsure_may_not() -> None:
    assert ask() is None
    assert ask(is_held=True) is NotForwarded.HELD
    assert ask(texts=["Hei", "Jeg har kreft"]) is NotForwarded.SENSITIVE
    assert ask(texts=["x" * (MAX_TEXT + 1)]) is NotForwarded.TOO_LONG
    assert ask(attachment_types=["application/pkcs7-mime"]) is NotForwarded.ENCRYPTED
    assert ask(texts=["-----BEGIN PGP MESSAGE-----"]) is NotForwarded.ENCRYPTED
    assert ask(attachment_types=["application/pdf"]) is NotForwarded.UNREAD_ATTACHMENTS
    assert ask(size=10_000_001) is NotForwarded.TOO_LARGE
    assert ask(has_address=False) is NotForwarded.NO_ADDRESS
