"""Findings: what a section of a report found, and every word about it that depends on the data.

One module for each notebook; a function takes what was computed and returns a `Finding`. Nothing is computed here that a lesson is about.
"""
