"""The paper-scale runs, shrunk until they take seconds: what they write is what the pages read."""

import json
import math

import pytest
import torch

from gennb import data, paper, train
from gennb.train.runtime import derive_seed, random_stream


@pytest.fixture
def small_mnist(monkeypatch):
    load = data.load
    monkeypatch.setattr(
        paper.data, "load", lambda name, split, n: load("strokes", split, n=n or 250)
    )
    monkeypatch.setattr(paper, "N_HELD_OUT", 40)


SMALL = ["--seeds", "2", "--epochs", "2", "--samples", "20", "--n-train", "300", "--n-test", "50"]


@pytest.mark.usefixtures("small_mnist")
def test_result_file_says_what_was_run(tmp_path, monkeypatch):
    monkeypatch.setenv("GENNB_DEVICE", "cpu")
    out = tmp_path / "new" / "result.json"
    assert paper.main(["vae", *SMALL, "--out", str(out)]) == out
    result = json.loads(out.read_text())
    assert result["command"].startswith("python -m gennb.paper vae --seeds 2")
    assert (result["device"], result["n_train"], result["n_test"]) == ("cpu", 300, 50)
    assert [run["seed"] for run in result["runs"]] == [0, 1]
    for run in result["runs"]:
        assert run["elbo"] < run["log_likelihood"] < 0
    assert result["runs"][0]["elbo"] != result["runs"][1]["elbo"]
    assert list(out.parent.iterdir()) == [out]


@pytest.mark.usefixtures("small_mnist")
def test_a_run_that_dies_leaves_no_file(tmp_path, monkeypatch):
    def broken(*_, **__):
        raise RuntimeError("out of memory")

    monkeypatch.setattr(paper.VAE, "log_likelihood", broken)
    with pytest.raises(RuntimeError, match="out of memory"):
        paper.main(["vae", *SMALL, "--out", str(tmp_path / "result.json")])
    assert not list(tmp_path.iterdir())


@pytest.mark.usefixtures("small_mnist")
def test_pretraining_is_ahead_where_labels_are_few(tmp_path, monkeypatch):
    monkeypatch.setenv("GENNB_DEVICE", "cpu")
    out = tmp_path / "result.json"
    some = ["--n-train", "1000", "--n-test", "300"]
    small = ["--seeds", "2", "--epochs", "7", "--steps", "60"]
    paper.main(["dbn-labels", *small, *some, "--out", str(out)])
    result = json.loads(out.read_text())
    assert (result["n_train"], result["n_test"], result["steps"]) == (1000, 300, 60)
    assert [run["seed"] for run in result["runs"]] == [0, 1]
    for run in result["runs"]:
        few, every = run["wrong"]
        assert (few["labels"], every["labels"]) == (100, 1000)
        assert 0 < every["pretrained"] < few["pretrained"] < few["random"] < 0.95


@pytest.mark.usefixtures("small_mnist")
def test_deep_autoencoders_are_compared_with_principal_components(tmp_path, monkeypatch):
    monkeypatch.setenv("GENNB_DEVICE", "cpu")
    out = tmp_path / "result.json"
    some = ["--n-train", "300", "--n-test", "100"]
    small = ["--seeds", "2", "--pretraining", "1", "--epochs", "3"]
    paper.main(["deep-autoencoder", *small, *some, "--out", str(out)])
    result = json.loads(out.read_text())
    assert (result["n_train"], result["n_test"]) == (300, 100)
    assert (result["pretraining"], result["epochs"]) == (1, 3)
    train_x, x = (
        data.load("strokes", split, n=n).x for split, n in (("train", 300), ("test", 100))
    )
    cloud = float((x - train_x.mean(0)).square().sum() / 100)
    assert 0 < result["principal_components"] < cloud / 2
    assert [run["seed"] for run in result["runs"]] == [0, 1]
    for run in result["runs"]:
        found = run["squared_error"]
        assert list(found) == ["greedy", "tuned", "logistic", "scaled", "rectified"]
        assert 0 < found["tuned"] < found["greedy"]
        assert 0 < found["rectified"] < cloud
    assert result["runs"][0]["squared_error"] != result["runs"][1]["squared_error"]


SMALL_GAN = ["--seeds", "2", "--epochs", "3", "--every", "2", "--samples", "60"]


@pytest.mark.usefixtures("small_mnist")
def test_parzen_file_says_what_was_run(tmp_path, monkeypatch):
    monkeypatch.setenv("GENNB_DEVICE", "cpu")
    out = tmp_path / "result.json"
    some = ["--n-train", "200", "--n-test", "50"]
    assert paper.main(["gan-parzen", *SMALL_GAN, *some, "--out", str(out)]) == out
    result = json.loads(out.read_text())
    assert result["command"].startswith("python -m gennb.paper gan-parzen --seeds 2")
    sizes = {name: result[name] for name in ("n_train", "n_validation", "n_test", "samples")}
    assert sizes == {"n_train": 200, "n_validation": 40, "n_test": 50, "samples": 60}
    assert "simultaneous" in result["updates"]
    assert [run["seed"] for run in result["runs"]] == [0, 1]
    widths = torch.logspace(-1, 0, 10, dtype=torch.float64).tolist()
    for run in result["runs"]:
        assert [checkpoint["epoch"] for checkpoint in run["checkpoints"]] == [2, 3]
        best = max(checkpoint["validation"] for checkpoint in run["checkpoints"])
        assert run["chosen"] in run["checkpoints"]
        assert run["chosen"]["validation"] == best
        for estimate in run["checkpoints"]:
            assert estimate["sigma"] in widths
            assert 0 < estimate["standard_error"] < 200
    first, second = (run["chosen"] for run in result["runs"])
    assert first != second
    reference = result["training_images"]
    for estimate in (first, second):  # barely trained, it is no match for the data
        assert estimate["test"] < reference["test"]

    images = data.load("strokes", "train", n=250).x.flatten(1).double()
    test = data.load("strokes", "test", n=50).x.flatten(1).double()
    windows = images[torch.randperm(200, generator=torch.Generator().manual_seed(0))[:60]]
    sigma = torch.tensor(reference["sigma"], dtype=torch.float64)
    constant = 392 * torch.log(2 * torch.pi * sigma**2)
    for examples, name in ((images[-40:], "validation"), (test, "test")):
        exponents = -torch.cdist(examples, windows).square() / (2 * sigma**2)
        each = exponents.logsumexp(1) - math.log(60) - constant
        assert reference[name] == pytest.approx(each.mean().item(), rel=1e-6)
    assert reference["standard_error"] == pytest.approx(each.std().item() / 50**0.5, rel=1e-6)


def test_nets_start_as_in_2014():
    torch.manual_seed(0)
    images = torch.rand(30, 1, 28, 28) * (torch.arange(28) > 3)
    model = paper._nets_of_2014(images)
    weights = {
        name: p.detach() for name, p in model.named_parameters() if p.ndim == 2 and p.numel() > 240
    }
    assert [tuple(w.shape) for w in weights.values()] == [
        (1200, 100),
        (1200, 1200),
        (784, 1200),
        (1200, 784),
        (1200, 240),
    ]
    for name, w in weights.items():
        bound = 0.05 if name.startswith("generator") else 0.005
        assert bound * 0.99 < w.abs().max() <= bound
        assert w.std().item() == pytest.approx(bound / 3**0.5, rel=0.02)
    *hidden, pixels = [p for n, p in model.generator.named_parameters() if n.endswith("bias")]
    assert not any(bias.any() for bias in hidden)
    torch.testing.assert_close(
        pixels.sigmoid(), images.mean(0).flatten().clamp(1e-7), atol=1e-6, rtol=0
    )
    assert not any(p.any() for n, p in model.discriminator.named_parameters() if n.endswith("bias"))
    z = model.noise(1000)
    assert z.shape == (1000, 100)
    assert 1.7 < z.abs().max() <= 3**0.5


def test_descent_is_momentum_written_by_hand():
    """Both costs at the same weights, the discriminator's halved; increments m v − rate · gradient, m from 0.5 on."""
    torch.manual_seed(0)
    images = torch.rand(200, 1, 28, 28)
    ours, mine = (paper._nets_of_2014(images).double() for _ in range(2))
    mine.load_state_dict(ours.state_dict())
    images = images.double()
    players = paper._players_of_2014(ours, updates=2)
    train.fit(
        ours, images, epochs=3, players=players, simultaneous=True, device="cpu", progress=False
    )

    increments = {p: torch.zeros_like(p) for p in mine.parameters()}
    G, D = mine.generator, mine.discriminator

    def noise():
        return 3**0.5 * (2 * torch.rand(100, 100, dtype=torch.float64) - 1)

    updates = 0
    with random_stream(derive_seed(0, 1, 0), torch.device("cpu")):
        for epoch in range(3):
            m = 0.5 + 0.2 * epoch / 249
            order = torch.Generator().manual_seed(derive_seed(0, 0, epoch))
            for index in torch.randperm(200, generator=order).split(100):
                rate = 0.1 * 1.000004**-updates
                d_fake = D(G(noise())).sigmoid()
                after = torch.get_rng_state()  # only the discriminator goes on to the images
                d_real = D(images[index]).sigmoid()
                value = d_real.log().mean() + (1 - d_fake).log().mean()
                costs = {D: -value / 2, G: -d_fake.log().mean()}
                slopes = [
                    (p, slope)
                    for side, cost in costs.items()
                    for p, slope in zip(
                        side.parameters(),
                        torch.autograd.grad(cost, list(side.parameters()), retain_graph=True),
                        strict=True,
                    )
                ]
                for p, slope in slopes:
                    increments[p] = m * increments[p] - rate * slope
                    p.data += increments[p]
                updates += 1
                torch.set_rng_state(after)
    for p, q in zip(ours.parameters(), mine.parameters(), strict=True):
        # PyTorch multiplies earlier increments by the present rate, which falls by four millionths in an update.
        torch.testing.assert_close(p, q, atol=1e-9, rtol=1e-6)


@pytest.mark.parametrize("protocol", ["vae", "gan-parzen"])
@pytest.mark.parametrize(
    ("bad", "words"),
    [(["--seeds", "0"], "at least 1"), (["--epochs", "x"], "invalid"), (["--what"], "--what")],
)
def test_bad_options_are_refused(protocol, bad, words, capsys):
    with pytest.raises(SystemExit):
        paper.main([protocol, *bad])
    assert words in capsys.readouterr().err


def test_each_protocol_has_a_file_of_its_own_in_the_working_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("vae", "gan_parzen"):
        monkeypatch.setattr(paper, name, lambda **_: {})
        paper.main([name.replace("_", "-")])
    files = sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*.json"))
    assert list(map(str, files)) == ["results/gan-parzen.json", "results/vae.json"]
