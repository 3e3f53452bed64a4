"""Learning and annealing of one restricted Boltzmann machine, side by side, with the likelihood that each run reached.

All train 784 visible and 500 hidden units from small random weights on the same binary images, in batches of 100 and
in float32, for the same number of epochs, of which the first is not timed:

- ``pcd``, `gennb.train.fit` on `gennb.boltzmann.RBM` with PCD-1 and 100 chains;
- ``sklearn``, `sklearn.neural_network.BernoulliRBM`: PCD-1, as many chains;
- ``rbms``, PCD-1 by ``rbms.training.pcd.fit_batch_pcd`` without centering, which scales each gradient to length one;
- ``cd``, `gennb.train.fit` with CD-1;
- ``learnergy``, CD-1 by its ``fit``;
- ``products``, nothing but the six matrix products of a step of ``pcd``: what this machine allows.

Then log Z of one trained machine by annealing, with equally many chains and temperatures, by gennb and rbms.

The peers are learnergy 2.0.2, rbms 0.5.0 (``pip install "gennb[bench]"``) and scikit-learn.

    python benchmarks/boltzmann.py [--runs 5] [--epochs 3] [--threads 2] [--device cpu]
"""

from __future__ import annotations

import importlib.util
import math
import warnings

import torch
from side_by_side import BATCH_SIZE, IMAGES, Tick, alternate, report, throughput
from sklearn.neural_network import BernoulliRBM
from torch import Tensor
from torch.utils.data import TensorDataset

from gennb.boltzmann import (
    RBM,
    ContrastiveDivergence,
    Learning,
    PersistentContrastiveDivergence,
)
from gennb.data import Dataset, load
from gennb.train import fit

UNITS = 784, 500
LEARNING_RATE = 0.05
TEMPERATURES, CHAINS = 1000, 100


def binary(images: Dataset) -> Tensor:
    return (images.x.flatten(1) > 0.5).float()


def machine(W: Tensor, b: Tensor, c: Tensor) -> RBM:
    rbm = RBM(*UNITS).to(W.device)
    rbm.load_state_dict({"W": W, "b": b, "c": c})
    return rbm


def train_by(learning: Learning, x: Tensor, epochs: int, tick: Tick) -> RBM:
    rbm = RBM(*UNITS, learning=learning)
    options = {"batch_size": BATCH_SIZE, "lr": LEARNING_RATE, "device": x.device}
    fit(rbm, x, epochs=epochs, evaluate=lambda: tick() or {}, progress=False, **options)
    return rbm


def train_pcd(x: Tensor, epochs: int, tick: Tick) -> RBM:
    return train_by(PersistentContrastiveDivergence(1, momentum=0.0), x, epochs, tick)


def train_cd(x: Tensor, epochs: int, tick: Tick) -> RBM:
    return train_by(ContrastiveDivergence(1, momentum=0.0), x, epochs, tick)


def train_sklearn(x: Tensor, epochs: int, tick: Tick) -> RBM:
    class Peer(BernoulliRBM):
        seen = 0

        def _fit(self, v: object, random_state: object) -> None:
            super()._fit(v, random_state)
            self.seen += 1
            if self.seen % (IMAGES // BATCH_SIZE) == 0:
                tick()

    options = {"learning_rate": LEARNING_RATE, "batch_size": BATCH_SIZE, "n_iter": epochs}
    peer = Peer(UNITS[1], random_state=torch.randint(2**31, ()).item(), **options)
    peer.fit(x.cpu().numpy())
    weights = peer.components_.T.copy(), peer.intercept_visible_, peer.intercept_hidden_
    return machine(*(torch.from_numpy(w).float() for w in weights))


def train_rbms(x: Tensor, epochs: int, tick: Tick) -> RBM:
    from rbms.bernoulli_bernoulli.classes import BBRBM
    from rbms.training.pcd import fit_batch_pcd

    n, options = len(x), {"device": x.device}
    peer = BBRBM(
        0.01 * torch.randn(*UNITS, **options), *(torch.zeros(units, **options) for units in UNITS)
    )
    peer.init_grad()
    chains, weights = peer.init_chains(BATCH_SIZE), torch.ones(n, **options)
    optimizer = torch.optim.SGD(peer.parameters(), lr=LEARNING_RATE, maximize=True)
    with torch.no_grad():
        for _ in range(epochs):
            for index in torch.randperm(n).to(x.device).split(BATCH_SIZE):
                optimizer.zero_grad(set_to_none=False)
                batch = x[index], weights[index]
                chains, _ = fit_batch_pcd(batch, chains, peer, 1, 1.0, centered=False)
                optimizer.step()
            tick()
    return machine(peer.weight_matrix, peer.vbias, peer.hbias)


def train_learnergy(x: Tensor, epochs: int, tick: Tick) -> RBM:
    from learnergy.models import bernoulli

    peer = bernoulli.RBM(*UNITS, steps=1, learning_rate=LEARNING_RATE, use_gpu=x.is_cuda)
    peer.dump = lambda **_: tick()
    peer.fit(TensorDataset(x.cpu(), x.new_zeros(len(x)).cpu()), BATCH_SIZE, epochs)
    return machine(peer.W.detach(), peer.a.detach(), peer.b.detach())


def multiply(x: Tensor, epochs: int, tick: Tick) -> None:
    v, W = x[:BATCH_SIZE].clone(), torch.randn(*UNITS, device=x.device)
    h, slope = v @ W, torch.empty_like(W)
    for _ in range(epochs):
        for _ in range(len(x) // BATCH_SIZE):
            for _ in range(3):
                torch.mm(v, W, out=h)
            torch.mm(h, W.mT, out=v)
            for _ in range(2):
                torch.mm(v.mT, h, out=slope)
        tick()


CONTENDERS = {
    "pcd": train_pcd,
    "sklearn": train_sklearn,
    "rbms": train_rbms,
    "cd": train_cd,
    "learnergy": train_learnergy,
    "products": multiply,
}


def train(name: str, data: Dataset, epochs: int, tick: Tick) -> float:
    """Train one contender; return the mean log-likelihood of test images in nats, with log Z by annealing."""
    rbm = CONTENDERS[name](binary(data), epochs, tick)
    if rbm is None:
        return math.nan
    test = binary(load(data.name, "test", n=2_000).to(data.x.device))
    log_z = rbm.log_partition("ais", data=binary(data)).value
    return rbm.log_prob(test, log_z).mean().item()


def annealing(runs: int, device: str) -> None:
    """Anneal one machine by both."""
    torch.manual_seed(0)
    x = binary(load("mnist", n=IMAGES, fallback="strokes").to(device))
    rbm = train_pcd(x, 3, lambda: None)

    def ours() -> float:
        options = {"temperatures": TEMPERATURES, "chains": CHAINS}
        return rbm.log_partition("ais", data=x, **options).value.item()

    def theirs() -> float:
        from rbms.bernoulli_bernoulli.classes import BBRBM
        from rbms.partition_function.ais import compute_partition_function_ais

        peer = BBRBM(rbm.W.detach(), rbm.b.detach(), rbm.c.detach())
        return compute_partition_function_ais(CHAINS, TEMPERATURES, peer)

    contenders = {"gennb": ours, "rbms": theirs}
    seconds, results = alternate(runs, **contenders)
    quality = {name: f"  log Z {value:.2f}" for name, value in results.items()}
    report(
        f"log Z of {UNITS[1]} hidden units: {CHAINS} chains, {TEMPERATURES} temperatures",
        seconds,
        quality,
    )


if __name__ == "__main__":
    warnings.filterwarnings("ignore", category=FutureWarning)
    names = list(CONTENDERS)
    for peer in ("rbms", "learnergy"):
        if importlib.util.find_spec(peer) is None:
            names.remove(peer)
            print(f'{peer} is not installed: pip install "gennb[bench]" adds its row.')
    args = throughput(
        __doc__,
        names,
        train,
        against=("sklearn", "rbms", "learnergy", "products"),
        reached="log p(test), nats",
        epochs=3,
    )
    if "rbms" in names:
        annealing(args.runs, args.device)
