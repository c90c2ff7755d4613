"""Shows what changed in the golden journals' outcomes, and accepts it."""

from __future__ import annotations

import difflib
import json
import sys
from pathlib import Path

from tests.journals import add, expectation, names, outcome


def main(words: list[str]) -> None:
    if words[:1] == ["add"]:
        add(words[1], Path(words[2]))
    for name in names():
        file = expectation(name)
        before = file.read_text(encoding="utf-8") if file.exists() else ""
        after = json.dumps(outcome(name), ensure_ascii=False, indent=1) + "\n"
        old, new = (text.splitlines(keepends=True) for text in (before, after))
        print("".join(difflib.unified_diff(old, new, f"{name} before", name, n=1)))
        file.write_text(after, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
