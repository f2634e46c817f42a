"""`inlet`: the commands, each in the module of its part."""

import os
import sys
from collections.abc import Sequence
from typing import Any

import click
from click.core import ParameterSource

from cli import (
    accounts,
    bringing,
    configuration,
    endpoints,
    exports,
    figures,
    imports,
    keys,
    law,
    leads,
    persons,
    purges,
    sales,
    single,
    submissions,
    suppressions,
    undoing,
    upkeep,
)
from cli.connect import connect
from cli.refusal import FAILED, INTERRUPTED, PIPE_CLOSED, USAGE, Refused
from cli.show import note

PARTS = (
    bringing,
    imports,
    undoing,
    leads,
    persons,
    accounts,
    submissions,
    exports,
    sales,
    figures,
    configuration,
    single,
    endpoints,
    suppressions,
    law,
    purges,
    keys,
    upkeep,
)


class _Inlet(click.Group):
    """The group, which notices a reader who left: `inlet leads | head`."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command, and write out what is held back."""
        try:
            super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            _forget_output()
            sys.exit(PIPE_CLOSED)


@click.group(
    cls=_Inlet, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.option("--url", envvar="INLET_URL", default="", help="The stage's address.")
@click.option("--key", envvar="INLET_KEY", default="", help="An API key; better in INLET_KEY.")
@click.option("--profile", envvar="INLET_PROFILE", default="", help="A stage of your config file.")
@click.pass_context
def inlet(context: click.Context, url: str, key: str, profile: str) -> None:
    """Inlet: the serverless front door for leads.

    Address and key come from --url and --key, from INLET_URL and INLET_KEY, from a --profile, or
    from the local run in this folder (.inlet/env).

    Exit codes: 0 done, 1 failed or refused, 2 wrong usage, 3 not allowed, 4 not found,
    5 conflict, 6 unavailable.
    """
    if profile:
        # A profile that is named stands above the environment, not above what is typed beside it.
        typed = {
            n: context.get_parameter_source(n) is ParameterSource.COMMANDLINE
            for n in ("url", "key")
        }
        url, key = (url if typed["url"] else ""), (key if typed["key"] else "")
    context.obj = lambda: connect(url, key, profile)


for part in PARTS:
    part.join(inlet)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command, and end as docs/cli.md says."""
    try:
        inlet.main(arguments, prog_name="inlet", standalone_mode=False)
    except click.exceptions.Exit as left:
        sys.exit(left.exit_code)
    except Refused as error:
        note(f"Error: {error.message}")
        sys.exit(error.ends)
    except click.UsageError as error:
        error.show()
        sys.exit(USAGE)
    except click.ClickException as error:
        note(f"Error: {error.format_message()}")
        sys.exit(FAILED)
    except (KeyboardInterrupt, click.Abort):
        note("interrupted")
        sys.exit(INTERRUPTED)
    except OSError as error:
        note(f"Error: {error.filename or 'the file'}: {error.strerror}")
        sys.exit(FAILED)


def _forget_output() -> None:
    """Let the interpreter's own last flush go nowhere."""
    with open(os.devnull, "w") as nowhere:  # noqa: PTH123
        os.dup2(nowhere.fileno(), sys.stdout.fileno())
