"""An import's `errors.csv`: the rows to mend, which lie with the report for good."""

import codecs
import csv
import io
from collections.abc import Iterator, Sequence

from chalicelib import errors
from chalicelib.imports.report import BOM, errors_key
from chalicelib.model import Touch
from chalicelib.privacy.places import _rows
from chalicelib.privacy.places._objects import forget, rewrite
from chalicelib.privacy.places._place import Desk, Did, Done, Held, Place, Task, Who

# What is larger is taken away whole: it is made of what other places keep.
MOST_BYTES = 64 * 2**20
_TYPE = "text/csv; charset={}"


class Reports(Place):
    """`reports/{import}/errors.csv`; the summary and its page hold counts and headings alone."""

    def of(self, touches: Sequence[Touch]) -> list[Task]:
        """A task for each import."""
        return _rows.tasks("reports", touches)

    def erase(self, task: Task, who: Who, desk: Desk) -> Done:
        """Take the rows out, older versions included."""
        del who
        name, table, files = str(task["import"]), desk.outside.table, desk.outside.files
        _rows.redact(table, name, task["rows"])
        key = errors_key(name)
        stat = files.stat(key)
        if stat and stat.size > MOST_BYTES:
            return Done(Did.ERASED, forget(files, key))

        wide = stat is not None and files.peek(key, 2)[1] == codecs.BOM_UTF16_LE
        kind = _TYPE.format("utf-16" if wide else "utf-8")

        def work(rows: set[int]) -> int:
            return rewrite(files, key, lambda body: without(body, rows), kind)

        changed = _rows.settled(table, name, work)
        return Done(Did.REWRITTEN if changed else Did.NOTHING, changed)

    def held(self, who: Who, touches: Sequence[Touch], desk: Desk) -> Iterator[Held]:
        """The rows of the person among those to mend."""
        del who
        for task in self.of(touches):
            try:
                body = desk.outside.files.read(errors_key(str(task["import"])))
            except errors.Missing:
                continue
            wanted = set(task["rows"])
            header, *lines = _parsed(body)[1] or [[]]
            found = [
                dict(zip(header, line, strict=False)) for line in lines if _row(line) in wanted
            ]
            if found:
                yield Held(found)


def without(body: bytes, rows: set[int]) -> bytes:
    """An `errors.csv` without some rows, in its own encoding and with its own delimiter."""
    delimiter, lines = _parsed(body)
    if not any(_row(line) in rows for line in lines):
        return body
    out = io.StringIO(newline="")
    # What would be a formula is neutral already, and is not to be so twice.
    csv.writer(out, delimiter=delimiter).writerows(line for line in lines if _row(line) not in rows)
    if body.startswith(codecs.BOM_UTF16_LE):
        return codecs.BOM_UTF16_LE + out.getvalue().encode("utf-16-le")
    return BOM + out.getvalue().encode()


def _parsed(body: bytes) -> tuple[str, list[list[str]]]:
    wide = body.startswith(codecs.BOM_UTF16_LE)
    text = body[2:].decode("utf-16-le") if wide else body.decode("utf-8-sig")
    # The first column is ours and holds no delimiter: what follows it is one.
    delimiter = text[len("_import") : len("_import") + 1] or ","
    return delimiter, list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))


def _row(line: Sequence[str]) -> int:
    number = line[1] if len(line) > 1 else ""
    return int(number) if number.isascii() and number.isdigit() else 0


PLACE = Reports()
