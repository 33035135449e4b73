"""What a journal tells of a match is sealed to a key whose private half no screening host has.

`keys.py` has the public halves, `boxes.py` the bytes, `sealing.py` what a worker does with them and
`opening.py` what is done on the host of the authorised channel. Byte for byte it is written down in
docs/protocol.md, "Sealed matches"; known answers: tests/vectors/sealed_matches.json.
"""
