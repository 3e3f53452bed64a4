"""Explorables: figures that answer the reader, in JupyterLab, in Colab and in a page with no kernel behind it.

Each is an ``anywidget`` with its JavaScript in a file beside it::

    LatentPad(decoder, image_shape=(1, 28, 28), codes=z, labels=y)
    FaceSliders(encoder, decoder, image_shape=(3, 32, 32), directions={"smile": d}, origin=z0)
    Scrubber(decoders, codes=z, labels=y, steps=[0, 10, 100], betas=[0.1, 1, 10],
             reconstruction=r, kl=k, image_shape=(1, 14, 14))
    ElboGap(x=1.5)
    Duel(generator, discriminator, data=((0.5, -1.5, 0.6), (0.5, 1.5, 0.6)))
    OptimalDiscriminator(data=(-1.0, 0.8), model=(1.0, 1.1))
    LossGradients(theta=2.0, s=0.7)
    RingScrubber({"plain": points}, centers, 0.1, rounds=[0, 10, 100])

All take ``title``, ``hint``, ``caption`` and ``label``, and carry a still picture of their first state.
One more needs a kernel, a panel of knobs that trains again with other settings::

    TrainAgain(run, {"elbo": [...]}, n_latent=[20, 2, 5], epochs=(1, 20, 4))
"""

from .base import Explorable
from .duel import Duel
from .elbo import ElboGap
from .face_sliders import FaceSliders
from .latent_pad import LatentPad
from .loss_gradients import LossGradients
from .network import pack, unpack
from .optimal_discriminator import OptimalDiscriminator
from .panel import TrainAgain
from .ring_scrubber import RingScrubber
from .scrubber import Scrubber

__all__ = [
    "Duel",
    "ElboGap",
    "Explorable",
    "FaceSliders",
    "LatentPad",
    "LossGradients",
    "OptimalDiscriminator",
    "RingScrubber",
    "Scrubber",
    "TrainAgain",
    "pack",
    "unpack",
]
