"""Three questions an analyst asks of the sample warehouse, with their answers: `python -m samples.questions [HOME]`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

QUESTIONS = (
    (
        "谁欠得最多？  Who owes most?",
        "select debtor_name, count(*) as debts, sum(remaining_amount_yuan) as remaining_yuan"
        " from debts group by 1 order by 3 desc nulls last limit 5",
    ),
    (
        "谁要在什么时候之前做什么？  Who must do what by when?",
        "select o.due_date, u.unit, o.action from obligations o join obligation_units u using (obligation_id)"
        " where o.due_date is not null and u.role = 'responsible' order by o.due_date, u.unit limit 8",
    ),
    (
        "哪里不对？  What is wrong?",
        "select severity, rule, count(*) as n, min(message_zh) as example from findings"
        " group by 1, 2 order by 1, 3 desc limit 10",
    ),
)


def main(home: str) -> None:
    """Print each question, the statement as a user would type it, and the answer."""
    command = [str(Path(sys.executable).with_name("qingqian")), "query", "--home", home]
    for question, sql in QUESTIONS:
        print(f'\n{question}\n$ qingqian query --home {home} "{sql}"', flush=True)
        subprocess.run([*command, sql], check=True)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "data")
