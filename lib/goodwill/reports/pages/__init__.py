"""From an executed notebook to one page."""
