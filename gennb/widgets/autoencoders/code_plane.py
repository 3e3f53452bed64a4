"""The plane of an autoencoder's codes, with its clusters and its holes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import traitlets
from jaxtyping import Float, Int
from torch import Tensor, nn

from gennb.widgets.autoencoders.codes import coded_strokes, draw_codes, pack_codes, sides
from gennb.widgets.autoencoders.pairs import pack_pair
from gennb.widgets.kit.base import Explorable
from gennb.widgets.kit.bundle import bundle
from gennb.widgets.kit.checks import check_numbers, check_shape
from gennb.widgets.kit.still import show_image

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class CodePlane(Explorable):
    """Move a point over the codes of an autoencoder, see what is decoded there, and encode that again.

    An autoencoder without a prior gives its codes any scale that it likes, so the plane is a square around them.

    Parameters
    ----------
    encoder, decoder
        Images, (N, channels, height, width) or flattened, to codes (N, 2), and these to pixels in [0, 1]; layers as in
        :func:`gennb.widgets.pack`.
    image_shape
        (channels, height, width). One channel is drawn as ink, three as red, green and blue.
    codes, labels
        Codes of training images, (N, 2) with N at most 4096, and their classes, (N,). A code travels in four bytes, to
        one part in 2,000 of the plane's side or better.
    classes
        Names of the classes; None numbers them.
    y
        Where the point starts, on the plane; None puts it on the first code. The trait follows the reader.
    dtype
        How the weights travel: ``"int8"``, ``"float16"`` or ``"float32"``. In int8 the codes of 2,000 digits of MNIST
        moved by 0.3 % of the plane's side at most, with an encoder 784-256-64-2.
    **text
        ``title``, ``hint``, ``caption``, ``label``.

    References
    ----------
    Hinton and Salakhutdinov, Reducing the Dimensionality of Data with Neural Networks, 2006.

    Examples
    --------
    >>> plane = CodePlane.example()
    >>> landing = plane.round_trip()
    >>> len(landing)
    2
    """

    _esm, _css = bundle(__file__)

    title = traitlets.Unicode("A plane with holes")
    hint = traitlets.Unicode(
        "Drag the point to where there are no dots: is that a digit? Then go round, until it settles."
    )
    caption = traitlets.Unicode(
        "Training asked that the code of each training image be decoded well, and nothing of the places between. Near "
        "the dots the picture is a digit, in a hole it often is none. Encoded again, it may have a code elsewhere: the "
        "arrow leads there. The usual gap is the median distance from a code to its nearest neighbor."
    )
    label = traitlets.Unicode(
        "Codes of training images as dots in the plane, with holes between them; beside it a picture decoded at a "
        "point, and the one at the code that this picture has."
    )
    height = traitlets.List(traitlets.Int(), [724, 692])

    networks: traitlets.List[Any] = traitlets.List()
    weights = traitlets.Bytes()
    image_shape = traitlets.List(traitlets.Int())
    codes = traitlets.Bytes()
    labels = traitlets.Bytes()
    classes = traitlets.List(traitlets.Unicode())
    center = traitlets.List(traitlets.Float())
    extent = traitlets.Float()
    gap = traitlets.Float()
    y = traitlets.List(traitlets.Float()).tag(link=lambda self: sides(self.center, self.extent))

    def __init__(
        self,
        encoder: nn.Module,
        decoder: nn.Module,
        *,
        image_shape: tuple[int, int, int],
        codes: Float[Tensor, "n 2"],
        labels: Int[Tensor, " n"],
        classes: Sequence[str] | None = None,
        y: Sequence[float] | None = None,
        dtype: str = "int8",
        **text: Any,
    ) -> None:
        shape = check_shape(image_shape)
        pair = pack_pair(encoder, decoder, shape, dtype, units=2)
        dots = pack_codes(codes, labels, classes)
        limits = [("coordinate", *ends) for ends in sides(dots["center"], dots["extent"])]
        self._pair = pair
        super().__init__(
            networks=[pair.specs],
            weights=pair.weights,
            image_shape=list(shape),
            y=check_numbers(codes[0].tolist() if y is None else y, "y", *limits),
            **dots,
            **text,
        )

    def round_trip(self) -> list[float]:
        """Return the code of what is decoded at ``y``, as the page computes it."""
        return self._pair.trip(self.y)

    @classmethod
    def _example(cls) -> dict[str, Any]:
        return coded_strokes()

    def _draw(self, figure: Figure) -> None:
        plane, here, there = figure.subplot_mosaic("aab\naac").values()
        landing = self.round_trip()
        draw_codes(plane, self, landing)
        show_image(here, self._pair.picture(self.y), "decoded at y")
        show_image(there, self._pair.picture(landing), "decoded at the landing")
