"""What stands against a case."""

from dataclasses import replace
from datetime import date

import pytest

from marketplace.cases.rules import (
    BASES,
    CaseCheck,
    CaseFacts,
    LegalBasis,
    findings,
    is_gap_tolerated,
    limitation_after,
)
from marketplace.core.policy import Regime

TODAY = date(2026, 6, 1)
BASIS = LegalBasis.SELF_HELP_CLAUSE
SOUND = CaseFacts(
    basis=BASIS, regime=Regime.OTC, papers=frozenset(BASES[BASIS].papers), due_on=date(2025, 6, 1),
    limitation_expires_on=date(2028, 6, 1),
)  # fmt: skip


def codes(facts: CaseFacts) -> list[CaseCheck]:
    return [finding.code for finding in findings(facts, TODAY)]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"papers": frozenset()}, CaseCheck.PAPER_MISSING),
        ({"limitation_expires_on": date(2026, 5, 31)}, CaseCheck.LIMITATION),
        ({"limitation_expires_on": date(2026, 9, 1)}, CaseCheck.LIMITATION_NEAR),
        ({"regime": Regime.COURT}, CaseCheck.REGIME),
        ({"is_pledgor_bankrupt": True}, CaseCheck.BANKRUPTCY),
        ({"is_pledgor_state_owned": True}, CaseCheck.STATE_ASSET),
        ({"is_repaid": True}, CaseCheck.REPAID),
        ({"forfeiture_clause_on": date(2024, 1, 1)}, CaseCheck.FORFEITURE),
    ],
)
def test_each_flaw_is_found(changes: dict[str, object], code: CaseCheck) -> None:
    assert codes(SOUND) == []
    assert codes(replace(SOUND, **changes)) == [code]  # type: ignore[arg-type]


def test_a_take_over_agreed_after_maturity_is_no_forfeiture_clause() -> None:
    assert codes(replace(SOUND, forfeiture_clause_on=date(2025, 6, 2))) == []


def test_limitation_is_three_years() -> None:
    assert limitation_after(date(2024, 2, 29)) == date(2027, 2, 28)


def test_bad_loan_gap_of_three_points_is_tolerated_and_not_more() -> None:
    assert is_gap_tolerated(180, 480)
    assert not is_gap_tolerated(180, 481)
