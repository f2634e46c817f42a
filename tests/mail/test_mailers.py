"""Letters as RFC 5322 messages, in a folder and at SES."""

from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from chalicelib import errors
from chalicelib.aws.mail import FolderMailer, SesMailer
from chalicelib.ports import Letter

LETTER = Letter(
    sender="forms@example.org",
    to=("ana@example.com",),
    subject="سلام 你好 ñ",
    text="Hola\n",
    html="<p>Hola</p>",
    reply_to="who@example.net",
    headers={"List-Unsubscribe": "<https://inlet.test/x>"},
)


class Ses:
    """A client that keeps what it is asked, or raises."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error, self.asked = error, list[dict[str, Any]]()

    def send_email(self, **request: Any) -> None:
        if self.error:
            raise self.error
        self.asked.append(request)


def test_a_local_letter_is_a_file_that_reads_back(tmp_path: Path) -> None:
    """Text and page, every script in the subject, our headers."""
    FolderMailer(tmp_path / "mail").send(LETTER)
    (path,) = (tmp_path / "mail").iterdir()
    read = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert (read["subject"], read["to"], read["reply-to"]) == (
        "سلام 你好 ñ",
        "ana@example.com",
        "who@example.net",
    )
    assert read["list-unsubscribe"] == "<https://inlet.test/x>"
    assert [part.get_content_type() for part in read.walk()][1:] == ["text/plain", "text/html"]


def test_ses_gets_one_raw_message_from_our_address() -> None:
    """Destination and sender are named beside the message, as the policy checks them."""
    client = Ses()
    SesMailer(client).send(LETTER)
    (asked,) = client.asked
    assert asked["FromEmailAddress"] == "forms@example.org"
    assert asked["Destination"] == {"ToAddresses": ["ana@example.com"]}
    assert b"List-Unsubscribe" in asked["Content"]["Raw"]["Data"]


@pytest.mark.parametrize(
    ("code", "raised"),
    [
        ("MessageRejected", errors.Rejected),
        ("BadRequestException", errors.Rejected),
        ("TooManyRequestsException", errors.Unavailable),
        ("SendingPausedException", errors.Unavailable),
    ],
)
def test_what_ses_says_no_to(code: str, raised: type[Exception]) -> None:
    """For good where it says so; everything else is tried again."""
    client = Ses(ClientError({"Error": {"Code": code}}, "SendEmail"))
    with pytest.raises(raised):
        SesMailer(client).send(LETTER)


def test_no_answer_is_tried_again() -> None:
    """A connection that fails is no refusal."""
    client = Ses(EndpointConnectionError(endpoint_url="https://ses"))
    with pytest.raises(errors.Unavailable):
        SesMailer(client).send(LETTER)


def test_an_address_that_is_no_header_is_refused() -> None:
    """A line break in an address raises ours and nothing else."""
    broken = Letter("a@example.org", ("x@y.example\r\nBcc: z",), "s", "t", "h")
    with pytest.raises(errors.Rejected):
        SesMailer(Ses()).send(broken)
