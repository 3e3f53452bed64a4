"""The Gibbs chain of a restricted Boltzmann machine, from a digit that the reader draws."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import traitlets
from jaxtyping import Float
from torch import Tensor

from gennb._validate import check_count
from gennb.widgets.boltzmann.restricted import follow, pack_machine, small_machine, unpack_machine
from gennb.widgets.kit.base import Explorable, Number
from gennb.widgets.kit.bundle import bundle
from gennb.widgets.kit.pictures import check_picture_shape, check_pictures, from_rows
from gennb.widgets.kit.still import LINE, as_pixels

if TYPE_CHECKING:
    from matplotlib.figure import Figure

STILL = (1, 10, 100)  # steps of the chain in the still picture


class DigitChain(Explorable):
    """Draw a digit, and let the Gibbs chain of a restricted Boltzmann machine run from there.

    The weights travel in int8, with a scale for each hidden unit. On 2,000 digits of MNIST and a machine of 200 hidden
    units this moved the inputs of these, which spread by 7.4, by 0.14 at most, and free energies of about −280 nats by
    0.4 at most.

    Parameters
    ----------
    rbm
        A ``gennb.boltzmann.RBM`` with at most 1,000 hidden units: W (pixels, hidden), b (pixels,), c (hidden,).
    starts
        Up to ten pictures of zeros and ones that the reader may begin with, (n, pixels) or (n, 1, height, width); the
        first one is there when the page opens.
    image_shape
        (1, height, width), with sides of at most 32 pixels.
    unit
        Whose filter is shown, from 1; 0 is the hidden unit with the largest input.
    temperature
        In [0.2, 3].
    speed
        Steps a second, 1 to 60. Like ``unit``, ``temperature`` and ``drawing``, which has a number for each row of
        the drawing, its leftmost pixel the leading binary digit, this trait follows the reader.
    **text
        ``title``, ``hint``, ``caption``, ``label``.

    References
    ----------
    Smolensky, Information Processing in Dynamical Systems: Foundations of Harmony Theory, 1986.
    Hinton, Training Products of Experts by Minimizing Contrastive Divergence, 2002. Book: alg-block-gibbs.

    Examples
    --------
    >>> chain = DigitChain.example()
    >>> chain.picture().shape
    torch.Size([28, 28])
    """

    _esm, _css = bundle(__file__)

    title = traitlets.Unicode("The machine redraws your digit")
    hint = traitlets.Unicode(
        "Draw a digit or begin with one below, and press Play. Then heat the machine, and it forgets."
    )
    caption = traitlets.Unicode(
        "Each step draws all hidden units given the pixels, then all pixels given the hidden units. A unit that is on "
        "adds its filter to the pixels' inputs; the ink says how probable each pixel is. Given time, the chain may go "
        "from one digit to another. Try an empty pad, too."
    )
    label = traitlets.Unicode(
        "A digit, and what the chain of a machine has made of it after 1, 10 and 100 steps."
    )
    height = traitlets.List(traitlets.Int(), [592, 799])

    network: traitlets.List[Any] = traitlets.List()
    weights = traitlets.Bytes()
    bias = traitlets.Bytes()
    image_shape = traitlets.List(traitlets.Int())
    starts: traitlets.List[Any] = traitlets.List()
    drawing = traitlets.List(traitlets.Int()).tag(
        link=lambda self: [[0, 2 ** self.image_shape[2] - 1]] * self.image_shape[1]
    )
    unit = traitlets.Int().tag(link=lambda self: [0, *self.network[0]["shape"]])
    temperature = Number(1.0, 0.2, 3.0)
    speed = Number(4.0, 1.0, 60.0)

    def __init__(
        self,
        rbm: Any,
        starts: Float[Tensor, "n ..."],
        *,
        image_shape: tuple[int, int, int] = (1, 28, 28),
        unit: int = 0,
        temperature: float = 1.0,
        speed: float = 4.0,
        **text: Any,
    ) -> None:
        shape = check_picture_shape(image_shape)
        packed, pictures = pack_machine(rbm, shape), check_pictures(starts, "starts", shape)
        super().__init__(
            **packed,
            image_shape=list(shape),
            starts=pictures,
            drawing=pictures[0],
            unit=check_count(unit, "unit", least=0, most=packed["network"][0]["shape"][0]),
            temperature=temperature,
            speed=speed,
            **text,
        )

    def picture(self) -> Tensor:
        """Return the drawing as zeros and ones, (height, width)."""
        return from_rows(self.drawing, self.image_shape[2])

    @classmethod
    def _example(cls) -> dict[str, Any]:
        from gennb import data

        x = (data.load("strokes", n=500).x.flatten(1) > 0.5).float()
        return {"rbm": small_machine(x, 30), "starts": x[:10]}

    def _draw(self, figure: Figure) -> None:
        start, shape = self.picture(), self.image_shape[1:]
        machine = unpack_machine(self.network, self.weights, self.bias)
        pictures = [start, *follow(machine, start.flatten(), self.temperature, STILL)]
        names = ["the drawing", *(f"after {n} step{'s' * (n > 1)}" for n in STILL)]
        figure.set_figheight(2.0)
        for axes, picture, name in zip(figure.subplots(1, 4), pictures, names, strict=True):
            axes.imshow(as_pixels(picture.reshape(1, *shape)), vmin=0, vmax=1)
            axes.set(xticks=[], yticks=[], xlabel=name)
            axes.spines[:].set(visible=True, color=LINE)
