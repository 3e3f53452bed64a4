"""Variational autoencoders: the model, and a named function for each equation of their derivation."""

from gennb._pixels import (
    BernoulliPixels,
    GaussianPixels,
    bernoulli_log_likelihood,
    binarize,
    gaussian_log_likelihood,
)
from gennb.vae.derivation import (
    LinearGaussian,
    elbo_from_evidence,
    elbo_from_joint,
    elbo_from_reconstruction,
    elbo_sample,
    evidence_by_quadrature,
    posterior_divergence,
    posterior_divergence_by_bayes,
)
from gennb.vae.gaussian import (
    Gaussian,
    kl_monte_carlo,
    kl_to_standard_normal,
    reparameterize,
    standard_normal_log_prob,
)
from gennb.vae.gradients import pathwise_gradient, score_function_gradient
from gennb.vae.latent import directions, laplace_posterior, readouts
from gennb.vae.model import VAE

__all__ = [
    "VAE",
    "BernoulliPixels",
    "Gaussian",
    "GaussianPixels",
    "LinearGaussian",
    "bernoulli_log_likelihood",
    "binarize",
    "directions",
    "elbo_from_evidence",
    "elbo_from_joint",
    "elbo_from_reconstruction",
    "elbo_sample",
    "evidence_by_quadrature",
    "gaussian_log_likelihood",
    "kl_monte_carlo",
    "kl_to_standard_normal",
    "laplace_posterior",
    "pathwise_gradient",
    "posterior_divergence",
    "posterior_divergence_by_bayes",
    "readouts",
    "reparameterize",
    "score_function_gradient",
    "standard_normal_log_prob",
]
