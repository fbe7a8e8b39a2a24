"""Records in, checked tables and sufficient statistics out."""
