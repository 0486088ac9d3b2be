"""Who may begin to trade, and which bars a would-be bidder meets."""

from dataclasses import replace
from datetime import date

import pytest

from marketplace.accounts.rules import Bar, LotParties, PartyFacts, Verification, bars, has_standing
from marketplace.core.roles import Role

TODAY = date(2026, 6, 1)
SOUND = PartyFacts(Role.ENTERPRISE, "A", has_standing=True, is_overdue=False, is_blocked=False)
LOT = LotParties(
    debtors=frozenset("D"), pledgors=frozenset("P"), appraisers=frozenset("V"), defaulters=frozenset("X"),
    related_to_pledgor=frozenset("R"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("state", "reverify_on", "is_blocked", "stands"),
    [
        (Verification.APPROVED, date(2026, 6, 1), False, True),
        (Verification.APPROVED, date(2026, 5, 31), False, False),
        (Verification.APPROVED, date(2027, 6, 1), True, False),
        (Verification.SUBMITTED, date(2026, 7, 1), False, True),
        (Verification.SUBMITTED, None, False, False),
        (Verification.DRAFT, None, False, False),
        (Verification.SENT_BACK, None, False, False),
        (Verification.REJECTED, None, False, False),
    ],
)
def test_standing_lasts_through_the_re_verification_day(
    state: Verification, reverify_on: date | None, is_blocked: bool, stands: bool
) -> None:
    assert has_standing(state, reverify_on, is_blocked=is_blocked, today=TODAY) is stands


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"role": Role.PLATFORM}, [Bar.PLATFORM]),
        ({"role": Role.REGULATOR}, [Bar.REGULATOR]),
        ({"uscc": "D"}, [Bar.DEBTOR]),
        ({"uscc": "P"}, [Bar.PLEDGOR]),
        ({"uscc": "V"}, [Bar.APPRAISER]),
        ({"uscc": "X"}, [Bar.DEFAULTER]),
        ({"uscc": "R"}, [Bar.RELATED]),
        ({"related": frozenset("D")}, [Bar.RELATED]),
        ({"has_standing": False}, [Bar.UNVERIFIED]),
        ({"has_standing": False, "is_overdue": True}, [Bar.OVERDUE]),
        ({"has_standing": False, "is_overdue": True, "is_blocked": True}, [Bar.BLOCKED]),
    ],
)
def test_each_bar_names_its_own_reason(changes: dict[str, object], expected: list[Bar]) -> None:
    assert bars(replace(SOUND, **changes), LOT) == expected  # type: ignore[arg-type]
