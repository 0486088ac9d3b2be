"""What stands against disposing of a right."""

from dataclasses import replace
from datetime import date

import pytest

from marketplace.assets.kinds import KINDS, Kind
from marketplace.assets.rules import CHECKS, AssetFacts, Burden, Code, EncumbranceKind, PledgeFacts, Status, findings
from marketplace.assets.valuation import Right
from marketplace.cases.rules import Severity
from marketplace.core.pricing import ValuationState

TODAY = date(2026, 6, 1)
SOUND = AssetFacts(
    right=Right(Kind.INVENTION, filed_on=date(2018, 6, 14), granted_on=date(2021, 9, 3), fee_paid_through_year=9),
    pledges=(PledgeFacts(1, date(2024, 1, 1)),),
    valuation=ValuationState.VALID,
)


def codes(facts: AssetFacts) -> list[Code]:
    return [finding.code for finding in findings(facts, TODAY)]


def test_a_sound_right_has_nothing_against_it() -> None:
    assert codes(SOUND) == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"status": Status.INVALIDATED}, Code.NOT_IN_FORCE),
        ({"right": replace(SOUND.right, filed_on=date(2004, 1, 1))}, Code.EXPIRED),
        ({"right": replace(SOUND.right, fee_paid_through_year=6)}, Code.LAPSED),
        ({"coowners_without_consent": 1}, Code.COOWNER),
        ({"pledges": ()}, Code.PLEDGE_TERM),
        ({"pledges": (PledgeFacts(1, date(2020, 1, 1), expires_on=date(2026, 5, 31)),)}, Code.PLEDGE_TERM),
        ({"pledges": (PledgeFacts(1, date(2020, 1, 1)), PledgeFacts(2, date(2021, 1, 1)))}, Code.FURTHER_PLEDGE),
        ({"burdens": (Burden(EncumbranceKind.FREEZE),)}, Code.FROZEN),
        ({"burdens": (Burden(EncumbranceKind.LICENCE_EXCLUSIVE),)}, Code.LICENCE_EXCLUSIVE),
        ({"valuation": None}, Code.NO_REFERENCE),
        ({"valuation": ValuationState.EXPIRED}, Code.VALUATION_EXPIRED),
        ({"is_secret": True}, Code.SECRET),
        ({"is_service_invention": True, "are_completers_notified": False}, Code.INVENTOR_RIGHT),
    ],
)
def test_each_flaw_is_found_by_its_own_check(changes: dict[str, object], code: Code) -> None:
    assert codes(replace(SOUND, **changes)) == [code]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "code",
    [
        Code.NOT_IN_FORCE, Code.EXPIRED, Code.LAPSED, Code.FROZEN, Code.SUSPENDED, Code.COOWNER, Code.MARK_FAMILY,
        Code.SECRET, Code.PLEDGE_TERM, Code.INVENTOR_RIGHT,
    ],
)  # fmt: skip
def test_what_the_law_bars_blocks(code: Code) -> None:
    assert CHECKS[code].severity is Severity.BLOCK


def test_a_freeze_that_has_ended_is_no_burden() -> None:
    ended = Burden(EncumbranceKind.FREEZE, until_on=date(2026, 5, 31))

    assert codes(replace(SOUND, burdens=(ended,))) == []


def test_every_check_has_meaning_article_and_cure() -> None:
    assert set(CHECKS) == set(Code)
    for spec in CHECKS.values():
        assert spec.article and spec.meaning and spec.cure and spec.severity in Severity


def test_every_kind_has_a_row() -> None:
    assert set(KINDS) == set(Kind)
