"""Append-only records that are durable when `append` returns, and whose loss or change shows.

A ledger is a directory (0700) of segment files (0600) and one index:

    20261122T090000123456Z-1a2b3c4d.open      a segment that one process holds and appends to
    20261122T080000123456Z-5e6f7a8b.sealed    a finished one; its last line is its seal
    20261121T070000123456Z-9c0d1e2f.damaged   set aside by recovery, as it was found
    seals                                     a copy of every seal line, numbered: the host's chain
    lock                                      held while a segment is opened, claimed or sealed

Every line of a segment and of `seals` is `<chain> <JSON object>`, where chain is the SHA-256, in
hex, of the previous line's 64 characters of chain and this line's JSON. So `sha256sum` checks it:

    printf %s%s "$previous_chain" "$json" | sha256sum

What a payload means is no business of this room.
"""
