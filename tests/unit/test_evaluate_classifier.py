"""The digit classifier knows its digits, the same ones twice, and orders sets of images as it should."""

import re

import pytest
import torch

from gennb import data
from gennb.evaluate import DigitClassifier, frechet_distance, inception_score
from gennb.evaluate import classifier as module
from gennb.train import seed


@pytest.fixture(scope="module")
def strokes():
    return data.load("strokes", n=3000), data.load("strokes", "test", n=1000)


@pytest.fixture(scope="module")
def classifier(strokes):
    return DigitClassifier.trained(strokes[0])


def test_it_knows_its_digits(classifier, strokes):
    test = strokes[1]
    accuracy = classifier.accuracy(test.x, test.y)
    assert accuracy > 0.95
    guesses = classifier.probabilities(test.x).argmax(1).cpu()
    assert accuracy == pytest.approx((guesses == test.y).float().mean().item(), abs=1e-6)


@pytest.mark.slow
def test_it_knows_digits_of_mnist():
    try:
        train, test = data.load("mnist", n=20_000), data.load("mnist", "test")
    except data.DataNotFoundError:
        pytest.skip("MNIST is not at hand")
    assert DigitClassifier.trained(train).accuracy(test.x, test.y) > 0.97


def test_the_same_seed_gives_the_same_and_leaves_the_random_stream(strokes):
    few = strokes[0][:200]
    first = DigitClassifier.trained(few, epochs=1, seed=3)
    seed(11)
    expected = torch.rand(1)
    seed(11)
    again = DigitClassifier.trained(few, epochs=1, seed=3)
    assert torch.equal(torch.rand(1), expected)
    other = DigitClassifier.trained(few, epochs=1, seed=4)
    assert torch.equal(first.head.weight, again.head.weight)
    assert not torch.equal(first.head.weight, other.head.weight)


def test_features_are_those_that_the_probabilities_come_from(classifier, strokes, monkeypatch):
    x = strokes[1].x[:50]
    features, probabilities = classifier.features(x), classifier.probabilities(x)
    assert features.shape == (50, 64)
    assert not features.requires_grad
    with torch.no_grad():
        torch.testing.assert_close(classifier.head(features).softmax(1), probabilities)
    monkeypatch.setattr(module, "CHUNK", 7)
    torch.testing.assert_close(classifier.features(x), features, rtol=1e-5, atol=1e-5)


def test_its_scores_order_sets_of_images(classifier, strokes):
    """Held-out images are nearer to the data than noisy ones, those than noise; one digit alone lacks variety."""
    train, test = strokes[0].x[:1000], strokes[1].x
    g = torch.Generator().manual_seed(0)
    noise = torch.rand(test.shape, generator=g)
    sets = [test, (test + 0.4 * noise).clamp(0, 1), noise]
    distances = [
        frechet_distance(classifier.features(train), classifier.features(x)).item() for x in sets
    ]
    assert 3 * distances[0] < distances[1]
    assert 3 * distances[1] < distances[2]
    scores = [inception_score(classifier.probabilities(x)).item() for x in (test, noise)]
    assert 8.5 < scores[0] <= 10
    assert scores[1] < 0.5 * scores[0]
    ones = test[strokes[1].y == 1]
    assert inception_score(classifier.probabilities(ones)).item() < 1.5


@pytest.mark.parametrize(
    ("error", "call", "words"),
    [
        (TypeError, lambda c, d: c.trained(d.x), "images: expected an instance of Dataset"),
        (ValueError, lambda c, d: c.trained(data.load("faces", n=2)), "images.x: expected shape"),
        (ValueError, lambda c, d: c.trained(d, epochs=0), "epochs: expected at least 1"),
        (ValueError, lambda c, d: c.trained(d, seed=-1), "seed: expected at least 0"),
        (ValueError, lambda c, d: c.features(d.x[0]), "x: expected shape (batch, 1, 28, 28)"),
        (ValueError, lambda c, d: c.probabilities(d.x - 1), "x: expected values in [0.0, 1.0]"),
        (ValueError, lambda c, d: c.accuracy(d.x, d.y[:3]), "y: expected one label for each of 5"),
        (ValueError, lambda c, d: c.accuracy(d.x, d.y + 9), "y: expected labels from 0 to 9"),
        (TypeError, lambda c, d: c.accuracy(d.x, d.y.float()), "y: expected labels as a torch."),
    ],
)
def test_bad_input_is_refused(error, call, words):
    with pytest.raises(error, match=re.escape(words)):
        call(DigitClassifier(), data.load("strokes", n=5))
