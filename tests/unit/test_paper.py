"""The paper-scale run, shrunk until it takes seconds: what it writes is what the page reads."""

import json

import pytest

from gennb import data, paper


@pytest.fixture
def small_mnist(monkeypatch):
    load = data.load
    monkeypatch.setattr(paper.data, "load", lambda name, split, n: load("strokes", split, n=n))


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


@pytest.mark.parametrize(
    ("bad", "words"),
    [(["--seeds", "0"], "at least 1"), (["--epochs", "x"], "invalid"), (["--what"], "--what")],
)
def test_bad_options_are_refused(bad, words, capsys):
    with pytest.raises(SystemExit):
        paper.main(["vae", *bad])
    assert words in capsys.readouterr().err
