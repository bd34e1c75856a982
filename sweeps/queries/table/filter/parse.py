"""Reading a filter: recursive descent, one method for each rule of the grammar in this package's docstring."""

from typing import Final, cast

from sweeps.queries.table.filter.problem import FilterProblem
from sweeps.queries.table.filter.tokens import Token, tokens
from sweeps.queries.table.filter.tree import (
    All,
    Among,
    Any,
    Compare,
    Holds,
    Name,
    Node,
    Not,
    Number,
    Sign,
    Span,
    Text,
    Value,
)

COMPARISONS: Final = frozenset({"=", "!=", "<", "<=", ">", ">="})
DEEPEST: Final = 30
MOST_CONDITIONS: Final = 100


def parse(text: str) -> Node | None:
    """The filter as a tree, None for an empty one. FilterProblem, and nothing else, for what is no filter."""
    reader = _Reader(tokens(text))
    return None if reader.now.kind == "end" else reader.whole()


class _Reader:
    def __init__(self, found: list[Token]) -> None:
        self._tokens = found
        self._place = 0
        self._depth = 0
        self._conditions = 0

    @property
    def now(self) -> Token:
        return self._tokens[self._place]

    def whole(self) -> Node:
        node = self._any()
        if self.now.kind != "end":
            if self._is("sign", ")"):
                raise self._problem("This bracket closes nothing: take it out, or open one before.")
            raise self._problem(f"Before `{self.now.text}` stands a whole condition: join them by `and` or `or`.")
        return node

    def _any(self) -> Node:
        parts = [self._all()]
        while self._take("keyword", "or"):
            parts.append(self._all())
        return parts[0] if len(parts) == 1 else Any(tuple(parts))

    def _all(self) -> Node:
        parts = [self._not()]
        while self._take("keyword", "and"):
            parts.append(self._not())
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def _not(self) -> Node:
        begin = self.now
        if self._take("keyword", "not"):
            self._deeper(begin)
            node: Node = Not(self._not())
            self._depth -= 1
            return node
        if self._take("sign", "("):
            self._deeper(begin)
            node = self._any()
            if not self._take("sign", ")"):
                raise FilterProblem("The bracket that opens here is not closed: add `)`.", begin.at, begin.end)
            self._depth -= 1
            return node
        return self._condition()

    def _condition(self) -> Node:
        token = self.now
        if token.kind not in {"word", "name", "text"}:
            raise self._problem("A condition begins with a column's name, such as `state = complete`.")
        self._conditions += 1
        if self._conditions > MOST_CONDITIONS:
            raise self._problem(
                f"More than {MOST_CONDITIONS} conditions are not read. `in (…)` takes many values at once."
            )
        self._place += 1
        name = Name(token.text, token.at, token.end)
        sign = self.now
        if sign.kind == "sign" and sign.text in COMPARISONS:
            self._place += 1
            return Compare(name, cast("Sign", sign.text), self._value(sign), sign.at, sign.end)
        negated = self._take("keyword", "not")
        sign = self.now
        node: Node
        if self._take("keyword", "contains"):
            node = Compare(name, "contains", self._value(sign), sign.at, sign.end)
        elif self._take("keyword", "in"):
            node = Among(name, self._items(sign))
        elif negated:
            raise self._problem("After `not` stands `in` or `contains` here.")
        else:
            return Holds(name)
        return Not(node) if negated else node

    def _items(self, sign: Token) -> tuple[Value | Span, ...]:
        begin = self.now
        if not self._take("sign", "("):
            return (self._item(sign),)
        items = [self._item(begin)]
        while self._take("sign", ","):
            items.append(self._item(begin))
        if not self._take("sign", ")"):
            raise FilterProblem("The list that begins here is not closed: add `)`.", begin.at, begin.end)
        return tuple(items)

    def _item(self, sign: Token) -> Value | Span:
        low = self._value(sign)
        dots = self.now
        if not self._take("sign", ".."):
            return low
        high = self._value(dots)
        if not isinstance(low, Number) or not isinstance(high, Number):
            raise FilterProblem("Beside `..` stand numbers, such as `1..20`.", dots.at, dots.end)
        if high.amount < low.amount:
            raise FilterProblem("The smaller number stands first, such as `1..20`.", low.at, high.end)
        return Span(low, high)

    def _value(self, after: Token) -> Value:
        token = self.now
        if token.kind == "number":
            self._place += 1
            return Number(token.value, token.unit, token.at, token.end, token.text)
        if token.kind in {"word", "text"}:
            self._place += 1
            return Text(token.text, token.kind == "text", token.at, token.end)
        if token.kind == "name":
            self._place += 1
            return Text(token.text, False, token.at, token.end)
        raise self._problem(f"After `{after.text}` a value is missing: a number, a word, or text in double quotes.")

    def _is(self, kind: str, text: str) -> bool:
        return self.now.kind == kind and self.now.text == text

    def _take(self, kind: str, text: str) -> bool:
        if not self._is(kind, text):
            return False
        self._place += 1
        return True

    def _deeper(self, token: Token) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            raise FilterProblem(f"Brackets and `not` go {DEEPEST} deep at most.", token.at, token.end)

    def _problem(self, message: str) -> FilterProblem:
        return FilterProblem(message, self.now.at, self.now.end)
