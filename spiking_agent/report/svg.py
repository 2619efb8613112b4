"""Charts as SVG in the fonts and colours of the page, light and dark."""

import io
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from typing import Any, Final

# Placeholders of colours; the page has Okabe and Ito's in their place.
INK: Final = "#010203"
FAINT: Final = "#010204"
BLUE: Final = "#010205"
ORANGE: Final = "#010206"
GREEN: Final = "#010207"
PURPLE: Final = "#010208"
_NAMES: Final = {
    INK: "ink",
    FAINT: "faint",
    BLUE: "blue",
    ORANGE: "orange",
    GREEN: "green",
    PURPLE: "purple",
}
_STYLE: Final[dict[Any, Any]] = {
    "svg.fonttype": "none",  # text stays text
    "svg.hashsalt": "spiking-snake",  # the same figure gives the same bytes
    "text.parse_math": False,  # a name with a dollar is a name
    "font.size": 10.0,
    "text.color": INK,
    "axes.edgecolor": FAINT,
    "axes.labelcolor": INK,
    "axes.facecolor": "none",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "figure.facecolor": "none",
    "grid.color": FAINT,
    "grid.alpha": 0.25,
    "xtick.color": FAINT,
    "ytick.color": FAINT,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "legend.frameon": False,
}


_TURN: Final = threading.RLock()  # matplotlib has one style for all threads


@contextmanager
def style() -> Iterator[None]:
    """Return a context in which matplotlib draws in the style of the page."""
    import matplotlib as mpl

    with _TURN, mpl.rc_context(_STYLE):
        yield


def figure(width: float, height: float) -> tuple[Any, Any]:
    """Return a figure of a size in inches and its single plot.

    Parameters
    ----------
    width, height : float
        Size in inches.
    """
    from matplotlib.figure import Figure

    made = Figure(figsize=(width, height), layout="constrained")
    return made, made.add_subplot()


def shades(n_shades: int) -> Any:
    """Return a map of colours from inhibition over nothing to excitation.

    Parameters
    ----------
    n_shades : int
        How many colours there are; few keep a large picture small.
    """
    from matplotlib.colors import LinearSegmentedColormap

    ends = ["#0072b2", "#f4f4f4", "#d55e00"]
    return LinearSegmentedColormap.from_list("strength", ends, N=n_shades)


def to_svg(made: Any) -> str:
    """Return a figure as an ``<svg>`` element that needs nothing from outside the page.

    Parameters
    ----------
    made : matplotlib.figure.Figure
        Drawn within `style`; its texts are escaped here.
    """
    buffer = io.StringIO()
    nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    made.savefig(buffer, format="svg", metadata=nothing, dpi=150)
    text = buffer.getvalue()
    text = text[text.index("<svg") :]  # an element, not a document of its own
    text = re.sub(r'<g id="[^"]*"', "<g", text)  # not unique in a page, and not used
    mark = sha256(text.encode()).hexdigest()[:8]  # makes the ids of reused shapes unique
    text = re.sub(r'((?:id="|#))([mp][0-9a-f]{6,}")', rf"\g<1>{mark}\2", text)
    text = re.sub(r"(url\(#)([mp][0-9a-f]{6,}\))", rf"\g<1>{mark}\2", text)
    text = re.sub(r'(<svg[^>]*?) width="[^"]*"', r"\1", text, count=1)
    text = re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", text, count=1)
    text = re.sub(r"\d+\.\d{3,}(?=[\s\"])", lambda number: f"{float(number[0]):.2f}", text)
    for colour, name in _NAMES.items():
        text = text.replace(colour, f"var(--{name})")
    return text.replace("<svg ", '<svg aria-hidden="true" ', 1)
