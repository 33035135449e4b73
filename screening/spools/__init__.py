"""The two spools of files between the console and the indexer (docs/protocol.md, "Spools")."""
