"""Stats: what came in, counted by the hour and added up by the day (docs/decisions/0029).

`counts` says what one submission counts for, `days` how counts lie at rest, `count` is the sweep
that keeps them right.
"""
