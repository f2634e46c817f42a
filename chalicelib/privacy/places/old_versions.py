"""Earlier versions in the bucket, which keeps what is written over or deleted for thirty days.

Every place that deletes or rewrites an object deletes its earlier versions with it, so nothing is
left to do here; it is on the shelf because a certificate names it.
"""

from chalicelib.privacy.places._place import Place

PLACE = Place()
