"""What the gateway says by itself, how much it lets through, and when a person is called."""

import json
from typing import Any

import pytest

from infra.lint import CONFIG
from infra.template import Template, functions, of_type

QUEUES = ("ObjectsQueue", "ChunksQueue", "SpillQueue", "LookupsQueue", "MailQueue")
LETTERS = ("ObjectsDead", "ChunksDead", "SpillDead", "LookupsDead", "MailDead")


def answers(template: Template) -> dict[str, Any]:
    body = template["Resources"]["RestAPI"]["Properties"]["DefinitionBody"]
    found: dict[str, Any] = body["x-amazon-apigateway-gateway-responses"]
    return found


def alarms(template: Template, metric: str) -> list[str]:
    """What the alarms on a metric watch."""
    return [
        json.dumps(body["Properties"]["Dimensions"][0]["Value"])
        for body in of_type(template, "AWS::CloudWatch::Alarm").values()
        if body["Properties"]["MetricName"] == metric
    ]


def test_the_gateway_is_regional_and_throttles(template: Template) -> None:
    """Every route is under one rate and one burst."""
    api = template["Resources"]["RestAPI"]["Properties"]
    assert api["EndpointConfiguration"] == "REGIONAL"
    (setting,) = api["MethodSettings"]
    assert (setting["HttpMethod"], setting["ResourcePath"]) == ("*", "/*")
    assert setting["ThrottlingRateLimit"] == {"Ref": "RequestsPerSecond"}
    assert setting["ThrottlingBurstLimit"] == {"Ref": "RequestBurst"}


def test_the_gateways_own_errors_are_problems_that_any_site_may_read(template: Template) -> None:
    """Each is problem+json with the allowance for other origins."""
    assert {"DEFAULT_4XX", "DEFAULT_5XX"} <= set(answers(template))
    for answer in answers(template).values():
        headers = answer["responseParameters"]
        prefix = "gatewayresponse.header."
        assert headers[f"{prefix}Access-Control-Allow-Origin"] == "'*'"
        assert headers[f"{prefix}Content-Type"] == "'application/problem+json'"
        text = answer["responseTemplates"]["application/json"]
        problem = json.loads(text.replace("$context.error.messageString", '"why"'))
        assert {"type", "title", "detail", "errors"} <= set(problem)
        assert problem.get("status") == answer.get("statusCode")


@pytest.mark.parametrize("kind", ["THROTTLED", "DEFAULT_5XX", "INTEGRATION_TIMEOUT"])
def test_who_may_come_again_is_told_when(template: Template, kind: str) -> None:
    """A refusal that passes says so: senders try again."""
    assert "gatewayresponse.header.Retry-After" in answers(template)[kind]["responseParameters"]


@pytest.mark.parametrize("queue", LETTERS)
def test_a_dead_letter_calls_a_person(template: Template, queue: str) -> None:
    """One is enough, within a minute."""
    watched = json.dumps({"Fn::GetAtt": [queue, "QueueName"]})
    assert watched in alarms(template, "ApproximateNumberOfMessagesVisible")
    alarm = template["Resources"][f"{queue}Alarm"]["Properties"]
    assert (alarm["Threshold"], alarm["Period"], alarm["EvaluationPeriods"]) == (1, 60, 1)


@pytest.mark.parametrize("queue", QUEUES)
def test_a_queue_that_stands_still_calls_a_person(template: Template, queue: str) -> None:
    """The age of its oldest message is watched."""
    watched = json.dumps({"Fn::GetAtt": [queue, "QueueName"]})
    assert watched in alarms(template, "ApproximateAgeOfOldestMessage")


def test_every_functions_errors_call_a_person(template: Template) -> None:
    """No function can die unseen, and no form can be starved of concurrency unseen."""
    watched = {json.dumps({"Ref": name}) for name in functions(template)}
    assert set(alarms(template, "Errors")) == watched
    assert alarms(template, "Throttles") == [json.dumps({"Ref": "APIHandler"})]
    assert alarms(template, "5XXError") == [json.dumps({"Ref": "AWS::StackName"})]


def test_every_alarm_is_sent_and_explained(template: Template) -> None:
    """To the topic; its text names the part of the manual that says what to do."""
    manual = (CONFIG.parent.parent / "docs" / "deploy.md").read_text()
    parts = {line.lstrip("# ").lower().replace(" ", "-") for line in manual.splitlines()}
    for name, body in of_type(template, "AWS::CloudWatch::Alarm").items():
        assert body["Properties"]["AlarmActions"] == [{"Ref": "AlarmTopic"}], name
        assert body["Properties"]["TreatMissingData"] == "notBreaching", name
        part = body["Properties"]["AlarmDescription"].partition("docs/deploy.md#")[2]
        assert part.rstrip(").") in parts, name
        assert f"`{name}`" in manual


def test_every_parameter_and_output_is_explained(template: Template) -> None:
    """What a person may set and is told stands in the manual."""
    manual = (CONFIG.parent.parent / "docs" / "deploy.md").read_text()
    for name in [*template["Parameters"], *template["Outputs"]]:
        # What Chalice adds about the API's function is for its own commands.
        assert f"`{name}`" in manual or name in {"RestAPIId", "APIHandlerName", "APIHandlerArn"}
