"""Who will come, what a newcomer is worth, and what known and coming customers are worth together: customer equity."""
