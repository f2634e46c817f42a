"""Mends the bucket's files after a kill."""

from __future__ import annotations

import json
import shutil
from pathlib import Path


def mend(directory: Path) -> None:
    """Undo object writes that a kill cut in two.

    ministack replaces an object's bytes first and its `.meta.json` second. Bytes without
    one are a first upload that nobody was told of; bytes younger than theirs belong to an
    overwrite that nobody was told of, and the version before it is kept beside.
    """
    for file in directory.glob("[0-9]*/*/**/*"):
        if file.suffix == ".tmp" or file.name.endswith(".meta.json") or not file.is_file():
            continue
        sidecar = file.with_name(file.name + ".meta.json")
        if not sidecar.exists():
            file.unlink()
        elif file.stat().st_mtime_ns > sidecar.stat().st_mtime_ns:
            _restore_object(directory, file, sidecar)


def _restore_object(directory: Path, file: Path, sidecar: Path) -> None:
    meta = json.loads(sidecar.read_text())
    account, bucket, *key = file.relative_to(directory).parts
    version = str(meta.get("version_id"))
    kept = directory.joinpath(".versions", account, bucket, version, *key)
    if kept.is_file():
        shutil.copyfile(kept, file.with_name(file.name + ".tmp"))
        file.with_name(file.name + ".tmp").replace(file)
    else:
        # Without versioning the old bytes are gone: let size and ETag follow the new ones.
        meta.update(size=None, etag=None)
    sidecar.write_text(json.dumps(meta))
