"""Explorables: figures that answer the reader, in JupyterLab, in Colab and in a page with no kernel behind it.

Each is an ``anywidget`` with its JavaScript in a file beside it::

    LatentPad(decoder, image_shape=(1, 28, 28), codes=z, labels=y)
    FaceSliders(encoder, decoder, image_shape=(3, 32, 32), directions={"smile": d}, origin=z0)
    Scrubber(decoders, codes=z, labels=y, steps=[0, 10, 100], betas=[0.1, 1, 10],
             reconstruction=r, kl=k, image_shape=(1, 14, 14))
    ElboGap(x=1.5)

All take ``title``, ``hint``, ``caption`` and ``label``, and carry a still picture of their first state.
"""

from .base import Explorable
from .elbo import ElboGap
from .face_sliders import FaceSliders
from .latent_pad import LatentPad
from .network import pack, unpack
from .scrubber import Scrubber

__all__ = ["ElboGap", "Explorable", "FaceSliders", "LatentPad", "Scrubber", "pack", "unpack"]
