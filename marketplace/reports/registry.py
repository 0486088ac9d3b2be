"""The reports there are: title, columns, who may see them. HTML, CSV and XLSX come for free."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from marketplace.accounts.models import User
from marketplace.core.errors import N_
from marketplace.core.roles import Role
from marketplace.reports import queries


@dataclass(frozen=True)
class Report:
    """One table; ``bps`` names the columns that hold shares in basis points."""

    title: str
    columns: tuple[str, ...]
    rows: Callable[[User], list[list[Any]]]
    roles: tuple[Role, ...]
    bps: tuple[int, ...] = ()
    chart: int | None = None
    """The column worth drawing beside the first."""


GROUPED = (
    N_("结束标的"), N_("成交"), N_("成交率"), N_("成交额"), N_("成交价/参考价"), N_("已回收"), N_("回收/债权"),
    N_("结清平均天数"), N_("平均竞买人数"),
)  # fmt: skip
OVERSEERS = (Role.REGULATOR, Role.PLATFORM, Role.BANK)


def _by(title: str, head: str, rows: Callable[[User], list[list[Any]]]) -> Report:
    return Report(title, (head, *GROUPED), rows, OVERSEERS, bps=(3, 5, 7), chart=4)


REPORTS = {
    "disposals": _by(N_("各季度处置了多少，收回多少"), N_("季度"), queries.disposals),
    "by-kind": _by(N_("哪类权利更容易成交"), N_("权利类型"), queries.by_kind),
    "by-bank": _by(N_("各银行处置情况"), N_("银行"), queries.by_bank),
    "by-region": _by(N_("各地区处置情况"), N_("地区"), queries.by_region),
    "outcomes": Report(
        N_("每一次处置的结果"),
        (
            N_("标的"), N_("名称"), N_("银行"), N_("权利类型"), N_("形式"), N_("次数"), N_("结果"), N_("原因"), N_("参考价"),
            N_("起拍价"), N_("成交价"), N_("起拍/参考"), N_("成交/参考"), N_("已回收"), N_("竞买人"), N_("出价次数"), N_("筹备天数"),
            N_("公告天数"), N_("竞价天数"), N_("结清天数"), N_("结束日"),
        ),
        queries.outcomes,
        OVERSEERS,
        bps=(11, 12),
    ),
    "portfolio": Report(
        N_("本行标的"),
        (N_("标的"), N_("名称"), N_("状态"), N_("次数"), N_("参考价"), N_("起拍价"), N_("成交价"), N_("已回收"), N_("截止日")),
        queries.portfolio,
        (Role.BANK,),
    ),
    "claims": Report(
        N_("本行债权"),
        (
            N_("案件"), N_("贷款编号"), N_("债务人"), N_("五级分类"), N_("本金"), N_("利息"), N_("费用"), N_("债权合计"),
            N_("违约日"), N_("时效届满日"),
        ),
        queries.claims,
        (Role.BANK,),
    ),
}  # fmt: skip
