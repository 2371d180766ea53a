from __future__ import annotations

from accounts.rules.absence import closes_a_ring, stand_in, stands_in_for

KARI, PER, LISE, OLA = 1, 2, 3, 4


def test_work_goes_on_to_the_one_who_is_here() -> None:
    away = {KARI: PER, PER: LISE}
    assert stands_in_for(LISE, away) == {KARI, PER}
    assert stands_in_for(OLA, away) == set()
    assert stand_in(KARI, away) == LISE
    assert stand_in(LISE, away) is None


def test_a_ring_neither_runs_for_ever_nor_hands_work_to_oneself() -> None:
    ring = {KARI: PER, PER: KARI}
    assert stands_in_for(KARI, ring) == {PER}
    assert stand_in(KARI, ring) is None


def test_an_absence_that_would_close_a_ring_is_seen_through_others() -> None:
    assert closes_a_ring(LISE, KARI, [(KARI, PER), (PER, LISE)])
    assert not closes_a_ring(LISE, OLA, [(KARI, PER), (PER, LISE)])
    # Kari is away twice in the time: to Ola first, to Lise later.
    assert closes_a_ring(LISE, KARI, [(KARI, OLA), (KARI, LISE)])
