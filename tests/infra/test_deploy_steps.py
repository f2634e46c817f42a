"""What `make deploy` asks of CloudFormation, and what it says when that refuses."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from infra import deploy
from infra.deploy import CannotDeploy, Deployment
from infra.template import Template

TEMPLATE: Template = {
    "Parameters": {"AlarmEmail": {}, "LogDays": {}},
    "Resources": {
        "APIHandler": {"Properties": {"Environment": {"Variables": {"INLET_STAGE": "dev"}}}}
    },
}


@dataclass
class Stacks:
    """A CloudFormation that answers what it is told to."""

    change_set: dict[str, Any] = field(default_factory=dict)
    statuses: list[str] = field(default_factory=list)
    changes: list[dict[str, Any]] = field(default_factory=list)
    done: list[str] = field(default_factory=list)

    def create_change_set(self, **_: Any) -> dict[str, str]:
        return {"Id": "change"}

    def describe_change_set(self, **_: Any) -> dict[str, Any]:
        return {"Changes": self.changes, **self.change_set}

    def delete_change_set(self, **_: Any) -> None:
        self.done.append("deleted")

    def execute_change_set(self, **_: Any) -> None:
        self.done.append("executed")

    def describe_stacks(self, **_: Any) -> dict[str, Any]:
        return {"Stacks": [{"StackStatus": self.statuses.pop(0)}]}

    def describe_stack_events(self, **_: Any) -> dict[str, Any]:
        events = [("Work", "CREATE_FAILED", "cancelled"), ("Table", "CREATE_FAILED", "no quota")]
        return {
            "StackEvents": [
                {"LogicalResourceId": name, "ResourceStatus": status, "ResourceStatusReason": why}
                for name, status, why in [*events, ("Bucket", "CREATE_COMPLETE", "")]
            ]
        }


DEV = Deployment("dev", poll=0)


def test_what_was_packaged_for_another_stage_is_not_deployed() -> None:
    """Its functions would say the wrong stage."""
    with pytest.raises(CannotDeploy, match="stage dev"):
        deploy._check(TEMPLATE, Deployment("prod"))


def test_a_parameter_that_is_not_there_is_named() -> None:
    """Before anything is asked of AWS."""
    with pytest.raises(CannotDeploy, match="AlarmMail"):
        deploy._check(TEMPLATE, Deployment("dev", parameters={"AlarmMail": "a@example.com"}))


def test_an_update_keeps_the_parameters_that_it_is_not_given() -> None:
    """But for those that the template has no more."""
    deployed = {"Parameters": [{"ParameterKey": name} for name in ("AlarmEmail", "LogDays", "Old")]}
    asked = deploy._parameters(TEMPLATE, Deployment("dev", parameters={"LogDays": "7"}), deployed)
    assert asked == [
        {"ParameterKey": "LogDays", "ParameterValue": "7"},
        {"ParameterKey": "AlarmEmail", "UsePreviousValue": True},
    ]


def test_nothing_to_change_is_no_failure() -> None:
    """And the empty change set is taken away."""
    reason = "The submitted information didn't contain changes. Submit different information."
    stacks = Stacks({"Status": "FAILED", "StatusReason": reason})
    assert deploy._plan(stacks, DEV, "UPDATE", [], "https://example.com") == ""
    assert stacks.done == ["deleted"]


def test_a_template_that_is_refused_says_why() -> None:
    """Nothing was changed then."""
    stacks = Stacks({"Status": "FAILED", "StatusReason": "Unresolved resource dependencies"})
    with pytest.raises(CannotDeploy, match="Unresolved"):
        deploy._plan(stacks, DEV, "CREATE", [], "https://example.com")


def test_a_rollback_names_what_failed_first() -> None:
    """The first failure is the cause of the others."""
    stacks = Stacks(statuses=["CREATE_IN_PROGRESS", "ROLLBACK_COMPLETE"])
    with pytest.raises(CannotDeploy, match="ROLLBACK_COMPLETE: Table: no quota; Work: cancelled"):
        deploy._execute(stacks, DEV, "change", lambda _text: None)


def test_what_is_replaced_is_said_aloud() -> None:
    """A log shows afterwards what a deployment did."""
    change = {"Action": "Modify", "LogicalResourceId": "RestAPI", "Replacement": "True"}
    stacks = Stacks(statuses=["UPDATE_COMPLETE"], changes=[{"ResourceChange": change}])
    said: list[str] = []
    deploy._execute(stacks, DEV, "change", said.append)
    assert said == ["Modify   RestAPI (replaced)"]
