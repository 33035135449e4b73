"""Redis as everybody here uses it: the connection, the embedded server, the keys, signed documents.

Nothing is imported here: the guardian of the embedded server starts without the Redis client.
"""
