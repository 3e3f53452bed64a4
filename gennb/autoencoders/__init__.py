"""Autoencoders: data through a code and back, by a bottleneck, by few active units, or out of noise."""

from gennb._pixels import GaussianValues
from gennb.autoencoders.corruption import Corruption, GaussianNoise, Masking, SaltAndPepper
from gennb.autoencoders.denoising import DenoisingAutoencoder, autocorrelation_time, psnr
from gennb.autoencoders.linear import principal_angles, principal_components
from gennb.autoencoders.model import Autoencoder, ConvAutoencoder
from gennb.autoencoders.sparse import KLSparsity, L1Sparsity, SparseAutoencoder
from gennb.autoencoders.stacked import Classifier, StackedAutoencoder

__all__ = [
    "Autoencoder",
    "Classifier",
    "ConvAutoencoder",
    "Corruption",
    "DenoisingAutoencoder",
    "GaussianNoise",
    "GaussianValues",
    "KLSparsity",
    "L1Sparsity",
    "Masking",
    "SaltAndPepper",
    "SparseAutoencoder",
    "StackedAutoencoder",
    "autocorrelation_time",
    "principal_angles",
    "principal_components",
    "psnr",
]
