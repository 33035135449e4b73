"""A ledger's records as one Merkle log (RFC 9162), whose signed checkpoints bind all before them."""
