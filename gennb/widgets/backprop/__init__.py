"""Explorables of the part on backpropagation."""

_HOME = {"GraphSteps": "graph_steps"}
