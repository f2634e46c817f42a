"""One dropped file and all that follows from it.

    S3 object ─▶ SQS ─ split ─▶ JSON-lines chunk + SQS ─ work ─▶ receive ─▶ report

`notification` says what was dropped, `options` how it is meant, `header` which column is which
field, `plan` holds all of that for the workers. `records` are the import's items in the table,
`totals` their sums; `sweep` finishes what died on the way.
"""
