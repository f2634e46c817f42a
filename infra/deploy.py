"""`make deploy STAGE=…`: puts what `make package` made on AWS, with the caller's credentials.

A change set is made, shown and executed, so that a log says what was replaced or removed.
Afterwards the product prepares its table: the demo form, and the first admin key, which is printed
once. `docs/deploy.md` has the parameters and outputs.
"""

import argparse
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeAlias

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from infra.package import DIST
from infra.prepare import prepare
from infra.template import Template
from infra.upload import upload

# What CloudFormation says where a change set is empty.
NOTHING = ("didn't contain changes", "No updates are to be performed")
CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]
DONE = {"CREATE_COMPLETE", "UPDATE_COMPLETE"}

Say: TypeAlias = Callable[[str], object]


class CannotDeploy(Exception):
    """AWS refused something; said in one line, with the resources that failed."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """What goes where: `bucket` is for the artefacts, `parameters` are the template's own.

    `poll` is how many seconds lie between two looks at what CloudFormation does.
    """

    stage: str
    bucket: str = ""
    stack: str = ""
    dist: Path = DIST
    parameters: Mapping[str, str] = field(default_factory=dict)
    poll: float = 3

    @property
    def name(self) -> str:
        """The stack's name, with which the name of its bucket begins."""
        return self.stack or f"inlet-{self.stage}"


@dataclass(frozen=True, slots=True)
class Deployed:
    """What there is now: the stack's outputs, and whether it is new."""

    outputs: Mapping[str, str]
    created: bool


def main() -> None:
    """Deploy a stage of Inlet to AWS."""
    options = _options()
    try:
        done = deploy(_deployment(options), say=print)
        key = prepare(options.stage, done.outputs) if done.created or options.new_key else ""
    except (CannotDeploy, ClientError, BotoCoreError) as error:
        sys.exit(f"Not deployed: {error}")
    for name, value in sorted(done.outputs.items()):
        print(f"{name:16} {value}")
    if key:
        print(f"{'Admin key':16} {key}   (printed once: keep it)")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="infra.deploy", description=main.__doc__)
    parser.add_argument("--stage", required=True, help="the stage that was packaged")
    parser.add_argument("--bucket", default="", help="a bucket for the artefacts (one is made)")
    parser.add_argument("--stack", default="", help="the stack's name (inlet-<stage>)")
    parser.add_argument("--dist", type=Path, default=DIST, help="where make package wrote")
    parser.add_argument("--poll", type=float, default=3, help="seconds between two looks")
    parser.add_argument(
        "--new-key", action="store_true", help="make another admin key, where the first was lost"
    )
    parser.add_argument("parameters", nargs="*", metavar="NAME=VALUE", help="of the template")
    return parser.parse_args()


def _deployment(options: argparse.Namespace) -> Deployment:
    return Deployment(
        stage=options.stage,
        bucket=options.bucket,
        stack=options.stack,
        dist=options.dist,
        parameters=dict(text.partition("=")[::2] for text in options.parameters),
        poll=options.poll,
    )


def deploy(deployment: Deployment, say: Say = lambda _text: None) -> Deployed:
    """Create or update the stack.

    The address of an API is known only once it is there: where no `PublicUrl` was ever given, a
    second pass gives the product its own.
    """
    template, address = upload(deployment.dist, deployment.bucket)
    _check(template, deployment)
    stacks = boto3.client("cloudformation")
    created = _deployed(stacks, deployment.name) is None
    _pass(stacks, deployment, template, address, say)
    found = _deployed(stacks, deployment.name) or {}
    outputs = {one["OutputKey"]: one["OutputValue"] for one in found.get("Outputs", ())}
    given = {one["ParameterKey"]: one["ParameterValue"] for one in found.get("Parameters", ())}
    if not given.get("PublicUrl"):
        own = {**deployment.parameters, "PublicUrl": outputs["EndpointURL"].rstrip("/")}
        _pass(stacks, replace(deployment, parameters=own), template, address, say)
    return Deployed(outputs, created)


def _pass(stacks: Any, deployment: Deployment, template: Template, address: str, say: Say) -> None:
    deployed = _deployed(stacks, deployment.name)
    kind = "UPDATE" if deployed else "CREATE"
    parameters = _parameters(template, deployment, deployed)
    change_set = _plan(stacks, deployment, kind, parameters, address)
    if change_set:
        _execute(stacks, deployment, change_set, say)
    else:
        say("Nothing to change.")


def _check(template: Template, deployment: Deployment) -> None:
    variables = template["Resources"]["APIHandler"]["Properties"]["Environment"]["Variables"]
    if variables["INLET_STAGE"] != deployment.stage:
        raise CannotDeploy(f"what was packaged is stage {variables['INLET_STAGE']}")
    unknown = set(deployment.parameters) - set(template["Parameters"])
    if unknown:
        raise CannotDeploy(f"no such parameter: {', '.join(sorted(unknown))}")


def _deployed(stacks: Any, name: str) -> dict[str, Any] | None:
    """The stack as it is, or None where there is none yet."""
    try:
        found: dict[str, Any] = stacks.describe_stacks(StackName=name)["Stacks"][0]
    except ClientError as error:
        if "does not exist" in str(error):
            return None
        raise
    # What a change set leaves that would have made the stack, and was never executed.
    return None if found["StackStatus"] == "REVIEW_IN_PROGRESS" else found


def _parameters(
    template: Template, deployment: Deployment, deployed: dict[str, Any] | None
) -> list[dict[str, Any]]:
    """The given ones; on an update the others stay as they were."""
    given: list[dict[str, Any]] = [
        {"ParameterKey": name, "ParameterValue": value}
        for name, value in deployment.parameters.items()
    ]
    before = {one["ParameterKey"] for one in (deployed or {}).get("Parameters", ())}
    kept = (before & set(template["Parameters"])) - set(deployment.parameters)
    given += [{"ParameterKey": name, "UsePreviousValue": True} for name in sorted(kept)]
    return given


def _plan(
    stacks: Any, deployment: Deployment, kind: str, parameters: list[dict[str, Any]], address: str
) -> str:
    """Make a change set and wait until it can be executed; empty where nothing would change."""
    made = stacks.create_change_set(
        StackName=deployment.name,
        ChangeSetName=f"deploy-{time.time_ns()}",
        ChangeSetType=kind,
        TemplateURL=address,
        Capabilities=CAPABILITIES,
        Parameters=parameters,
    )
    change_set: str = made["Id"]
    while True:
        found = stacks.describe_change_set(ChangeSetName=change_set)
        if found["Status"] == "CREATE_COMPLETE":
            return change_set
        if found["Status"] == "FAILED":
            break
        time.sleep(deployment.poll)
    stacks.delete_change_set(ChangeSetName=change_set)
    reason: str = found.get("StatusReason", "")
    if any(text in reason for text in NOTHING):
        return ""
    raise CannotDeploy(reason)


def _execute(stacks: Any, deployment: Deployment, change_set: str, say: Say) -> None:
    for change in stacks.describe_change_set(ChangeSetName=change_set)["Changes"]:
        what = change["ResourceChange"]
        replaced = " (replaced)" if what.get("Replacement") == "True" else ""
        say(f"{what['Action']:8} {what['LogicalResourceId']}{replaced}")
    stacks.execute_change_set(ChangeSetName=change_set)
    while (status := _status(stacks, deployment)).endswith("_IN_PROGRESS"):
        time.sleep(deployment.poll)
    if status not in DONE:
        raise CannotDeploy(f"{status}: {_failures(stacks, deployment.name)}")


def _status(stacks: Any, deployment: Deployment) -> str:
    found = stacks.describe_stacks(StackName=deployment.name)["Stacks"][0]
    return str(found["StackStatus"])


def _failures(stacks: Any, name: str) -> str:
    events = stacks.describe_stack_events(StackName=name)["StackEvents"]
    failed = [event for event in events if event["ResourceStatus"].endswith("_FAILED")]
    return "; ".join(
        f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', '')}"
        for event in reversed(failed)
    )


if __name__ == "__main__":
    main()
