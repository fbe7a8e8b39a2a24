"""What a figure says, for the tests of figures and of findings."""

from __future__ import annotations

from matplotlib.figure import Figure


def title(figure: Figure) -> str:
    """The finding, on one line; drawing shows that nothing in the figure is broken."""
    figure.draw_without_rendering()
    return " ".join(figure.get_suptitle().split())


def words(figure: Figure) -> str:
    """All that is written inside the axes and along them."""
    figure.draw_without_rendering()
    texts = [text.get_text() for ax in figure.axes for text in [*ax.texts, *ax.get_xticklabels(), *ax.get_yticklabels()]]
    return " ".join(" ".join(texts).split())
