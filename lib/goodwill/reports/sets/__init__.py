"""Many reports: recipes, nights, history, index."""
