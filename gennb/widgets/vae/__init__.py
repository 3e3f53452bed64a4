"""Explorables of the part on variational autoencoders."""

_HOME = {
    "ElboGap": "elbo",
    "FaceSliders": "face_sliders",
    "GradientVariance": "gradient_variance",
    "LatentPad": "latent_pad",
    "Scrubber": "scrubber",
}
