"""Each function may do what its code does, on what it does it to, and nothing else."""

import re
from typing import Any

import pytest

from infra import lint
from infra.lint import CONFIG
from infra.template import Template

AWS = CONFIG.parent.parent / "chalicelib" / "aws"
# Operation of a client → the action that IAM asks for. BatchExecuteStatement is asked by statement.
ACTIONS = {
    "batch_execute_statement": {"dynamodb:PartiQLInsert", "dynamodb:PartiQLUpdate"},
    "batch_get_item": {"dynamodb:BatchGetItem"},
    "delete_item": {"dynamodb:DeleteItem"},
    "get_item": {"dynamodb:GetItem"},
    "put_item": {"dynamodb:PutItem"},
    "query": {"dynamodb:Query"},
    "transact_write_items": {
        "dynamodb:ConditionCheckItem",
        "dynamodb:PutItem",
        "dynamodb:UpdateItem",
    },
    "update_item": {"dynamodb:UpdateItem"},
    "abort_multipart_upload": {"s3:AbortMultipartUpload"},
    "complete_multipart_upload": {"s3:PutObject"},
    "copy_object": {"s3:GetObject", "s3:PutObject"},
    "create_multipart_upload": {"s3:PutObject"},
    "delete_object": {"s3:DeleteObject", "s3:DeleteObjectVersion"},
    "generate_presigned_post": {"s3:PutObject"},
    "generate_presigned_url": {"s3:GetObject"},
    "get_object": {"s3:GetObject", "s3:GetObjectVersion"},
    "head_object": {"s3:GetObject"},
    "list_object_versions": {"s3:ListBucketVersions"},
    "list_objects_v2": {"s3:ListBucket"},
    "put_object": {"s3:PutObject"},
    "upload_part": {"s3:PutObject"},
    "send_message_batch": {"sqs:SendMessage"},
    "send_email": {"ses:SendEmail", "ses:SendRawEmail"},
    "scan": {"dynamodb:Scan"},
}
# What Lambda itself does with a function's role.
LAMBDA = {
    "logs:CreateLogStream",
    "logs:PutLogEvents",
    "sqs:ChangeMessageVisibility",
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
    "sqs:ReceiveMessage",
}


def operations() -> set[str]:
    """Every operation that the product asks a client for."""
    source = "\n".join(path.read_text() for path in AWS.glob("*.py"))
    named = re.findall(r"_(?:client_)?call\(\s*\"(\w+)\"", source)
    return {*named, *re.findall(r"_client\.(\w+)\(", source)}


def granted(template: Template) -> set[str]:
    return {action for _, one in lint.statements(template) for action in _list(one["Action"])}


def test_the_operations_are_known() -> None:
    """A new one needs its line here, and its action in the policies that need it."""
    assert operations() <= set(ACTIONS)


def test_no_action_is_missing_and_none_is_granted_in_vain(template: Template) -> None:
    """All policies together grant what the product's code asks for, and what Lambda does."""
    asked = set().union(*(ACTIONS[name] for name in operations()))
    assert asked <= granted(template)
    assert granted(template) <= asked | LAMBDA


def test_only_an_administrators_request_and_the_audit_may_scan(template: Template) -> None:
    """`GET /api/verify` and the audit read everything; no path that a submission takes does."""
    scanning = {
        owner for owner, one in lint.statements(template) if "dynamodb:Scan" in one["Action"]
    }
    assert scanning == {"ApiHandlerRole", "CountRole"}


def test_nobody_may_change_or_end_a_table_a_bucket_or_a_queue(template: Template) -> None:
    """That is for the stack, by a person's credentials."""
    named = {action for action in granted(template) if re.search("Table|Bucket|Queue", action)}
    assert named == {"s3:ListBucket", "s3:ListBucketVersions", "sqs:GetQueueAttributes"}


@pytest.mark.parametrize(
    ("role", "queue"),
    [
        ("SplitRole", "ObjectsQueue"),
        ("WorkRole", "ChunksQueue"),
        ("ReplayRole", "SpillQueue"),
        ("LookUpRole", "LookupsQueue"),
        ("MailRole", "MailQueue"),
    ],
)
def test_a_function_takes_from_its_own_queue(template: Template, role: str, queue: str) -> None:
    """And from no other."""
    taken = [
        resource
        for owner, one in lint.statements(template)
        if owner == role and "sqs:ReceiveMessage" in one["Action"]
        for resource in _list(one["Resource"])
    ]
    assert taken == [{"Fn::GetAtt": [queue, "Arn"]}]


def test_only_the_public_door_writes_into_the_inbox(template: Template) -> None:
    """A worker that could drop files would import its own output."""
    writers = {
        owner
        for owner, one in lint.statements(template)
        for resource in _list(one["Resource"])
        if "s3:PutObject" in one["Action"] and "/inbox/" in str(resource)
    }
    assert writers == {"ApiHandlerRole"}


def test_the_access_log_is_written_by_the_api_alone_and_nobody_takes_it_away(
    template: Template,
) -> None:
    """No role may delete or replace an entry, and none but the API's may write one.

    Updates by statement stay open to the API: one batch carries the entry and a key's last use, and
    whether a condition would see the keys of both is not written down anywhere.
    """
    writes = {"DeleteItem", "PartiQLInsert", "PartiQLUpdate", "PutItem", "UpdateItem"}
    may: dict[str, set[str]] = {}
    for owner, one in lint.statements(template):
        actions = {each.removeprefix("dynamodb:") for each in _list(one["Action"])} & writes
        keys = str(one.get("Condition", ""))
        if one["Effect"] == "Allow" and not keys:
            may[owner] = may.get(owner, set()) | actions
    for owner, one in lint.statements(template):
        keys = str(one.get("Condition", ""))
        if one["Effect"] == "Deny" and "ACCESS#*" in keys and "SEEN#*" in keys:
            may[owner] -= {each.removeprefix("dynamodb:") for each in _list(one["Action"])}
    assert {owner: left for owner, left in may.items() if left} == {
        "ApiHandlerRole": {"PartiQLInsert", "PartiQLUpdate"}
    }


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
