"""One report: run, judged, written whole."""
