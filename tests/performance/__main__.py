"""Measure, print the table, and fail where a goal is missed.

./run bench [--write] [webhooks] [bulk] [list] [desk | desk=100000] [explorer | explorer=5000000] [trail] …

Without names, everything is measured. With `--write`, what was found goes to docs/proof.md.
"""

import os
import sys

from site_config.devtools import postgresql, proof, proof_page
from site_config.devtools.proof import Row
from tests.performance.database import SETTINGS, SIZE, database
from tests.performance.parts import PARTS


def main(arguments: list[str]) -> int:
    """Measure what is named, or everything; 1 when a goal was missed, 2 when there is no such part."""
    wanted = [each for each in arguments if each != proof.OPTION] or list(PARTS)
    unknown = [each for each in wanted if each.partition("=")[0] not in PARTS]
    if unknown:
        print(f"No such part: {', '.join(unknown)}. There are {', '.join(PARTS)}.")
        return 2
    print(f"{'':<52}{'Innkeep':>11}{'reference':>11}{'ratio':>8}  goal")
    is_written = proof.OPTION in arguments
    reached = [measured(each, is_written=is_written) for each in wanted]
    return 0 if all(reached) else 1


def measured(name: str, *, is_written: bool) -> bool:
    """Measure one part in a database of its own; whether its goals are reached. A size may follow its name."""
    part, _, size = name.partition("=")
    server = os.environ["DATABASE_URL"]
    begun = proof.stamp("bench", name, database=postgresql.version(server))
    rows: list[Row] = []
    try:
        with database(server) as url:
            for row in PARTS[part](os.environ | SETTINGS | {"DATABASE_URL": url, SIZE: size}):
                print(line(row), flush=True)
                rows.append(row)
    finally:
        # Also of a part that somebody ends before it has found everything.
        if is_written and rows:
            proof.write(part, rows, begun)
            proof_page.write()
    return all(row.reached for row in rows)


def line(row: Row) -> str:
    """One line of the table."""
    reference = "" if row.reference is None else f"{row.reference:,.{row.digits}f}"
    ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
    said = [each for each in (row.limit, row.against, row.note, "" if row.reached else "MISSED") if each]
    return f"{row.what:<52}{row.ours:>11,.{row.digits}f}{reference:>11}{ratio:>8}  {'; '.join(said)}".rstrip()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
