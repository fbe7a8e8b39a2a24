"""Who belongs together: rules that are learned once, written as text, and applied unchanged; a kind of scheme a module."""
