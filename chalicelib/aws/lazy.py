"""AWS clients that come to be when first used: a form post must not pay for S3 and SQS."""

from typing import Any

from chalicelib.settings import Settings


class _Deferred:
    """Stands for an object until somebody asks it for something."""

    def __init__(self, make: Any) -> None:
        self._make = make
        self._made: Any = None

    def _it(self) -> Any:
        if self._made is None:
            self._made = self._make()
        return self._made

    def __getattr__(self, name: str) -> Any:
        return getattr(self._it(), name)

    def __call__(self, *arguments: Any) -> Any:
        return self._it()(*arguments)


class Lazy:
    """The ports on AWS, each made when first used."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.table: Any = _Deferred(self._table)
        self.files: Any = _Deferred(self._files)
        self.sender: Any = _Deferred(self._sender)

    def queue(self, url: str) -> Any:
        """A queue by its address."""
        return _Deferred(lambda: self._queue(url))

    def _table(self) -> object:
        from chalicelib.aws.clients import client
        from chalicelib.aws.table import DynamoTable

        return DynamoTable(self._settings.table, client("dynamodb"))

    def _files(self) -> object:
        from chalicelib.aws.clients import client
        from chalicelib.aws.files import S3Files

        return S3Files(self._settings.bucket, client("s3"))

    @staticmethod
    def _queue(url: str) -> object:
        from chalicelib.aws.clients import client
        from chalicelib.aws.queues import SqsQueue

        return SqsQueue(url, client("sqs"))

    @staticmethod
    def _sender() -> object:
        from chalicelib.aws.sender import HttpSender

        return HttpSender()
