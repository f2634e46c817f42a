"""Our own rules find what they are for."""

from typing import Any

import pytest

from infra import lint


def function(**source: Any) -> dict[str, Any]:
    """A template of one function that reads a queue."""
    event = {"Type": "SQS", "Properties": source}
    body = {"Type": "AWS::Serverless::Function", "Properties": {"Events": {"Source": event}}}
    return {"Resources": {"Work": body}}


def role(**statement: Any) -> dict[str, Any]:
    """A template of one role with one statement."""
    policy = {"PolicyDocument": {"Statement": [{"Effect": "Allow", **statement}]}}
    return {"Resources": {"Role": {"Type": "AWS::IAM::Role", "Properties": {"Policies": [policy]}}}}


OWN = {"Fn::GetAtt": ["Table", "Arn"]}
REPORTS = ["ReportBatchItemFailures"]


@pytest.mark.parametrize(
    "template",
    [
        {"Resources": {"Wrok": {"Properties": {}}}},
        {"Resources": {"Work": {"Type": "T", "Properties": {"Events": {"Wrong": {}}}}}},
        function(Queue=OWN),
        function(Queue="arn:aws:sqs:us-east-1:000000000000:chunks", FunctionResponseTypes=REPORTS),
        role(Action=["dynamodb:GetItem"], Resource="*"),
        role(Action=["dynamodb:GetItem"], Resource=[OWN, "arn:aws:dynamodb:*:*:table/*"]),
        role(Action=["s3:GetObject"], Resource={"Fn::Sub": "${Bucket.Arn}/*"}),
        role(Action=["s3:GetObject"], Resource={"Fn::Sub": "arn:${AWS::Partition}:s3:::*"}),
        role(Action=["dynamodb:*"], Resource=OWN),
        role(NotAction=["dynamodb:GetItem"], Resource=OWN),
    ],
)
def test_a_broken_rule_is_named(template: dict[str, Any]) -> None:
    """One sentence for one mistake."""
    assert len(list(lint.broken_rules(template))) == 1


@pytest.mark.parametrize(
    "template",
    [
        function(Queue=OWN, FunctionResponseTypes=REPORTS),
        role(Action=["dynamodb:GetItem"], Resource=OWN),
        role(Action="s3:GetObject", Resource=[{"Fn::Sub": "${Bucket.Arn}/work/*"}]),
    ],
)
def test_what_is_right_passes(template: dict[str, Any]) -> None:
    """The rules are not in the way."""
    assert list(lint.broken_rules(template)) == []


def test_cfn_lint_is_heard() -> None:
    """A template that CloudFormation would refuse is not clean."""
    said = lint.cfn_lint(
        {"Resources": {"Queue": {"Type": "AWS::SQS::Queue", "Properties": {"No": 1}}}}
    )
    assert any("E3002" in line for line in said)
