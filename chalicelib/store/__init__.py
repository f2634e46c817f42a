"""What is stored of leads and how it is kept true, over the `ports.Table` alone.

`items` says how the nouns look at rest, `world` reads them, `plan` decides what one more touch
changes, `upsert` commits it for one submission or a batch, `revise` takes touches back and merges
and parts leads, `verify` derives everything anew from the stored submissions and compares.
"""
