"""Statistics that every topic uses: maximum likelihood, uncertainty, proportions, validation."""
