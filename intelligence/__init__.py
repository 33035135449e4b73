"""The authorised channel: a service of its own, and the only place with plaintext."""
