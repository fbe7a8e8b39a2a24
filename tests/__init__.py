"""Tests; a package, because some libraries install a package of that name too."""
