"""Refusals: what the market will not do, said so that a person can act on it.

A refusal is a class beside the rule that raises it. Its ``text`` is the Chinese source sentence (a message id
for translation) with named places for facts; the facts travel with it, so that tests compare facts and pages
print them in the reader's language::

    class BidTooLow(Refusal):
        text = N_("出价过低：至少须为 {least}。")

    raise BidTooLow(least=Money(2_100_000_00))
"""

from typing import Any


def N_(text: str) -> str:
    """Mark a sentence for translation where there is no request to translate it in."""
    return text


class Refusal(Exception):
    """The market declines, with a reason; everything else that is raised is a bug."""

    text: str = N_("此操作目前不被允许。")
    field: str | None = None
    """The form field the sentence belongs to, or None for the whole form."""

    def __init__(self, *, field: str | None = None, **facts: Any) -> None:
        super().__init__()
        self.facts = facts
        if field is not None:
            self.field = field

    @property
    def code(self) -> str:
        """A stable name for programs: the class name."""
        return type(self).__name__

    def __str__(self) -> str:
        return self.text.format(**self.facts)


class Several(Refusal):
    """Everything that is wrong at once, so that nobody is sent back for one thing at a time."""

    text = N_("{reasons}")

    def __init__(self, reasons: list[Refusal]) -> None:
        super().__init__(reasons=reasons)
        self.reasons = reasons

    def __str__(self) -> str:
        return "; ".join(str(reason) for reason in self.reasons)


class NotFound(Exception):
    """Missing, or not this viewer's: the two are never told apart."""
