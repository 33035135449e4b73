"""The index of one token key, owned once: filter, buckets, manifest, head; reading and writing."""
