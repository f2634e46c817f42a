"""Who saw and changed whose data: entries name a person by their lead's id, and go by their time.

They are kept: whoever asks who had looked is answered after the erasure too, and the id leads nowhere
(docs/decisions/0032-access-log.md).
"""

from chalicelib.privacy.places._place import Place

PLACE = Place()
