"""Formulas of binary workbooks as text ([MS-XLS] 2.5.198), as far as ledgers use them: sums, references, arithmetic.

A formula with any other token has no text here (None): half a formula would be a wrong one.
"""

from __future__ import annotations

import struct

from extractors.formats.grid import column_name

_OPERATORS = {3: "+", 4: "-", 5: "*", 6: "/", 7: "^", 8: "&", 9: "<", 10: "<=", 11: "=", 12: ">=", 13: ">", 14: "<>"}
_FUNCTIONS = {0: "COUNT", 1: "IF", 4: "SUM", 5: "AVERAGE", 6: "MIN", 7: "MAX", 169: "COUNTA", 183: "PRODUCT"}
_FIXED = {24: ("ABS", 1), 25: ("INT", 1), 27: ("ROUND", 2)}


def formula_text(raw: bytes, at: int, *, biff8: bool) -> str | None:
    """`=SUM(D4:D5)` from the tokens of a FORMULA record; `at` is where their length stands. None when unknown."""
    try:
        size = struct.unpack_from("<H", raw, at)[0]
        return _text(raw[at + 2 : at + 2 + size], biff8)
    except (struct.error, IndexError):
        return None


def _text(tokens: bytes, biff8: bool) -> str | None:
    stack: list[str] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        at += 1
        kind = token & 0x1F | (0x20 if token >= 0x20 else 0)
        if token in _OPERATORS:
            right, left = stack.pop(), stack.pop()
            stack.append(left + _OPERATORS[token] + right)
        elif token in (0x12, 0x13):
            stack.append("+-"[token - 0x12] + stack.pop())
        elif token == 0x14:
            stack.append(stack.pop() + "%")
        elif token == 0x15:
            stack.append(f"({stack.pop()})")
        elif token == 0x19:  # attributes: only SUM of one argument, blanks and "volatile" say nothing else
            if tokens[at] & 0x10:
                stack.append(f"SUM({stack.pop()})")
            elif tokens[at] & 0x06:
                return None
            at += 3
        elif token == 0x1E:
            stack.append(str(struct.unpack_from("<H", tokens, at)[0]))
            at += 2
        elif token == 0x1F:
            stack.append(repr(struct.unpack_from("<d", tokens, at)[0]))
            at += 8
        elif kind == 0x24:
            row, col = struct.unpack_from("<HH" if biff8 else "<HB", tokens, at)
            stack.append(_ref(row, col, biff8))
            at += 4 if biff8 else 3
        elif kind == 0x25:
            r0, r1, c0, c1 = struct.unpack_from("<HHHH" if biff8 else "<HHBB", tokens, at)
            stack.append(f"{_ref(r0, c0, biff8)}:{_ref(r1, c1, biff8)}")
            at += 8 if biff8 else 6
        elif kind == 0x22:
            count, number = struct.unpack_from("<BH", tokens, at)
            at += 3
            count &= 0x7F
            if number not in _FUNCTIONS or count > len(stack):
                return None
            arguments = stack[len(stack) - count :]
            del stack[len(stack) - count :]
            stack.append(f"{_FUNCTIONS[number]}({','.join(arguments)})")
        elif kind == 0x21:
            known = _FIXED.get(struct.unpack_from("<H", tokens, at)[0])
            at += 2
            if known is None or known[1] > len(stack):
                return None
            arguments = stack[len(stack) - known[1] :]
            del stack[len(stack) - known[1] :]
            stack.append(f"{known[0]}({','.join(arguments)})")
        else:
            return None
    return "=" + stack[0] if len(stack) == 1 else None


def _ref(row: int, col: int, biff8: bool) -> str:
    """A cell's name; the two upper bits say which parts move along when copied, and are not shown."""
    if biff8:
        return f"{column_name(col & 0x3FFF)}{row + 1}"
    return f"{column_name(col)}{(row & 0x3FFF) + 1}"
