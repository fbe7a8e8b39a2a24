"""The command line, one command a function; `goodwill --help` lists them. Heavy imports wait until needed."""

from goodwill.cli import classes, data_files, lots, reports
from goodwill.cli.group import main

__all__ = ["classes", "data_files", "lots", "main", "reports"]
