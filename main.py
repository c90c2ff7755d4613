"""The command post: hands the command line to its command."""

from __future__ import annotations

import sys

from console.commands import dispatch

if __name__ == "__main__":
    sys.exit(dispatch(sys.argv[1:]))
