"""Who moves between segments and who leaves."""
