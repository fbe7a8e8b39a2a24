"""The names at the top of the library."""

from __future__ import annotations

import pytest

import goodwill as gw


@pytest.mark.parametrize("name", gw.__all__)
def test_every_public_name_exists_and_says_what_it_is(name: str) -> None:
    value = getattr(gw, name)
    assert name in dir(gw)
    assert not callable(value) or value.__doc__


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="attribute nothing"):
        gw.nothing  # noqa: B018
