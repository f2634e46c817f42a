"""microburst as a program that keeps `Content-Length`: run by its own environment, not by ours.

It drops the header from every answer, and a HEAD has nothing else to tell an object's size by.
"""

import sys

from microburst import cli, forward

forward.HOP_BY_HOP -= {"content-length"}
sys.exit(cli.main())
