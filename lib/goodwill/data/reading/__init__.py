"""What turns a source, of whatever kind, into text and typed columns: files, encodings, dates, amounts, databases."""
