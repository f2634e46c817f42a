"""`make check`'s look at the template: cfn-lint, and what cfn-lint does not know.

Each rule yields sentences; a sentence names the resource that is wrong.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from infra.template import ROOT, CannotPackage, Template, build, functions, of_type

CONFIG = ROOT / ".chalice" / "config.json"


def main() -> None:
    """Build the template of every stage, say what is wrong with it, and fail if anything is."""
    try:
        wrong = [text for stage in stages() for text in _check(stage)]
    except CannotPackage as error:
        sys.exit(str(error))
    if wrong:
        sys.exit("\n".join(wrong))
    print(f"The template is clean ({', '.join(stages())}).")


def stages() -> list[str]:
    """The stages that can be deployed."""
    return list(json.loads(CONFIG.read_text())["stages"])


def _check(stage: str) -> list[str]:
    with tempfile.TemporaryDirectory() as work:
        template = build(stage, Path(work))
        return [f"{stage}: {text}" for text in [*broken_rules(template), *cfn_lint(template)]]


def cfn_lint(template: Template) -> list[str]:
    """What cfn-lint says, one line each; none of its rules is switched off."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(template, file)
        file.flush()
        program = "import sys; from cfnlint.runner import main; sys.exit(main())"
        done = subprocess.run(  # noqa: S603 - our own interpreter and arguments
            [sys.executable, "-c", program, "--format", "parseable", "--", file.name],
            capture_output=True,
            text=True,
            check=False,
        )
    said = [line.replace(file.name, "cfn-lint") for line in done.stdout.splitlines()]
    return said or ([f"cfn-lint: {done.stderr}"] if done.returncode else [])


def broken_rules(template: Template) -> Iterator[str]:
    """What is wrong with a template by our own rules."""
    yield from _typeless(template)
    yield from _whole_batches(template)
    yield from _placeholders(template)
    yield from _wide_policies(template)


def _typeless(template: Template) -> Iterator[str]:
    # The merge makes a new resource of a misspelt name.
    for name, resource in template["Resources"].items():
        if "Type" not in resource:
            yield f"{name} has no type: the merge met no resource of this name"
        for event, body in resource.get("Properties", {}).get("Events", {}).items():
            if "Type" not in body:
                yield f"{name}.{event} has no type: the merge met no event of this name"


def sources(template: Template) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every event source of a queue: its function's name and its properties."""
    for name, function in functions(template).items():
        for event in function["Properties"].get("Events", {}).values():
            if event.get("Type") == "SQS":
                yield name, event["Properties"]


def _whole_batches(template: Template) -> Iterator[str]:
    # Without it a normal return deletes the whole batch, failures included.
    for name, source in sources(template):
        if source.get("FunctionResponseTypes") != ["ReportBatchItemFailures"]:
            yield f"{name} does not report partial batch failures"


def _placeholders(template: Template) -> Iterator[str]:
    for name, source in sources(template):
        if isinstance(source["Queue"], str):
            yield f"{name} still reads from the placeholder {source['Queue']}"


def statements(template: Template) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every statement of every role: the role's name and the statement."""
    for name, role in of_type(template, "AWS::IAM::Role").items():
        for policy in role["Properties"].get("Policies", ()):
            for statement in policy["PolicyDocument"]["Statement"]:
                yield name, statement


def _wide_policies(template: Template) -> Iterator[str]:
    for name, statement in statements(template):
        for resource in _listed(statement.get("Resource", "*")):
            if not _bounded(resource) and not _bounded_sender(statement):
                yield f"{name} may act on {resource!r}"
        for action in _listed(statement.get("Action", "*")):
            if "*" in action:
                yield f"{name} may do {action}"


def _bounded(resource: Any) -> bool:
    """Whether it names one resource of the stack, or what lies under a folder of it."""
    if not isinstance(resource, dict):
        return False
    if "Fn::GetAtt" in resource:
        return True
    text = resource.get("Fn::Sub", "")
    return bool(text.startswith("${") and ".Arn}/" in text and not text.endswith(".Arn}/*"))


def _bounded_sender(statement: dict[str, Any]) -> bool:
    """Whether it is about mail from one address alone.

    SES asks for the identity, which is the address or its domain, whichever was verified: the
    address is what can be bounded.
    """
    mail = all(action.startswith("ses:Send") for action in _listed(statement["Action"]))
    conditions = statement.get("Condition", {}).get("StringEquals", {})
    return mail and "ses:FromAddress" in conditions


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


if __name__ == "__main__":
    main()
