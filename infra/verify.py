"""Whether a stage's table, or one restored beside it, balances: `inlet verify` for the drill.

python -m infra.verify --stage prod [--table NAME]
"""

import argparse
import os
import sys

import boto3

from chalicelib import wiring
from chalicelib.store.verify import verify as unbalanced
from infra.prepare import environment


def main() -> None:
    """Derive every lead, key and sum anew and say what does not balance."""
    parser = argparse.ArgumentParser(prog="infra.verify", description=main.__doc__)
    parser.add_argument("--stage", required=True, help="the stage whose secret keyed the table")
    parser.add_argument("--stack", default="", help="the stack's name (inlet-<stage>)")
    parser.add_argument("--table", default="", help="another table than the stage's own")
    options = parser.parse_args()
    problems = verify(options.stage, options.stack or f"inlet-{options.stage}", options.table)
    if problems:
        sys.exit("\n".join(problems))
    print("It balances.")


def verify(stage: str, stack: str, table: str = "") -> list[str]:
    """What does not balance in a table, one sentence each."""
    found = boto3.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]
    outputs = {one["OutputKey"]: one["OutputValue"] for one in found["Outputs"]}
    os.environ.update(environment(stage, outputs))
    os.environ["INLET_TABLE"] = table or outputs["TableName"]
    return unbalanced(wiring.live().dump())


if __name__ == "__main__":
    main()
