"""Partners as the API knows them: signed records with key verifiers, scopes, limits and state."""
