"""Bank transfer into the supervised account: a person pays with the reference, two operators read the statement."""

from collections.abc import Mapping

from marketplace.core.errors import N_
from marketplace.core.money import Money
from marketplace.payments.gateways import Arrival, Instructions


class BankTransfer:
    """No messages and no automatic refunds: arrivals and payouts are work lists with four eyes."""

    name = "bank_transfer"
    can_refund = False

    def __init__(self, account_name: str, account_no: str, bank: str) -> None:
        self.account_name, self.account_no, self.bank = account_name, account_no, bank

    def start(self, reference: str, amount: Money) -> Instructions:
        """The account, the exact amount, and the reference to write on the transfer."""
        return Instructions(
            (
                (N_("收款户名"), self.account_name),
                (N_("收款账号"), self.account_no),
                (N_("开户行"), self.bank),
                (N_("金额"), str(amount)),
                (N_("附言（必填，用于识别）"), reference),
            ),
            is_automatic=False,
        )

    def read_event(self, headers: Mapping[str, str], body: bytes) -> str | None:
        return None

    def fetch(self, reference: str) -> Arrival | None:
        return None

    def refund(self, reference: str, amount: Money) -> bool:
        return False
