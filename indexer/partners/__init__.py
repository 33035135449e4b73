"""Partners: what gives them access, changes it, renews it and takes it away."""
