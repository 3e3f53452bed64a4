"""Autoencoders trained at several targets of sparsity: which units are on, and what each of them adds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import traitlets
from jaxtyping import Float
from torch import Tensor, nn

from gennb.widgets.autoencoders import grays, overcomplete
from gennb.widgets.kit.base import Explorable
from gennb.widgets.kit.bundle import bundle
from gennb.widgets.kit.checks import check_index
from gennb.widgets.kit.pictures import check_picture_shape
from gennb.widgets.kit.still import show_image

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class SparsityDial(Explorable):
    """Turn a dial from sparse codes to dense ones, see which units a picture needs, and silence them one by one.

    Parameters
    ----------
    models
        Two to five pairs (encoder, decoder) with codes of one size, at most 256. An encoder maps images, (N, 1,
        height, width) or flattened, to a code, through a ``ReLU`` or a ``Sigmoid`` at its end; a decoder is one
        ``Linear`` from there to the pixels, with or without a ``Sigmoid`` after it. The weights travel in int8: 161 kB
        for a model of 784 pixels and 100 units, at most 800 kB in all.
    targets
        The share of its units that each model was trained to have on, increasing, in [0, 1].
    pictures
        Up to ten test images in [0, 1], (n, 1, height, width). A pixel travels as one of 256 grays.
    image_shape
        (1, height, width), with sides of at most 32 pixels.
    model
        Index of the model at which the dial starts. Like ``picture``, an index, ``unit``, from 1, with 0 for the most
        active one, and ``silent``, whether that is silenced, this trait follows the reader.
    **text
        ``title``, ``hint``, ``caption``, ``label``.

    References
    ----------
    Olshausen and Field, Emergence of Simple-Cell Receptive Field Properties by Learning a Sparse Code for Natural
    Images, 1996.

    Examples
    --------
    >>> numbers = SparsityDial.example().numbers()
    >>> numbers["error"] == numbers["error_before"]  # no unit is silenced yet
    True
    """

    _esm, _css = bundle(__file__)

    title = traitlets.Unicode("A dial of sparsity")
    hint = traitlets.Unicode(
        "Turn the dial, and choose a picture. Then silence a unit: what does the picture lose?"
    )
    caption = traitlets.Unicode(
        "A unit that is on adds its filter, times its activation, to what becomes the picture; silenced, it adds "
        "nothing. Each model was trained to have a target share of units on, on average over many pictures."
    )
    label = traitlets.Unicode(
        "A digit, its reconstruction, the units of its code as cells, inked where active, and the filter of one."
    )
    height = traitlets.List(traitlets.Int(), [517, 678])

    networks: traitlets.List[Any] = traitlets.List()
    weights = traitlets.Bytes()
    image_shape = traitlets.List(traitlets.Int())
    targets = traitlets.List(traitlets.Float())
    pictures = traitlets.Bytes()
    model = traitlets.Int().tag(link=lambda self: {"any": [*range(len(self.targets))]})
    picture = traitlets.Int().tag(link=lambda self: {"any": [*range(len(self._images()))]})
    unit = traitlets.Int().tag(link=lambda self: [0, self._pairs[0].units])
    silent = traitlets.Bool()

    def __init__(
        self,
        models: Sequence[tuple[nn.Module, nn.Module]],
        targets: Sequence[float],
        pictures: Float[Tensor, "n 1 height width"],
        *,
        image_shape: tuple[int, int, int] = (1, 28, 28),
        model: int = 0,
        **text: Any,
    ) -> None:
        shape = check_picture_shape(image_shape)
        self._pairs, shares = overcomplete.pack_models(models, targets, shape)
        super().__init__(
            networks=[pair.specs for pair in self._pairs],
            weights=b"".join(pair.weights for pair in self._pairs),
            image_shape=list(shape),
            targets=shares,
            pictures=grays.pack_grays(pictures, shape),
            model=check_index(model, "model", len(shares)),
            **text,
        )

    def numbers(self) -> dict[str, float]:
        """Every number that the explorable shows, for where it stands now.

        Keys: ``on`` (how many units), ``unit`` (the chosen one), ``activation`` (its own), ``error`` (squared, of the
        reconstruction, summed over the pixels) and ``error_before`` (the same if no unit is silenced).
        """
        now = self._look()
        return {name: now[name] for name in ("on", "unit", "activation", "error", "error_before")}

    def _images(self) -> Tensor:
        return grays.unpack_grays(self.pictures, self.image_shape)

    def _look(self) -> dict[str, Any]:
        x = self._images()[self.picture]
        return overcomplete.look(self._pairs[self.model], x, self.unit, self.silent)

    @classmethod
    def _example(cls) -> dict[str, Any]:
        return overcomplete.sparse_strokes()

    def _draw(self, figure: Figure) -> None:
        now = self._look()
        shown = {
            "the picture": self._images()[self.picture],
            "its reconstruction": now["rebuilt"],
            "units of its code": grays.of_units(now["code"]),
            f"filter of unit {now['unit']}": grays.of_filter(now["filter"]),
        }
        figure.set_figheight(2.0)
        for axes, (name, image) in zip(figure.subplots(1, 4), shown.items(), strict=True):
            show_image(axes, image, name)
