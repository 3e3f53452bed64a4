"""A generator against a discriminator over one dimension, training live in the page."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, get_args

import torch
import traitlets
from torch import Tensor, nn

from gennb._validate import check_choice, check_count, check_kind, check_number
from gennb.widgets.kit.base import Explorable
from gennb.widgets.kit.bundle import bundle
from gennb.widgets.kit.checks import check_numbers
from gennb.widgets.kit.maths import grid, normal
from gennb.widgets.kit.network import Layer, pack, unpack
from gennb.widgets.kit.still import HUES, LINE, draw_lines

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Loss = Literal["minimax", "non-saturating", "wasserstein"]
Optimizer = Literal["adam", "sgd"]
Prior = Literal["normal", "uniform"]
Hump = tuple[float, float, float]

VIEW = 5.0
NOISE = 2.5
MEANS = (-4.0, 4.0)
WIDTHS = (0.3, 1.5)
RATES = (1e-4, 0.1)
SPEEDS = (1, 2, 5, 10, 30, 60, 120, 300, 600, 1200)
MOST_STEPS = 5
BELOW_ONE = 1 - 1e-9
MOST_PARAMETERS = 5000
MOST_IN_A_BATCH = 1024
TRAINABLE = (nn.Linear, nn.Tanh, nn.ReLU, nn.LeakyReLU, nn.Sequential)


class Duel(Explorable):
    """Watch a generator and a discriminator learn against each other, and disturb them while they do.

    The page trains both by Algorithm 1, with Adam as ``gennb.gan.GAN`` does under ``gennb.train.fit``: the same losses,
    the same order of steps, the same update. Its batches come from a seeded generator of its own, so Reset and Play
    repeat a run.

    Parameters
    ----------
    generator, discriminator
        Chains of ``Linear``, ``Tanh``, ``ReLU`` and ``LeakyReLU`` from one number to one number, with at most 5,000
        parameters each; the discriminator ends in a logit. Their weights are where every run of the page starts.
    data
        One or two Gaussians (weight, mean, standard deviation): means in [-4, 4], deviations in [0.3, 1.5], weights in
        any unit. The reader drags the means.
    loss
        What the generator lowers: ``"minimax"``, ``"non-saturating"``, or ``"wasserstein"``, where the discriminator
        becomes a critic.
    k
        Steps of the discriminator in a round, 1 to 5.
    lr
        Learning rates (discriminator, generator), in [0.0001, 0.1]. The traits ``data``, ``loss``, ``k``, ``lr`` and
        ``optimizer`` follow the reader.
    optimizer
        Of the generator: ``"adam"``, or ``"sgd"`` for plain gradient steps, which shows where a loss is flat. The
        discriminator always has Adam.
    betas
        Of Adam. With momentum, as with (0.5, 0.999), the players circle more; with a long memory of small slopes, as
        with (0, 0.999), they leap when the data move.
    prior
        ``"normal"``: z ~ N(0, 1). ``"uniform"``: on [−√3, √3], which has the same variance.
    batch_size
        Examples in a batch of data, and as many of z.
    clip
        Largest weight of a Wasserstein critic.
    speed
        Rounds a second, 1 to 1,200.
    **text
        ``title``, ``hint``, ``caption``, ``label``.

    References
    ----------
    Goodfellow et al., Generative Adversarial Nets, 2014, algorithm 1 and figure 1. Book: alg-gan, fig-gan-1.

    Examples
    --------
    >>> def player():
    ...     return nn.Sequential(
    ...         nn.Linear(1, 16), nn.Tanh(), nn.Linear(16, 16), nn.Tanh(), nn.Linear(16, 1)
    ...     )
    >>> Duel(player(), player(), data=((1, -1.5, 0.6), (1, 1.5, 0.6))).data
    [[0.5, -1.5, 0.6], [0.5, 1.5, 0.6]]
    """

    _esm, _css = bundle(__file__)
    limits = traitlets.Dict(
        {
            "k": (1, MOST_STEPS),
            "mean": MEANS,
            "noise": NOISE,
            "rate": RATES,
            "speeds": SPEEDS,
            "view": VIEW,
            "width": WIDTHS,
        }
    )

    title = traitlets.Unicode("A duel in one dimension")
    hint = traitlets.Unicode(
        "Press Play. Once the generator has found the data, drag a hump away, let go, and see who notices first."
    )
    caption = traitlets.Unicode(
        "D rises where data are more frequent than G's samples, and G moves its samples to where D is high. Below, "
        "arrows show where G puts evenly likely values of z: they crowd where its density is high. When both "
        "densities agree, D is ½ everywhere."
    )
    label = traitlets.Unicode(
        "Above, over x, the density of the data, the density of the generator's samples, and the discriminator between "
        "0 and 1. Below, arrows from values of z to x = G(z)."
    )
    height = traitlets.List(traitlets.Int(), [820, 775])

    generator: traitlets.List[Any] = traitlets.List()
    generator_weights = traitlets.Bytes()
    discriminator: traitlets.List[Any] = traitlets.List()
    discriminator_weights = traitlets.Bytes()
    data: traitlets.List[Any] = traitlets.List().tag(link=lambda duel: _link_humps(duel.data))
    loss = traitlets.Unicode().tag(link={"any": get_args(Loss)})
    k = traitlets.Int().tag(link={"any": [*range(1, MOST_STEPS + 1)]})
    lr = traitlets.List(traitlets.Float()).tag(link=[RATES, RATES])
    optimizer = traitlets.Unicode().tag(link={"any": get_args(Optimizer)})
    betas = traitlets.List(traitlets.Float())
    prior = traitlets.Unicode()
    batch_size = traitlets.Int()
    clip = traitlets.Float()
    speed = traitlets.Int().tag(link={"any": SPEEDS})

    def __init__(
        self,
        generator: nn.Module,
        discriminator: nn.Module,
        *,
        data: Sequence[Hump] = ((0.5, -1.5, 0.6), (0.5, 1.5, 0.6)),
        loss: Loss = "non-saturating",
        k: int = 1,
        lr: tuple[float, float] = (0.02, 0.002),
        optimizer: Optimizer = "adam",
        betas: tuple[float, float] = (0.0, 0.9),
        prior: Prior = "normal",
        batch_size: int = 128,
        clip: float = 0.3,
        speed: int = 60,
        **text: Any,
    ) -> None:
        spec_g, weights_g = _pack_player(generator, "generator")
        spec_d, weights_d = _pack_player(discriminator, "discriminator")
        super().__init__(
            generator=spec_g,
            generator_weights=weights_g,
            discriminator=spec_d,
            discriminator_weights=weights_d,
            data=_check_humps(data),
            loss=check_choice(loss, "loss", get_args(Loss)),
            k=check_count(k, "k", most=MOST_STEPS),
            lr=check_numbers(lr, "lr", ("rate of D", *RATES), ("rate of G", *RATES)),
            optimizer=check_choice(optimizer, "optimizer", get_args(Optimizer)),
            betas=check_numbers(betas, "betas", ("decay", 0, BELOW_ONE), ("decay", 0, BELOW_ONE)),
            prior=check_choice(prior, "prior", get_args(Prior)),
            batch_size=check_count(batch_size, "batch_size", most=MOST_IN_A_BATCH),
            clip=check_number(clip, "clip", above=0),
            speed=check_count(speed, "speed", most=SPEEDS[-1]),
            **text,
        )

    @classmethod
    def _example(cls) -> dict[str, Any]:
        def player() -> nn.Module:
            return nn.Sequential(
                *(nn.Linear(1, 16), nn.Tanh(), nn.Linear(16, 16), nn.Tanh(), nn.Linear(16, 1))
            )

        return {"generator": player(), "discriminator": player()}

    def _draw(self, figure: Figure) -> None:
        G = unpack(self.generator, self.generator_weights)
        D = unpack(self.discriminator, self.discriminator_weights)
        ends = grid(-VIEW, VIEW, 241)
        x, width = (ends[1:] + ends[:-1]) / 2, 2 * VIEW / 240
        made = G(self._quantiles(20_000))
        q = torch.histogram(made.double(), ends).hist / len(made) / width
        p = sum(weight * normal(x, mean, std) for weight, mean, std in self.data)
        judged = D(x.float()[:, None]).flatten()
        above, below = figure.subplots(2, 1, height_ratios=(2.1, 1))
        if critic := self.loss == "wasserstein":
            spread = (judged.max() - judged.min()).clamp_min(1e-9)
            own = "critic f(x), scaled", 0.05 + 0.9 * (judged - judged.min()) / spread
        else:
            own = "discriminator D(x)", judged.sigmoid()
            above.axhline(0.5, color=LINE, lw=0.8, zorder=0)
        lines = {"data": ("data p(x)", p), "model": ("generator $p_g(x)$", q), "own": own}
        draw_lines(above, x, lines, fills=["data", "model"])
        above.set(ylim=(0, 1.12), xlabel="x", yticks=[] if critic else [0, 0.5, 1])
        z = self._quantiles(21)
        arrow = {"arrowstyle": "->", "color": HUES["model"], "lw": 0.8, "shrinkB": 0}
        for start, end in torch.cat([z / NOISE, G(z) / VIEW], dim=1).tolist():
            below.annotate("", (end, 1), (start, 0), arrowprops=arrow, annotation_clip=False)
        ticks = range(-2, 3)
        below.set(xlim=(-1, 1), ylim=(0, 1), yticks=[], xlabel="z")
        below.set_xticks([t / NOISE for t in ticks], [f"{t}" for t in ticks])
        below.spines["top"].set_visible(True)

    def _quantiles(self, count: int) -> Tensor:
        """Values of z between which the prior has equal mass, (count, 1)."""
        chance = (torch.arange(count, dtype=torch.float32)[:, None] + 0.5) / count
        normal_z: Tensor = torch.special.ndtri(chance)
        return normal_z if self.prior == "normal" else math.sqrt(3) * (2 * chance - 1)


def _pack_player(module: nn.Module, name: str) -> tuple[list[Layer], bytes]:
    """Pack a network of the game in float32."""
    check_kind(module, name, nn.Module, "Give a torch.nn.Sequential.")
    for layer in module.modules():
        if type(layer) not in TRAINABLE or getattr(layer, "bias", layer) is None:
            raise TypeError(
                f"{name}: the page cannot train {layer}. Use torch.nn.Sequential with Linear layers "
                "(bias and all), Tanh, ReLU and LeakyReLU."
            )
    count = sum(p.numel() for p in module.parameters())
    if count > MOST_PARAMETERS:
        raise ValueError(
            f"{name}: expected at most {MOST_PARAMETERS} parameters for a smooth page, got {count}."
        )
    try:
        spec, weights = pack(module, 1, "float32")
    except (TypeError, ValueError) as error:
        raise type(error)(f"{name}: {error}") from None
    if spec[-1]["shape"] != [1] or count == 0:
        raise ValueError(f"{name}: expected a chain from 1 number to 1, got {spec[-1]['shape']}.")
    return spec, weights


def _link_humps(data: list[list[float]]) -> dict[str, Any]:
    """One or two humps, which keep their weights."""
    shares = [weight for weight, _, _ in data] if len(data) == 2 else [0.5, 0.5]
    return {"any": [[[(w, w), MEANS, WIDTHS] for w in weights] for weights in ([1.0], shares)]}


def _check_humps(data: Any) -> list[list[float]]:
    """Return one or two humps with weights that sum to one."""
    if not isinstance(data, Sequence) or isinstance(data, str) or len(data) not in (1, 2):
        raise TypeError(
            f"data: expected one or two humps (weight, mean, standard deviation), got {data!r}."
        )
    kind = ("weight", 1e-6, 1e6), ("mean", *MEANS), ("standard deviation", *WIDTHS)
    humps = [check_numbers(hump, "data", *kind) for hump in data]
    total = sum(weight for weight, _, _ in humps)
    return [[weight / total, mean, std] for weight, mean, std in humps]
