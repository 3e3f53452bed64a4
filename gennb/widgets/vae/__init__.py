"""Explorables of the part on variational autoencoders."""

_HOME = {
    "ElboGap": "elbo",
    "FaceSliders": "face_sliders",
    "LatentPad": "latent_pad",
    "Scrubber": "scrubber",
}
