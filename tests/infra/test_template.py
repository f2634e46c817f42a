"""What is deployed: everything that protects data, bounds cost or calls a person is there."""

import json
from typing import Any, ClassVar

import pytest

from chalicelib import settings
from chalicelib.aws import schema
from infra import lint
from infra.template import Template, functions, of_type

READERS = {
    "Split": "ObjectsQueue",
    "Work": "ChunksQueue",
    "Replay": "SpillQueue",
    "LookUp": "LookupsQueue",
    "Mail": "MailQueue",
}
LETTERS = {
    "ObjectsQueue": "ObjectsDead",
    "ChunksQueue": "ChunksDead",
    "SpillQueue": "SpillDead",
    "LookupsQueue": "LookupsDead",
    "MailQueue": "MailDead",
}
FUNCTIONS = {"Count", "APIHandler", "Split", "Work", "Replay", "LookUp", "Mail", "Sweep"}


def properties(template: Template, name: str) -> Any:
    return template["Resources"][name]["Properties"]


def test_cfn_lint_finds_nothing(template: Template) -> None:
    """The merged template of a stage is valid, with no rule of cfn-lint switched off."""
    assert lint.cfn_lint(template) == []


def test_our_own_rules_find_nothing(template: Template) -> None:
    """Types, partial batch failures, real queues, and policies without a wildcard."""
    assert list(lint.broken_rules(template)) == []


def test_the_functions_are_the_eight_that_are_configured(template: Template) -> None:
    """Each has its own role, memory, time-out and architecture, and no tracing."""
    made = functions(template)
    roles = {json.dumps(body["Properties"]["Role"]) for body in made.values()}
    assert set(made) == FUNCTIONS
    assert len(roles) == len(made)
    for body in made.values():
        assert body["Properties"]["MemorySize"] >= 1024
        assert body["Properties"]["Architectures"] == ["arm64"]
        assert body["Properties"]["Tracing"] == "PassThrough"
    assert properties(template, "APIHandler")["Timeout"] <= 29
    assert "TracingEnabled" not in properties(template, "RestAPI")


def test_stages_differ_only_in_their_name() -> None:
    """What was tried in one stage is what another gets."""
    stages = json.loads(lint.CONFIG.read_text())["stages"]
    texts = {json.dumps(body).replace(f'"{name}"', '"stage"') for name, body in stages.items()}
    assert len(texts) == 1


def test_every_setting_is_given(template: Template) -> None:
    """What the product reads from its environment is set for each function."""

    class Asked(dict[str, str]):
        names: ClassVar[set[str]] = set()

        def get(self, name: str, default: Any = None) -> Any:
            self.names.add(name)
            return super().get(name, default)

    shared = template["Globals"]["Function"]["Environment"]["Variables"]
    for body in functions(template).values():
        given = {**shared, **body["Properties"]["Environment"]["Variables"]}
        # Where a value comes from a parameter, any will do that every setting takes.
        known = {
            name: str(parameter["Default"])
            for name, parameter in template["Parameters"].items()
            if parameter["Type"] == "Number" or "/" in str(parameter.get("Default", ""))
        } | {"OidcIssuer": "https://issuer.test", "OidcRoles": "sales=editor"}
        texts = {
            name: value if isinstance(value, str) else known.get(value.get("Ref", ""), "host:1")
            for name, value in given.items()
        }
        environment = Asked(texts)
        settings.read(environment)
        assert environment.names - {"INLET_DATA"} <= set(given)


def test_the_secret_is_resolved_when_deployed(template: Template) -> None:
    """No call to Secrets Manager at a cold start, and no secret in the template."""
    shared = template["Globals"]["Function"]["Environment"]["Variables"]
    resolved = "{{resolve:secretsmanager:${Secret}:SecretString}}"
    assert shared["INLET_SECRET"] == {"Fn::Sub": resolved}
    assert properties(template, "Secret")["GenerateSecretString"]["PasswordLength"] >= 32


def test_what_holds_data_outlives_the_stack(template: Template) -> None:
    """Neither a deleted stack nor a replaced resource takes data with it."""
    for name in ("Table", "Bucket", "Secret"):
        assert template["Resources"][name]["DeletionPolicy"].startswith("Retain")
        assert template["Resources"][name]["UpdateReplacePolicy"] == "Retain"


def test_the_table_is_protected(template: Template) -> None:
    """Point-in-time recovery, encryption, protection against deletion, on demand, a time to live."""
    table = properties(template, "Table")
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table["SSESpecification"] == {"SSEEnabled": True}
    assert table["DeletionProtectionEnabled"] is True
    assert table["BillingMode"] == "PAY_PER_REQUEST"
    assert table["TimeToLiveSpecification"] == {"AttributeName": "ttl", "Enabled": True}
    assert "TableName" not in table, "two stages in one account would meet"


def test_the_table_is_the_one_that_the_product_declares(template: Template) -> None:
    """The local table is PynamoDB's, the deployed one the template's: keys and indexes agree."""
    table = properties(template, "Table")
    declared = schema.model("t")._get_schema().copy()
    indexes = {
        index["index_name"]: (index["key_schema"], index["projection"])
        for index in declared["global_secondary_indexes"]
    }
    assert {
        index["IndexName"]: (index["KeySchema"], index["Projection"])
        for index in table["GlobalSecondaryIndexes"]
    } == indexes
    assert table["KeySchema"] == declared["key_schema"]
    assert sorted(table["AttributeDefinitions"], key=str) == sorted(
        declared["attribute_definitions"], key=str
    )


def test_the_bucket_is_closed_and_keeps_versions(template: Template) -> None:
    """Encrypted, versioned, never public, without access lists, and only over TLS."""
    bucket = properties(template, "Bucket")
    (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert len(bucket["PublicAccessBlockConfiguration"]) == 4
    assert bucket["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    assert_only_tls(properties(template, "BucketPolicy"), "s3:*")


def test_the_bucket_forgets_what_is_not_needed(template: Template) -> None:
    """Unclaimed uploads after two days; chunks and raw bodies after 90 days, like rejects; exports after a week; old versions after 30, and uploads that were never finished."""
    rules = properties(template, "Bucket")["LifecycleConfiguration"]["Rules"]
    *kept, leftovers = rules
    assert {rule["Prefix"]: rule["ExpirationInDays"] for rule in kept} == {
        "work/": 90,
        "exports/": 7,
        "bundles/": 7,
        "raw/": {"Ref": "RawDays"},
        "uploads/": 2,
    }
    assert template["Parameters"]["RawDays"]["Default"] == 90
    assert leftovers["NoncurrentVersionExpiration"] == {"NoncurrentDays": 30}
    assert leftovers["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"] <= 7
    assert "Prefix" not in leftovers
    assert "ExpirationInDays" not in leftovers


def test_a_browser_may_upload(template: Template) -> None:
    """The console posts a file from its own origin to the bucket."""
    (rule,) = properties(template, "Bucket")["CorsConfiguration"]["CorsRules"]
    assert "POST" in rule["AllowedMethods"]


def test_what_is_dropped_into_the_inbox_is_announced(template: Template) -> None:
    """S3 tells the objects queue, which takes it from this bucket of this account alone."""
    bucket = properties(template, "Bucket")
    (announced,) = bucket["NotificationConfiguration"]["QueueConfigurations"]
    assert announced["Event"] == "s3:ObjectCreated:*"
    assert announced["Queue"] == {"Fn::GetAtt": ["ObjectsQueue", "Arn"]}
    assert announced["Filter"]["S3Key"]["Rules"] == [{"Name": "prefix", "Value": "inbox/"}]
    assert template["Resources"]["Bucket"]["DependsOn"] == ["ObjectsQueuePolicy"]
    statements = properties(template, "ObjectsQueuePolicy")["PolicyDocument"]["Statement"]
    (allowed,) = [one for one in statements if one["Effect"] == "Allow"]
    source = allowed["Condition"]["ArnEquals"]["aws:SourceArn"]["Fn::Sub"]
    assert source == "arn:${AWS::Partition}:s3:::" + bucket["BucketName"]["Fn::Sub"]
    assert allowed["Condition"]["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}


@pytest.mark.parametrize(("reader", "queue"), READERS.items())
def test_a_queue_hides_a_message_while_it_is_worked_on(
    template: Template, reader: str, queue: str
) -> None:
    """Six times the time-out of its function, five tries, then the dead letters."""
    (source,) = [body for name, body in lint.sources(template) if name == reader]
    assert source["Queue"] == {"Fn::GetAtt": [queue, "Arn"]}
    assert source["ScalingConfig"]["MaximumConcurrency"]
    made = properties(template, queue)
    assert made["VisibilityTimeout"] >= 6 * properties(template, reader)["Timeout"]
    assert made["RedrivePolicy"] == {
        "deadLetterTargetArn": {"Fn::GetAtt": [LETTERS[queue], "Arn"]},
        "maxReceiveCount": 5,
    }


def test_every_queue_is_encrypted_and_only_over_tls(template: Template) -> None:
    """The dead letters too: they hold the same."""
    queues = of_type(template, "AWS::SQS::Queue")
    assert set(queues) == {*LETTERS, *LETTERS.values()}
    for name, body in queues.items():
        assert body["Properties"]["SqsManagedSseEnabled"] is True
        policy = properties(template, f"{name}Policy")
        assert policy["Queues"] == [{"Ref": name}]
        assert_only_tls(policy, "sqs:*")


def test_dead_letters_are_kept_as_long_as_can_be(template: Template) -> None:
    """Fourteen days, and as long lies the chunk that they name."""
    for name in LETTERS.values():
        assert properties(template, name)["MessageRetentionPeriod"] == 14 * 86400


def test_logs_end_and_a_function_writes_only_its_own(template: Template) -> None:
    """Each function has a group with a retention, and a role that may write to it alone."""
    for name, body in functions(template).items():
        group = body["Properties"]["LoggingConfig"]["LogGroup"]["Ref"]
        assert properties(template, group) == {"RetentionInDays": {"Ref": "LogDays"}}
        role = body["Properties"]["Role"]["Fn::GetAtt"][0]
        written = [
            statement["Resource"]
            for owner, statement in lint.statements(template)
            if owner == role and "logs:PutLogEvents" in statement["Action"]
        ]
        assert written == [{"Fn::GetAtt": [group, "Arn"]}], name


def assert_only_tls(policy: Any, action: str) -> None:
    (denied,) = [one for one in policy["PolicyDocument"]["Statement"] if one["Effect"] == "Deny"]
    assert denied["Principal"] == "*"
    assert denied["Action"] == action
    assert denied["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
