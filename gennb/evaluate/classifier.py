"""The classifier through which this book looks at images of digits, in place of Inception."""

from __future__ import annotations

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from gennb._validate import check_count, check_images, check_kind
from gennb.data import Dataset
from gennb.train import Player, fit
from gennb.train.runtime import check_seed, derive_seed, random_stream

IMAGE_SHAPE = (1, 28, 28)
CLASSES = 10
CHUNK = 2_000
"""Images classified at once."""


class DigitClassifier(nn.Module):
    """A small convolutional network that tells ten classes of images (1, 28, 28) apart.

    Its `probabilities` go into `inception_score`, its `features` into `frechet_distance`. Published scores come from
    the Inception network, which was trained on photographs, or from some other classifier of digits, and each has a
    scale of its own. So figures from this one compare with each other alone, and only those of one and the same
    trained instance (the same images, epochs and seed); never set them beside published ones.

    A new one is untrained; `DigitClassifier.trained` makes one that knows its digits.
    """

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(  # 28x28 => 12x12 => 4x4
            nn.Conv2d(1, 16, 5, stride=2),
            nn.ReLU(),
            nn.Conv2d(16, 32, 5, stride=2),
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(32 * 4 * 4, 64),
            nn.SiLU(),  # smooth, so that no feature is the same for all images
        )
        self.head = nn.Linear(64, CLASSES)

    @classmethod
    def trained(cls, images: Dataset, *, epochs: int = 5, seed: int = 0) -> DigitClassifier:
        """Return one trained on labeled images, on the best device here, and left where the images are.

        The same seed gives the same on a CPU.

        Twenty thousand images of MNIST make it right on about 98 of 100 others.

        Parameters
        ----------
        images
            Images (N, 1, 28, 28) with labels from 0 to 9, such as ``gennb.data.load("mnist")``.
        epochs
            Passes over them.
        seed
            Of the initial weights and of the order of the images.

        Raises
        ------
        TypeError, ValueError
            No such data set, or an argument out of range.
        """
        check_kind(images, "images", Dataset, "Load one: gennb.data.load('mnist').")
        x = check_images(images.x, "images.x", IMAGE_SHAPE)
        y = _check_labels(images.y, "images.y", len(x))
        check_count(epochs, "epochs")
        with random_stream(derive_seed(check_seed(seed)), torch.device("cpu")):
            model = cls()
        player = Player("classifier", list(model.parameters()), model._loss, lr=2e-3)
        fit(model, (x.float(), y), epochs=epochs, seed=seed, players=[player], progress=False)
        return model.to(x.device).eval()

    def features(self, x: Float[Tensor, "n 1 28 28"]) -> Float[Tensor, "n 64"]:
        """What the last hidden layer makes of images in [0, 1]: 64 numbers each."""
        return self._chunks(x, self.body)

    def probabilities(self, x: Float[Tensor, "n 1 28 28"]) -> Float[Tensor, "n 10"]:
        """Probability of each class for images in [0, 1]."""
        return self._chunks(x, self.body, self.head).softmax(1)

    def accuracy(self, x: Float[Tensor, "n 1 28 28"], y: Int[Tensor, " n"]) -> float:
        """Share of the images whose most probable class is their label."""
        guesses = self.probabilities(x).argmax(1)
        labels = _check_labels(y, "y", len(guesses)).to(guesses.device)
        return float((guesses == labels).double().mean())

    @torch.no_grad()
    def _chunks(self, x: Tensor, *layers: nn.Module) -> Tensor:
        stack, weight = nn.Sequential(*layers), self.head.weight
        return torch.cat(
            [stack(c.to(weight)) for c in check_images(x, "x", IMAGE_SHAPE).split(CHUNK)]
        )

    def _loss(self, x: Tensor, y: Tensor) -> Tensor:
        return cross_entropy(self.head(self.body(x)), y)


def _check_labels(y: Tensor | None, name: str, n: int) -> Tensor:
    """Return ``y`` if it holds n labels from 0 to 9."""
    if not isinstance(y, Tensor) or y.dtype != torch.int64:
        got = y.dtype if isinstance(y, Tensor) else type(y).__name__
        raise TypeError(f"{name}: expected labels as a torch.int64 tensor, got {got}.")
    if y.shape != (n,):
        raise ValueError(
            f"{name}: expected one label for each of {n} images, got shape {tuple(y.shape)}."
        )
    if y.min() < 0 or y.max() >= CLASSES:
        raise ValueError(
            f"{name}: expected labels from 0 to {CLASSES - 1}, got {int(y.min())} to {int(y.max())}."
        )
    return y
