"""Ways money comes and goes: one module each behind one protocol of four calls.

A provider never decides anything about the market: it says how to pay, what happened, and takes orders to pay back.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from marketplace.core.money import Money


@dataclass(frozen=True)
class Instructions:
    """How a payer pays: lines of (what, value) to follow exactly."""

    lines: tuple[tuple[str, str], ...]
    is_automatic: bool
    """Whether the provider itself tells when the money has come; otherwise two operators confirm it."""


@dataclass(frozen=True)
class Arrival:
    """Money a provider says has come."""

    reference: str
    amount: Money
    arrived_on: date


class Gateway(Protocol):
    name: str
    can_refund: bool
    """Whether money goes back by itself; otherwise it lands on the operators' work list."""

    def start(self, reference: str, amount: Money) -> Instructions:
        """Say how to pay."""

    def read_event(self, headers: Mapping[str, str], body: bytes) -> str | None:
        """The reference a provider's message is about, or None when it is none of ours."""

    def fetch(self, reference: str) -> Arrival | None:
        """What the provider knows of a payment now."""

    def refund(self, reference: str, amount: Money) -> bool:
        """Send money back, once for a reference however often it is asked; False when a person must."""
