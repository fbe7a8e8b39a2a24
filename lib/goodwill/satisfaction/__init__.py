"""Satisfaction and loyalty: index, drivers, the curve and its turning points, roles, and what one notch is worth."""
