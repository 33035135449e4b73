"""What every party shares: selectors, canonical forms, tokens, wire structs, errors.

Pure and without I/O, so that it can ship to partners and be tested against vectors alone.
"""
