"""What a person has to hear of: kept on disk until a receiver has taken it, by signed webhooks."""
