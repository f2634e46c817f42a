"""Point-in-time recovery of the table: nothing can be taken out of it; it ends by itself."""

from chalicelib.privacy.places._place import Desk, Place

# infra/template.yaml leaves AWS's own span.
DAYS = 35
_DAY_MS = 86_400_000


class Backups(Place):
    """Only a restore reads it, and who restores erases again (docs/restore.md)."""

    def until(self, asked_ms: int, desk: Desk) -> int:
        """When the last moment that can be restored is after the erasure."""
        del desk
        return asked_ms + DAYS * _DAY_MS


PLACE = Backups()
