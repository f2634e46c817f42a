"""Objects that go for good: a versioned bucket keeps what was deleted or written over."""

from collections.abc import Callable

from chalicelib import errors
from chalicelib.ports import Files


def forget(files: Files, key: str) -> int:
    """Delete an object with all its versions; how many there were."""
    gone = 0
    for stat in list(files.versions(key)):
        if stat.key == key:
            files.delete(key, version=stat.version)
            gone += 1
    return gone


def forget_under(files: Files, prefix: str) -> int:
    """Delete every object under a prefix with all its versions; how many versions there were."""
    gone = 0
    for stat in list(files.versions(prefix)):
        files.delete(stat.key, version=stat.version)
        gone += 1
    return gone


def forget_content(files: Files, key: str, etag: str) -> int:
    """Delete the versions of an object that have one content; a newer drop of its name stays."""
    gone = 0
    for stat in list(files.versions(key)):
        if stat.key == key and stat.etag == etag:
            files.delete(key, version=stat.version)
            gone += 1
    return gone


def rewrite(files: Files, key: str, make: Callable[[bytes], bytes], content_type: str) -> int:
    """Write an object as `make` makes it, and delete what it was before; how many that were.

    Where the object has gone, what lies below its mark of deletion goes too.
    """
    try:
        body = files.read(key)
    except errors.Missing:
        return forget(files, key)
    made = make(body)
    if made != body:
        files.write(key, made, content_type=content_type)
    old = [stat for stat in files.versions(key) if stat.key == key]
    current = files.stat(key)
    for stat in old:
        if current is None or stat.version != current.version:
            files.delete(key, version=stat.version)
    return 1 if made != body else 0
