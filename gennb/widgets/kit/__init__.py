"""What explorables share, in Python, JavaScript and CSS."""

_HOME = {"Explorable": "base", "TrainAgain": "panel", "pack": "network", "unpack": "network"}
