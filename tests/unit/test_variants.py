"""Variants are values and small classes: two conditional models, from the book's pieces, that obey their condition."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import one_hot

from gennb import data, evaluate, gan, networks, train, vae
from gennb._pixels import PixelLikelihood

CPU = torch.device("cpu")
SHAPE = (1, 8, 8)


def beside(x: Tensor, y: Tensor, classes: int = 10) -> Tensor:
    """Codes with their labels as more numbers, or images with them as more channels."""
    labels = one_hot(y, classes).to(x).view(-1, classes, *(1,) * (x.ndim - 2))
    return torch.cat([x, labels.expand(-1, -1, *x.shape[2:])], dim=1)


class ConditionalVAE(vae.VAE):
    """p(x|z, y) and q(z|x, y)."""

    def __init__(self, n_latent: int) -> None:
        channels, *side = SHAPE
        encoder = networks.mlp_encoder((channels + 10, *side), 2 * n_latent, (128,))
        decoder = networks.mlp_decoder(n_latent + 10, SHAPE, (128,))
        super().__init__(SHAPE, n_latent, encoder=encoder, decoder=decoder)

    def loss(self, x: Tensor, y: Tensor) -> Tensor:
        q = self.posterior(self.encoder(beside(x, y)))
        output = self.decoder(beside(q.at(q.noise())[0], y))
        return (q.kl() - self.likelihood.log_prob(x.flatten(1), output.flatten(1))).mean()

    def drawn(self, y: Tensor) -> Tensor:
        return self.likelihood.mean(self.decoder(beside(torch.randn(len(y), self.n_latent), y)))


class ConditionalGAN(gan.GAN):
    """A forger that is told what to draw, and a judge that knows what was asked for."""

    def fake(self, y: Tensor) -> Tensor:
        return self.generator(beside(self.noise(len(y)), y))

    def discriminator_loss(self, x: Tensor, y: Tensor) -> Tensor:
        with torch.no_grad():
            fake = self.fake(y)
        return self.loss.of_discriminator(lambda v: self.discriminator(beside(v, y)), x, fake)

    def generator_loss(self, x: Tensor, y: Tensor) -> Tensor:
        return self.loss.of_generator(lambda v: self.discriminator(beside(v, y)), x, self.fake(y))


@pytest.fixture(scope="module")
def digits() -> data.Dataset:
    return data.load("digits")


def obeys(drawn: Tensor, asked: Tensor, digits: data.Dataset) -> float:
    """Share of the images whose nearest digit in the training set has the label that was asked for."""
    _, nearest = evaluate.nearest_neighbours(drawn.detach(), digits.x)
    return float((digits.y[nearest] == asked).double().mean())


def test_a_conditional_autoencoder_draws_what_it_is_asked_for(digits):
    train.seed(0)
    model = ConditionalVAE(4)
    train.fit(model, digits, epochs=6, lr=5e-3, progress=False, device=CPU)
    asked = torch.arange(10).repeat_interleave(20)
    assert obeys(model.drawn(asked), asked, digits) > 0.9


@pytest.mark.parametrize("loss", ["non-saturating", "wasserstein-gp"])
def test_a_conditional_game_draws_what_it_is_asked_for(digits, loss):
    train.seed(0)
    generator = gan.mlp_generator(16 + 10, SHAPE, (128,), batch_norm=False)
    discriminator = gan.mlp_discriminator((11, 8, 8), (128,))
    model = ConditionalGAN(generator, discriminator, loss=loss, noise_shape=(16,), lr=(2e-3, 2e-3))
    train.fit(model, digits, epochs=30, progress=False, device=CPU)
    asked = torch.arange(10).repeat_interleave(20)
    assert obeys(model.fake(asked), asked, digits) > 0.7


def test_another_loss_is_another_value():
    """The hinge loss, which no name stands for; checked against its formula."""

    def hinge(real: Tensor, fake: Tensor) -> Tensor:
        return (1 - real).relu().mean() + (1 + fake).relu().mean()

    train.seed(0)
    loss = gan.AdversarialLoss(hinge, gan.wasserstein_loss)
    model = gan.GAN(gan.mlp((2, 8, 2)), gan.mlp((2, 8, 1)), loss=loss)
    ring = data.load("ring", n=400)
    judge, forger = (player.loss for player in model.players())
    torch.manual_seed(1)
    values = judge(ring.x), forger(ring.x)
    torch.manual_seed(1)
    real, fake = model.discriminator(ring.x), model.discriminator(model.generator(model.noise(400)))
    torch.testing.assert_close(values[0], (1 - real).clamp_min(0).mean() + (1 + fake).relu().mean())
    again = model.discriminator(model.generator(model.noise(400)))
    torch.testing.assert_close(values[1], -again.mean())
    train.fit(model, ring, epochs=1, progress=False, device=CPU)


def test_other_pixels_are_another_value():
    """Laplace noise in place of Gauss's, against torch.distributions."""

    class LaplacePixels(PixelLikelihood):
        def log_prob(self, x, output, visible=None):
            law = torch.distributions.Laplace(self.mean(output), 0.1)
            return law.log_prob(x).sum(-1)

    train.seed(0)
    model = vae.VAE((1, 4, 4), 2, LaplacePixels(), hidden=(8,))
    x = torch.rand(3, 1, 4, 4)
    q = model.encode(x)
    z = q.at(q.noise(1, torch.Generator(CPU).manual_seed(0)))[0]
    law = torch.distributions.Laplace(model.decode(z), 0.1)
    expected = law.log_prob(x).flatten(1).sum(1) - q.kl()
    found = model.elbo(x, generator=torch.Generator(CPU).manual_seed(0))
    torch.testing.assert_close(found, expected)
    with pytest.raises(ValueError, match="binarize"):
        vae.VAE((1, 4, 4), 2, LaplacePixels(), binarize=True)


def test_networks_of_ones_own_take_the_place_of_the_named_ones():
    encoder = nn.Sequential(nn.Flatten(), nn.Linear(16, 6))
    decoder = nn.Sequential(nn.Linear(3, 16), nn.Unflatten(1, (1, 4, 4)))
    model = vae.VAE((1, 4, 4), 3, encoder=encoder, decoder=decoder)
    x = torch.rand(5, 1, 4, 4)
    mean, log_std = encoder(x).chunk(2, 1)
    torch.testing.assert_close(model.encode(x).std, log_std.exp())
    torch.testing.assert_close(model.reconstruct(x), decoder(mean).sigmoid())
    with pytest.raises(ValueError, match=r"encoder: .* 2 latent variables, got .* 3"):
        vae.VAE((1, 4, 4), 2, encoder=encoder).encode(x)
