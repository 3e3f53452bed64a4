"""Explorables of the part on Boltzmann machines."""

_HOME = {
    "FourUnits": "four_units",
}
