"""Uploads zip and template under the digests of their content, so that nothing is overwritten."""

import hashlib
import json
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import ClientError

from infra.template import Template, functions


def upload(dist: Path, bucket: str = "") -> tuple[Template, str]:
    """Upload what `make package` wrote; return the template and its address.

    By address, because it is larger than what a request to CloudFormation may carry. Without a
    bucket one of the account's own is used, made where there is none yet.
    """
    files = boto3.client("s3")
    bucket = bucket or _own_bucket(files)
    template: Template = json.loads((dist / "template.json").read_text())
    code = _put(files, bucket, (dist / "deployment.zip").read_bytes(), "zip")
    for function in functions(template).values():
        function["Properties"]["CodeUri"] = f"s3://{bucket}/{code}"
    text = json.dumps(template, separators=(",", ":")).encode()
    return template, _address(files, bucket, _put(files, bucket, text, "json"))


def _put(files: Any, bucket: str, body: bytes, suffix: str) -> str:
    key = f"inlet/{hashlib.sha256(body).hexdigest()}.{suffix}"
    files.put_object(Bucket=bucket, Key=key, Body=body)
    return key


def _address(files: Any, bucket: str, key: str) -> str:
    signed: str = files.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": key})
    return signed.partition("?")[0]


def _own_bucket(files: Any) -> str:
    region = files.meta.region_name
    name = f"inlet-artefacts-{boto3.client('sts').get_caller_identity()['Account']}-{region}"
    try:
        files.head_bucket(Bucket=name)
    except ClientError as error:
        if error.response["Error"]["Code"] not in {"404", "NoSuchBucket"}:
            raise
        # us-east-1 is the one region that must not be named.
        where = {"CreateBucketConfiguration": {"LocationConstraint": region}}
        files.create_bucket(Bucket=name, **({} if region == "us-east-1" else where))
    return name
