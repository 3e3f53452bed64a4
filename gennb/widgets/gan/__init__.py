"""Explorables of the part on generative adversarial networks."""

_HOME = {
    "Duel": "duel",
    "LossGradients": "loss_gradients",
    "OptimalDiscriminator": "optimal_discriminator",
    "RingScrubber": "ring_scrubber",
    "SampleSize": "sample_size",
}
