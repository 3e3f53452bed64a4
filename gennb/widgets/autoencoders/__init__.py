"""Explorables of the part on autoencoders."""

_HOME = {
    "CodePlane": "code_plane",
    "ManifoldWalk": "manifold_walk",
    "NoisePad": "noise_pad",
    "SparsityDial": "sparsity_dial",
}
