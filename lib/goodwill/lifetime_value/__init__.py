"""Models of purchases and spend, and what customers are worth."""
