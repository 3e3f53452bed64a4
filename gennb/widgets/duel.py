"""A generator against a discriminator over one dimension, training live in the page."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal, get_args

import torch
import traitlets
from torch import nn

from gennb._validate import check_choice, check_count, check_kind, check_number, check_within

from .base import STYLE, Explorable, bundle, still_figure, to_png
from .network import Layer, pack, unpack
from .optimal_discriminator import CURVES

Loss = Literal["minimax", "non-saturating", "wasserstein"]
Optimizer = Literal["adam", "sgd"]
Prior = Literal["normal", "uniform"]
Hump = tuple[float, float, float]

VIEW = 5.0
NOISE = 2.5
MEANS = (-4.0, 4.0)
WIDTHS = (0.3, 1.5)
RATES = (1e-4, 0.1)
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
        Of Adam. With momentum, as with (0.5, 0.999), the players circle more.
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

    _esm = bundle("duel.js")
    _css = STYLE + CURVES

    title = traitlets.Unicode("A duel in one dimension").tag(sync=True)
    hint = traitlets.Unicode(
        "Press Play. Once the generator has found the data, drag a hump away from it, and see who notices first."
    ).tag(sync=True)
    caption = traitlets.Unicode(
        "D rises where data are more frequent than G's samples, and G moves its samples to where D is high. Below, "
        "arrows show where G puts evenly likely values of z: they crowd where its density is high. When both "
        "densities agree, D is ½ everywhere."
    ).tag(sync=True)
    label = traitlets.Unicode(
        "Above, over x, the density of the data, the density of the generator's samples, and the discriminator between "
        "0 and 1. Below, arrows from values of z to x = G(z)."
    ).tag(sync=True)
    height = traitlets.List(traitlets.Int(), [859, 1150]).tag(sync=True)

    generator: traitlets.List[Any] = traitlets.List().tag(sync=True)
    generator_weights = traitlets.Bytes().tag(sync=True)
    discriminator: traitlets.List[Any] = traitlets.List().tag(sync=True)
    discriminator_weights = traitlets.Bytes().tag(sync=True)
    data: traitlets.List[Any] = traitlets.List().tag(sync=True)
    loss = traitlets.Unicode().tag(sync=True)
    k = traitlets.Int().tag(sync=True)
    lr = traitlets.List(traitlets.Float()).tag(sync=True)
    optimizer = traitlets.Unicode().tag(sync=True)
    betas = traitlets.List(traitlets.Float()).tag(sync=True)
    prior = traitlets.Unicode().tag(sync=True)
    batch_size = traitlets.Int().tag(sync=True)
    clip = traitlets.Float().tag(sync=True)
    speed = traitlets.Int().tag(sync=True)

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
        betas: tuple[float, float] = (0.0, 0.999),
        prior: Prior = "normal",
        batch_size: int = 128,
        clip: float = 0.3,
        speed: int = 300,
        **text: Any,
    ) -> None:
        for rate in _check_pair(lr, "lr", "discriminator, generator"):
            check_within(rate, "lr", *RATES, "rate")
        if not all(0 <= beta < 1 for beta in _check_pair(betas, "betas", "mean, square")):
            raise ValueError(f"betas: expected two numbers in [0, 1), got {betas!r}.")
        spec_g, weights_g = _pack_player(generator, "generator")
        spec_d, weights_d = _pack_player(discriminator, "discriminator")
        super().__init__(
            generator=spec_g,
            generator_weights=weights_g,
            discriminator=spec_d,
            discriminator_weights=weights_d,
            data=_check_humps(data),
            loss=check_choice(loss, "loss", get_args(Loss)),
            k=check_count(k, "k", most=5),
            lr=[float(rate) for rate in lr],
            optimizer=check_choice(optimizer, "optimizer", get_args(Optimizer)),
            betas=[float(beta) for beta in betas],
            prior=check_choice(prior, "prior", get_args(Prior)),
            batch_size=check_count(batch_size, "batch_size", most=MOST_IN_A_BATCH),
            clip=check_number(clip, "clip", above=0),
            speed=check_count(speed, "speed", most=1200),
            **text,
        )
        self.still = self._draw_still()

    @torch.no_grad()
    def _draw_still(self) -> bytes:
        import numpy as np

        G = unpack(self.generator, self.generator_weights)
        D = unpack(self.discriminator, self.discriminator_weights)
        chance = (torch.arange(20_000) + 0.5) / 20_000
        x = torch.linspace(-VIEW, VIEW, 241)
        middle = (x[1:] + x[:-1]) / 2
        made = G(self._quantile(chance)[:, None]).flatten().numpy()
        q = np.histogram(made, x.numpy())[0] / len(made) / (2 * VIEW / 240)
        p = sum(
            weight * torch.distributions.Normal(mean, std).log_prob(middle).exp()
            for weight, mean, std in self.data
        )
        figure = still_figure(6.6, 4.4)
        above, below = figure.subplots(2, 1, height_ratios=(2.1, 1))
        for density, color, name in (
            (p, "#24292f", "data p(x)"),
            (q, "#c46a00", "generator $p_g(x)$"),
        ):
            above.plot(middle, density, color=color, label=name)
            above.fill_between(middle, density, color=color, alpha=0.11, lw=0)
        judged = D(middle[:, None]).flatten()
        if self.loss == "wasserstein":
            spread = (judged.max() - judged.min()).clamp_min(1e-9)
            above.plot(middle, 0.05 + 0.9 * (judged - judged.min()) / spread, color="#2a6fb0", lw=2)
            above.lines[-1].set_label("critic f(x), scaled")
            above.set_yticks([])
        else:
            above.plot(middle, judged.sigmoid(), color="#2a6fb0", lw=2, label="discriminator D(x)")
            above.axhline(0.5, color="#d5dae0", lw=0.8, zorder=0)
            above.set(yticks=[0, 0.5, 1])
        above.set(ylim=(0, 1.12), xlim=(-VIEW, VIEW), xlabel="x")
        above.legend(frameon=False, loc="upper right", fontsize=8)
        z = self._quantile((torch.arange(21) + 0.5) / 21)
        for start, end in zip(z.tolist(), G(z[:, None]).flatten().tolist(), strict=True):
            below.annotate(
                "",
                (end / VIEW, 1),
                (start / NOISE, 0),
                arrowprops={"arrowstyle": "->", "color": "#c46a00", "lw": 0.8, "shrinkB": 0},
                annotation_clip=False,
            )
        ticks = np.arange(-2, 3)
        below.set(xlim=(-1, 1), ylim=(0, 1), yticks=[], xticks=ticks / NOISE, xlabel="z")
        below.set_xticklabels([f"{t}" for t in ticks])
        for axes in (above, below):
            axes.spines[["right", "left"]].set_visible(False)
            axes.tick_params(length=0)
        above.spines["top"].set_visible(False)
        return to_png(figure)

    def _quantile(self, chance: torch.Tensor) -> torch.Tensor:
        """Values of z below which the prior has the given mass."""
        if self.prior == "normal":
            normal: torch.Tensor = torch.special.ndtri(chance)
            return normal
        return math.sqrt(3) * (2 * chance - 1)


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


def _check_pair(value: Any, name: str, what: str) -> tuple[float, float]:
    if not isinstance(value, Sequence) or isinstance(value, str) or len(value) != 2:
        raise TypeError(f"{name}: expected two numbers ({what}), got {value!r}.")
    first, second = (check_number(v, name) for v in value)
    return first, second


def _check_humps(data: Any) -> list[list[float]]:
    """Return one or two humps with weights that sum to one."""
    if not isinstance(data, Sequence) or isinstance(data, str) or len(data) not in (1, 2):
        raise TypeError(
            f"data: expected one or two humps (weight, mean, standard deviation), got {data!r}."
        )
    humps = []
    for hump in data:
        if not isinstance(hump, Sequence) or isinstance(hump, str) or len(hump) != 3:
            raise TypeError(f"data: expected (weight, mean, standard deviation), got {hump!r}.")
        weight, mean, std = hump
        humps.append(
            [
                check_number(weight, "data", above=0),
                check_within(mean, "data", *MEANS, "mean"),
                check_within(std, "data", *WIDTHS, "standard deviation"),
            ]
        )
    total = sum(weight for weight, _, _ in humps)
    return [[weight / total, mean, std] for weight, mean, std in humps]
