"""One training loop for every model that learns by gradients; seeds, devices and budgets.

A model is a list of *players*, each with its parameters, its loss and its number of steps: a
variational autoencoder has one, an adversarial network two. :func:`gennb.train.fit` alternates them
and knows nothing else of the model; the model knows nothing of the loop::

    history = fit(vae, gennb.data.load("mnist"), epochs=10)
    history.plot()
"""

from gennb.train.history import History
from gennb.train.loop import fit
from gennb.train.player import Player
from gennb.train.runtime import budget, device, scale, seed

__all__ = ["History", "Player", "budget", "device", "fit", "scale", "seed"]
