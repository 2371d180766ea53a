"""What an entry must have before those who keep the registry let it count as journalled."""

from __future__ import annotations

from collections.abc import Sequence


def why_not_passed(*, access: str, public_title: str, parties: Sequence[str]) -> str | None:
    """None, or what is missing: an assessed access, a title for the public, somebody it went to.

    `parties` are their names. The public register shows what the entry is about and to whom it went
    (OSL 5 kap. 2 §; arkivforskrifta 2025 § 15), and nothing that nobody has assessed (M110).
    """
    if access == "unassessed":
        return "unassessed_entry"
    if not public_title.strip():
        return "public_title_missing"
    if not any(name.strip() for name in parties):
        return "party_missing"
    return None
