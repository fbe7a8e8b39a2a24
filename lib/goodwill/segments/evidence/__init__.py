"""Whether segments hold and what they are good for."""
