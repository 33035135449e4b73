"""Screening a whole file: read twice, asked in batches, resumed after any interruption.

The file is surveyed, asked about batch by batch - each answered batch durable in `OUT.resume`
before the next counts as done - and only then written, whole, beside its original columns.
"""
