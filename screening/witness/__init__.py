"""A witness: another process, under another account, that countersigns the checkpoints of logs.

It keeps in its home (0700, files 0600):

    witness.key              its private key, made by `screening witness init`
    lock                     held by the one process that serves
    logs/<digest>/key        the verifier key of a log that it trusts
    logs/<digest>/newest     the newest checkpoint of that log that it has seen; before its first
                             one, a line that says so

The digest is the SHA-256 of the log's origin. A trusted log whose file `newest` is gone is refused:
a witness that has forgotten what it countersigned could be led to countersign a fork.
"""
