"""`python -m tests.gold.learn`: learns the weights of the cues that say what a sum counts.

From the papers of `circulars/tuning`, the passages of `sums` that are not kept apart and the spec cases of sums; writes
`extractors/lexicon/role_weights.json`. Takes two minutes; needs scikit-learn (group `dev`).
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, cast, get_args

import yaml

from extractors import circular
from extractors.circular.amount_pieces import Piece
from extractors.circular.amounts import Told, figures
from extractors.circular.role_cues import RULE, Passages
from extractors.circular.role_weights import BIAS, SCALE, WEIGHTS
from extractors.document import Document
from extractors.facts import AmountRole, Context
from extractors.rules.view import View
from tests.gold.passages import Labelled, passages

HERE = Path(__file__).parent
SEEN = 3  # a cue is learned when it stands at so many figures
LEAST = 0.05  # a cue that weighs less when all are learned from is left out when they are learned from again
STRENGTH = (0.5, 0.1)  # inverse of the penalty on large weights, the first and the second time
PAPER_WEIGHT = 3.0  # a whole paper is what is read; passages are many
SPEC_WEIGHT = 3.0  # a spec case is a promise


class Figure(NamedTuple):
    """One labelled figure as the weights are learned from it."""

    cues: list[str]
    role: str
    weight: float


def papers() -> Iterator[Labelled]:
    """The papers of the tuning half."""
    for path in sorted((HERE / "circulars" / "tuning").glob("*.json")):
        gold = json.loads(path.read_text(encoding="utf-8"))
        sums = sorted((a["start"], a["end"], a["role"]) for a in gold["amounts"])
        yield Labelled(path.stem, path.with_suffix(".txt").read_text(encoding="utf-8"), sums)


class Read(NamedTuple):
    """A text as the rules read it: its figures, their labels (None: none), what the written rules say of each."""

    name: str
    passages: Passages
    labels: list[str | None]
    said: list[AmountRole]


def read(labelled: Labelled) -> Read:
    """A text whose sums are labelled at their places."""
    view, around, found, said = _figures(labelled.text)
    labels: list[str | None] = []
    for piece in found:
        start, end = view.span(piece.start, piece.end)
        labels.append(next((r for a, b, r in labelled.sums if a < end and start < b and r != "ignore"), None))
    return Read(labelled.name, around, labels, [role for role, _ in said])


def promises() -> Iterator[Read]:
    """What tests promise: spec cases, golden circulars, and spec cases said otherwise; their sums in order."""
    from tests.extractors.circular import test_amounts as amounts
    from tests.extractors.circular import test_said_otherwise as otherwise
    from tests.extractors.circular.test_circulars import FILES

    cases = {c["text"]: c["expect"] for c in amounts.CASES}
    cases |= {f"{amounts.PAPERS[c['kind']]}\n{c['text']}\n": c["expect"] for c in amounts.SUBJECTS}
    golden = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in FILES]
    cases |= {paper["text"]: paper["expect"]["amounts"] for paper in golden}
    cases |= {said: cases[text] for text in otherwise.SUMS for said in otherwise.variants(text) if said not in cases}
    for number, (text, expected) in enumerate(cases.items()):
        _, around, found, said = _figures(text)
        if len(found) == len(expected):
            labels = [role for _, _, role in expected]
            yield Read(f"promise {number}", around, labels, [role for role, _ in said])


def _figures(text: str) -> tuple[View, Passages, list[Piece], list[Told]]:
    document = Document(sha256="0", name="x", format="txt", text=text)
    view, outline, _, _, masked, issued, deadlines = circular.prepare(document, Context())
    found, said = figures(outline, masked, deadlines, issued)
    return view, Passages(outline, found, said, deadlines), found, said


def figures_of(texts: Iterable[Read], weight: float = 1.0, *, rules: bool = True) -> Iterator[Figure]:
    """The labelled figures of texts, each with the true roles of those before it, and what the rules say if asked."""
    for text in texts:
        roles = [cast(AmountRole, label or said) for label, said in zip(text.labels, text.said, strict=True)]
        for number, label in enumerate(text.labels):
            if label is not None:
                cues = text.passages.cues(number, roles[:number])
                yield Figure([c for c in cues if rules or not c.startswith(RULE)], label, weight)


def learn(known: Sequence[Figure]) -> dict[str, list[int]]:
    """The weights of the cues that tell, in hundredths, in the order of the roles."""
    seen = Counter(cue for figure in known for cue in figure.cues)
    first, _ = _fit(known, sorted(cue for cue, count in seen.items() if count >= SEEN), STRENGTH[0])
    telling = sorted(cue for cue, row in first.items() if max(map(abs, row)) >= LEAST)
    second, bias = _fit(known, telling, STRENGTH[1])
    whole = {cue: [round(x * SCALE) for x in row] for cue, row in {**second, BIAS: bias}.items()}
    return {cue: row for cue, row in whole.items() if any(row)}


def _fit(known: Sequence[Figure], cues: list[str], strength: float) -> tuple[dict[str, list[float]], list[float]]:
    """One weight a cue and role, and one a role alone, by multinomial logistic regression."""
    import numpy as np
    from scipy.sparse import csr_matrix
    from sklearn.linear_model import LogisticRegression

    place = {cue: k for k, cue in enumerate(cues)}
    rows = [[place[c] for c in figure.cues if c in place] for figure in known]
    ends = np.cumsum([0, *map(len, rows)])
    columns = np.fromiter((k for row in rows for k in row), dtype=np.int32, count=int(ends[-1]))
    matrix = csr_matrix((np.ones(len(columns), dtype=np.float32), columns, ends), shape=(len(rows), len(cues)))
    roles = get_args(AmountRole)
    model = LogisticRegression(C=strength, max_iter=1000, tol=2e-4)
    model.fit(matrix, [roles.index(f.role) for f in known], sample_weight=[f.weight for f in known])
    return dict(zip(cues, model.coef_.T.tolist(), strict=True)), model.intercept_.tolist()


def written(weights: dict[str, list[int]], gold: str) -> str:
    """The file of weights, a cue a line."""
    lines = ",\n".join(
        f"{json.dumps(c, ensure_ascii=False)}:{json.dumps(w, separators=(',', ':'))}"
        for c, w in sorted(weights.items())
    )
    return f'{{"roles":{json.dumps(get_args(AmountRole))},"gold":"{gold}","cues":{{\n{lines}\n}}}}\n'


def digest() -> str:
    """A name for the labelled texts as they lie here, to tell whether weights were learned from them."""
    texts = [(t.text, t.sums) for t in (*papers(), *learned_from())]
    return hashlib.sha256(repr((PAPER_WEIGHT, texts)).encode()).hexdigest()[:16]


def learned_from() -> list[Labelled]:
    """The passages that are not kept apart."""
    return [p for p in passages() if not p.is_kept_apart]


def main() -> int:
    """Learn and write the weights."""
    # The written rules were made for the papers: what they say there is no sign of what they are worth elsewhere.
    known = list(figures_of(map(read, papers()), PAPER_WEIGHT, rules=False))
    known += figures_of(map(read, learned_from()))
    known += figures_of(promises(), SPEC_WEIGHT)
    weights = learn(known)
    WEIGHTS.write_text(written(weights, digest()), encoding="utf-8")
    print(f"{len(known)} sums, {len(weights)} cues: {WEIGHTS.name}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
