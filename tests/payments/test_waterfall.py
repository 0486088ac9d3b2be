"""Who is paid what: the worked examples, and that every fen goes somewhere in rank."""

from hypothesis import given
from hypothesis import strategies as st

from marketplace.core.money import Money, total
from marketplace.payments import charges, rules
from marketplace.payments.waterfall import Claim, Component, Cost, apply_deposit, distribute


def yuan(*amounts: int) -> list[Money]:
    return [Money.yuan(amount) for amount in amounts]


COSTS = [Cost("评估费", "评估公司", Money.yuan(60_000))]


def test_two_ranks() -> None:
    first, second = Claim(1, "甲银行", Money.yuan(1_920_000)), Claim(2, "乙银行", Money.yuan(900_000))
    paid = distribute(Money.yuan(2_600_000), COSTS, [second, first])

    assert [line.paid for line in paid.lines] == yuan(60_000, 1_920_000, 620_000)
    assert (paid.shortfall, paid.surplus) == (Money.yuan(280_000), Money(0))


def test_one_creditor_is_paid_costs_then_interest_then_principal() -> None:
    claim = Claim(1, "甲银行", *yuan(1_800_000, 95_000, 12_000))
    paid = distribute(Money.yuan(1_500_000), COSTS, [claim])

    assert [(line.component, line.paid) for line in paid.lines[1:]] == [
        (Component.COSTS, Money.yuan(12_000)), (Component.INTEREST, Money.yuan(95_000)),
        (Component.PRINCIPAL, Money.yuan(1_333_000)),
    ]  # fmt: skip
    assert paid.shortfall == Money.yuan(467_000)


def test_a_maximum_amount_pledge_takes_no_more_than_its_registered_cap() -> None:
    capped = Claim(1, "甲银行", Money.yuan(1_920_000), cap=Money.yuan(1_500_000))
    paid = distribute(Money.yuan(2_600_000), COSTS, [capped, Claim(2, "乙银行", Money.yuan(900_000))])

    assert [paid.paid_to("甲银行"), paid.paid_to("乙银行"), paid.surplus] == yuan(1_500_000, 900_000, 140_000)


def test_a_forfeited_deposit_is_used_in_its_order() -> None:
    used = apply_deposit(
        Money.yuan(250_000), costs=Money.yuan(20_000), original_price=Money.yuan(2_600_000),
        resale_price=Money.yuan(2_300_000),
    )  # fmt: skip

    assert (used.costs, used.shortfall_covered, used.shortfall_uncovered) == tuple(yuan(20_000, 230_000, 70_000))
    assert used.rest == Money(0)


def test_statement_of_a_million() -> None:
    from datetime import date

    statement = charges.statement(Money.yuan(1_000_000), on=date(2026, 6, 1))

    assert (statement.net, statement.vat) == (Money(94_339_623), Money(5_660_377))
    assert statement.buyer_stamp == Money(28_302)
    assert statement.buyer_pays_platform == Money.yuan(50_000)


money = st.integers(0, 10**11).map(Money)
claims = st.lists(
    st.builds(Claim, st.integers(1, 4), st.sampled_from(["甲", "乙", "丙"]), money, money, money, st.none() | money),
    max_size=6,
)


@given(money, st.lists(money.map(lambda m: Cost("费", "谁", m)), max_size=3), claims)
def test_every_fen_goes_somewhere_and_no_rank_is_paid_before_the_one_above(
    proceeds: Money, costs: list[Cost], owed: list[Claim]
) -> None:
    paid = distribute(proceeds, costs, owed)

    assert total(line.paid for line in paid.lines) + paid.surplus == proceeds
    assert all(Money(0) <= line.paid <= line.due for line in paid.lines)
    ranks = sorted({line.rank for line in paid.lines})
    for rank in ranks:
        is_short = any(line.short for line in paid.lines if line.rank == rank)
        if is_short:
            assert not paid.surplus
            assert not any(line.paid for line in paid.lines if line.rank > rank)


@given(money, money, money, st.none() | money, money)
def test_a_forfeited_deposit_is_never_spent_twice(
    deposit: Money, costs: Money, price: Money, resale: Money | None, debt: Money
) -> None:
    used = apply_deposit(deposit, costs=costs, original_price=price, resale_price=resale, case_debt=debt)

    assert used.costs + used.shortfall_covered + used.case_debt + used.other_debt + used.rest == deposit


@given(
    st.lists(st.tuples(st.sampled_from(["in", "out", "setoff"]), st.integers(1, 5), st.integers(1, 10**9)), max_size=30)
)
def test_the_ledger_balances_after_any_sequence(acts: list[tuple[str, int, int]]) -> None:
    make = {
        "in": rules.deposit_received,
        "out": rules.deposit_released,
        "setoff": lambda who, amount: rules.deposit_set_off(who, who, amount),
    }
    held = rules.balances([make[act](who, Money(amount)) for act, who, amount in acts])

    assert total(held.values()) == Money(0)


AMOUNTS = st.integers(0, 10**9).map(Money)


@given(AMOUNTS, AMOUNTS, AMOUNTS, st.none() | AMOUNTS, AMOUNTS, st.lists(AMOUNTS, min_size=1, max_size=4))
def test_a_debt_is_never_paid_twice_over_several_sales(
    principal: Money, interest: Money, own_costs: Money, cap: Money | None, deposit: Money, sales: list[Money]
) -> None:
    claim = Claim(1, "甲银行", principal, interest, own_costs, cap, reference="case:1")
    received: dict[Component, Money] = {}
    surplus, paid = Money(0), Money(0)

    for proceeds in sales:
        result = distribute(proceeds, [], [claim.less(received, deposit)])
        for line in result.lines:
            received[line.component] = received.get(line.component, Money(0)) + line.paid
        surplus, paid = surplus + result.surplus, paid + result.paid_to("甲银行")

    assert paid + surplus == total(sales)
    assert paid == min(total(sales), claim.less({}, deposit).secured)


def test_an_earlier_payment_comes_off_its_own_component_and_off_the_cap() -> None:
    claim = Claim(1, "甲银行", *yuan(1_800_000, 95_000, 12_000), cap=Money.yuan(1_500_000))
    left = claim.less({Component.COSTS: Money.yuan(12_000), Component.INTEREST: Money.yuan(50_000)}, Money.yuan(60_000))

    assert (left.costs, left.interest, left.principal) == tuple(yuan(0, 0, 1_785_000))
    assert left.cap == Money.yuan(1_378_000)
