"""Life cycles: one table of moves per thing that has states.

Buttons, checks, tests, step bars and the README's diagrams read the same table, so a move that is not in it cannot be
made and a move that is in it can be found.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from marketplace.core.errors import N_, Refusal


class MoveRefused(Refusal):
    text = N_("当前状态不允许此操作，或者不应由您来执行。请刷新页面查看最新状态。")


@dataclass(frozen=True, slots=True)
class Move:
    """From a state, by an action, to a state, made by an actor."""

    source: str
    action: str
    target: str
    by: str


class LifeCycle:
    """All moves of one kind of thing, with its starting state first."""

    def __init__(self, name: str, *moves: Move) -> None:
        self.name = name
        self.moves = moves
        self.start = moves[0].source
        keys = [(m.source, m.action, m.by) for m in moves]
        if len(keys) != len(set(keys)):
            raise ValueError(f"{name}: the same actor has the same move twice")

    def next(self, state: str, action: str, by: str) -> str:
        """The state that ``action`` by ``by`` leads to.

        :raises MoveRefused: if the table has no such move
        """
        for move in self.moves:
            if (move.source, move.action, move.by) == (state, action, by):
                return move.target
        raise MoveRefused(life_cycle=self.name, state=state, action=action, by=by)

    def actions(self, state: str, by: str) -> tuple[str, ...]:
        return tuple(m.action for m in self.moves if m.source == state and m.by == by)

    def can(self, state: str, action: str, by: str) -> bool:
        return action in self.actions(state, by)

    @property
    def states(self) -> tuple[str, ...]:
        """Every state, in order of first mention."""
        return tuple(dict.fromkeys(s for m in self.moves for s in (m.source, m.target)))

    @property
    def ends(self) -> frozenset[str]:
        """States nothing leads out of."""
        return frozenset(self.states) - {m.source for m in self.moves}

    def reachable(self, start: str | None = None) -> frozenset[str]:
        seen, todo = set[str](), {start or self.start}
        while todo:
            state = todo.pop()
            seen.add(state)
            todo |= {m.target for m in self.moves if m.source == state} - seen
        return frozenset(seen)


def sources(cycle: LifeCycle, action: str) -> Iterable[str]:
    """The states ``action`` can be taken from."""
    return tuple(dict.fromkeys(m.source for m in cycle.moves if m.action == action))
