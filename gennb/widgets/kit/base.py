"""What every explorable is: its text, the limits of its controls, its still picture."""

from __future__ import annotations

import inspect
import math
from typing import TYPE_CHECKING, Any, Self

import anywidget
import torch
import traitlets

from gennb._validate import check_within
from gennb.widgets.kit.bundle import STYLE
from gennb.widgets.kit.still import draw_still

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Number(traitlets.TraitType[float, float]):
    """A number from ``low`` to ``high``; a control of the page that sets it keeps to these limits."""

    def __init__(self, default: float, low: float = -math.inf, high: float = math.inf) -> None:
        super().__init__(default)
        self.low, self.high = low, high

    def validate(self, obj: Any, value: Any) -> float:
        """Return the value if it is within the limits."""
        return check_within(value, str(self.name), self.low, self.high)


class Explorable(anywidget.AnyWidget):
    """An interactive figure that runs in JupyterLab, in Colab and, without a kernel, in a page of the book.

    A subclass takes its JavaScript and its styles from the files beside it, ``_esm, _css = bundle(__file__)``, and
    draws its first state in ``_draw``. All its traits travel to the page.

    Attributes
    ----------
    title, hint, caption
        Its name, a line that says what to try, and a line that says what it means.
    label
        The alternative text of the still picture.
    still
        A PNG of the first state, for readers without scripts.
    height
        The height in pixels that a wide and a narrow page reserve before the explorable is drawn.
    limits
        Where its controls end, by name: those of its numbers, and what its class adds.
    linked
        What a link to the page may set, by name: the limits of its numbers, what its switches can be, and of other
        traits the rule, or a function from the explorable to the rule, that they carry as ``.tag(link=…)``. A rule is
        [lowest, highest], a list of rules, one for each part, or {"any": values and rules}.
    """

    title = traitlets.Unicode().tag(sync=True)
    hint = traitlets.Unicode().tag(sync=True)
    caption = traitlets.Unicode().tag(sync=True)
    label = traitlets.Unicode().tag(sync=True)
    still = traitlets.Bytes().tag(sync=True)
    height = traitlets.List(traitlets.Int(), [500, 700]).tag(sync=True)
    limits: traitlets.Dict[str, Any] = traitlets.Dict().tag(sync=True)
    linked: traitlets.Dict[str, Any] = traitlets.Dict().tag(sync=True)

    _css = STYLE

    def __init_subclass__(cls, **options: Any) -> None:
        own = {n: t for n, t in vars(cls).items() if isinstance(t, traitlets.TraitType)}
        for trait in own.values():
            trait.tag(sync=True)
        if cls.__init__ is Explorable.__init__:  # its arguments are its traits
            keyword = inspect.Parameter.KEYWORD_ONLY
            arguments = [
                inspect.Parameter(name, keyword, default=trait.default_value)
                for name, trait in own.items()
                if name not in vars(Explorable)
            ]
            text = inspect.Parameter("text", inspect.Parameter.VAR_KEYWORD)
            cls.__signature__ = inspect.Signature([*arguments, text])
        super().__init_subclass__(**options)

    def __init__(self, **state: Any) -> None:
        unknown = sorted(set(state) - set(self.trait_names()))
        if unknown:
            raise TypeError(
                f"{type(self).__name__}: unexpected {', '.join(unknown)}. "
                "Besides its own arguments an explorable takes title, hint, caption and label."
            )
        try:
            super().__init__(**state)
        except traitlets.TraitError as error:
            raise TypeError(f"{type(self).__name__}: {error}") from None
        numbers = {n: t for n, t in self.traits().items() if isinstance(t, Number)}
        ends = {n: [t.low, t.high] for n, t in numbers.items() if math.isfinite(t.high - t.low)}
        self.limits = ends | self.limits
        self.linked = self._rules()
        with torch.no_grad(), torch.device("cpu"):
            self.still = draw_still(self._draw)

    def _rules(self) -> dict[str, Any]:
        """Return what a link may set."""
        own = {n: t for n, t in self.traits().items() if issubclass(t.this_class, Explorable)}
        switches = {
            n: {"any": [False, True]} for n, t in own.items() if isinstance(t, traitlets.Bool)
        }
        numbers = {
            n: self.limits[n] for n, t in own.items() if isinstance(t, Number) and n in self.limits
        }
        tagged = {n: t.metadata["link"] for n, t in own.items() if "link" in t.metadata}
        return numbers | switches | {n: r(self) if callable(r) else r for n, r in tagged.items()}

    @classmethod
    def example(cls) -> Self:
        """Return a small one, the same every time."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            return cls(**cls._example())

    @classmethod
    def _example(cls) -> dict[str, Any]:
        """Return the arguments of the example."""
        return {}

    def _draw(self, figure: Figure) -> None:
        """Draw the first state."""
