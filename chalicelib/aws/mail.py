"""Mail out: `ports.Mailer` on SES, and in a local run on a folder that a person can read."""

import re
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import make_msgid
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib import errors
from chalicelib.ports import Letter

# SES's words for a letter that it will never take; everything else may do better later.
# https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html#API_SendEmail_Errors
NEVER = {"MessageRejected", "BadRequestException"}


def compose(letter: Letter) -> EmailMessage:
    """The message as RFC 5322 puts it: text and page, every script, no header by injection."""
    message = EmailMessage(policy=SMTP.clone(utf8=True))
    message["From"] = letter.sender
    message["To"] = ", ".join(letter.to)
    message["Subject"] = letter.subject
    if letter.reply_to:
        message["Reply-To"] = letter.reply_to
    for name, value in letter.headers.items():
        message[name] = value
    # RFC 3834: whoever answers automatically does not answer this.
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text)
    message.add_alternative(letter.html, subtype="html")
    return message


class SesMailer:
    """Sends by SES."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def send(self, letter: Letter) -> None:
        """Hand one letter over; `Rejected` where it will never be taken, else `Unavailable`."""
        raw = _composed(letter).as_bytes()
        try:
            self._client.send_email(
                FromEmailAddress=letter.sender,
                Destination={"ToAddresses": list(letter.to)},
                Content={"Raw": {"Data": raw}},
            )
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code in NEVER:
                raise errors.Rejected("the mail was refused", code="mail_refused") from error
            raise errors.Unavailable(f"mail cannot be sent: {code}") from error
        except BotoCoreError as error:
            raise errors.Unavailable("mail cannot be sent") from error


class FolderMailer:
    """Puts every letter into a folder, as a file that mail programs open."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, letter: Letter) -> None:
        """Write one letter; its name sorts by time."""
        message = _composed(letter)
        message["Message-ID"] = made = make_msgid(domain="inlet.local")
        self._folder.mkdir(parents=True, exist_ok=True)
        name = re.sub(r"[^0-9A-Za-z.]", "-", made.strip("<>"))
        (self._folder / f"{name}.eml").write_bytes(message.as_bytes())


def _composed(letter: Letter) -> EmailMessage:
    try:
        return compose(letter)
    except ValueError as error:
        raise errors.Rejected("no mail can be written to this", code="mail_refused") from error
