"""Explorables: figures that answer the reader, in JupyterLab, in Colab and in a page with no kernel behind it.

Each is an ``anywidget`` with its JavaScript in a file beside it, in the folder of its part of the book; ``kit`` holds
what they share. ``ThresholdUnit``, ``PerceptronPlane``, ``MemoryCanvas`` and ``UnfoldingMap`` belong to history,
``FourUnits``, ``DigitChain`` and ``ContrastiveSteps`` to Boltzmann machines, ``CodePlane``, ``SparsityDial``,
``NoisePad`` and ``ManifoldWalk`` to autoencoders, ``LatentPad``, ``FaceSliders``, ``Scrubber``, ``ElboGap`` and
``GradientVariance`` to variational ones, ``Duel``, ``OptimalDiscriminator``, ``LossGradients``, ``RingScrubber`` and
``SampleSize`` to adversarial games::

    ElboGap(x=1.5)
    LatentPad(decoder, image_shape=(1, 28, 28), codes=z, labels=y)

All take ``title``, ``hint``, ``caption`` and ``label``, carry a still picture of their first state, and have a small
``example()``. One more needs a kernel, a panel of knobs that trains again with other settings::

    TrainAgain(run, {"elbo": [...]}, n_latent=[20, 2, 5], epochs=(1, 20, 4))
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from typing import Any

# Each folder says in a literal ``_HOME`` where its names live; they load when they are first used.
_HOMES = {
    name: f"{__name__}.{folder.name}.{module}"
    for folder in iter_modules(__path__)
    for name, module in import_module(f"{__name__}.{folder.name}")._HOME.items()
}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
