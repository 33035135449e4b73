"""The indexer's side of the spools: what the console has had approved is applied, and told back."""
