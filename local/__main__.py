"""`python -m local`: what `make run` calls. Settings: `local.options`."""

from __future__ import annotations

import sys

from local import options, runner
from local.backend import BackendError


def main() -> int:
    """0 after a stop that was asked for, 2 when something is in the way."""
    try:
        runner.run(options.from_environment())
    except (runner.CannotRun, BackendError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
