"""About sixty mails for each demo municipality, of our own making."""

from __future__ import annotations

from datetime import datetime

from kommunepost.demo.mail import Sample, Writer, read_letters
from kommunepost.demo.model import Municipality
from kommunepost.demo.odd import SHAPES

__all__ = ["Sample", "samples"]


def samples(municipality: Municipality, *, now: datetime) -> list[Sample]:
    """The sample mails, ordinary and odd ones mixed; `now` is aware and decides all dates.

    The same `now` gives the same bytes. An answer comes after the letter it answers, and a
    duplicate after its original.
    """
    writer = Writer(municipality, now)
    ordinary = [writer.ordinary(letter) for letter in read_letters(f"{municipality.key}_letters")]
    odd = [
        sample
        for letter in read_letters(f"{municipality.key}_odd")
        for sample in (
            SHAPES[letter.note](writer, letter)
            if letter.note in SHAPES
            else [writer.ordinary(letter)]
        )
    ]
    # Spread evenly, each kind in its own order: the fraction of its list that lies before it.
    placed = [
        (number / len(group), sample)
        for group in (ordinary, odd)
        for number, sample in enumerate(group)
    ]
    return [sample for _, sample in sorted(placed, key=lambda pair: pair[0])]
