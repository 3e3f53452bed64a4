"""Explorables of the part on history."""

_HOME = {
    "MemoryCanvas": "memory_canvas",
    "PerceptronPlane": "perceptron_plane",
    "ThresholdUnit": "threshold_unit",
    "UnfoldingMap": "unfolding_map",
}
