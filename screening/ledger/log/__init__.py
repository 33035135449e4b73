"""A ledger's records as one Merkle log (RFC 9162), whose signed checkpoints bind all before them.

Beside the segments of a ledger lies a folder `log` (0700, files 0600):

    hashes       the hash of every complete subtree, 32 bytes each, in the order they are completed
    runs         one JSON object a line: which records of which segment became which leaves
    checkpoint   the newest signed one, as C2SP tlog-checkpoint spells it
    lock         held by the one process that merges
    vkey         whose signature that is, for whoever must not read the key itself
    receipts     a folder that leads from a receipt to its record; may be removed at any time

A leaf is the whole line of a record, without its line feed: chain value, space, payload.
"""
