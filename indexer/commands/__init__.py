"""The longer commands of `indexer`, one file each, and what several of them share."""
