"""Explorables of the part on Boltzmann machines."""

_HOME = {
    "ContrastiveSteps": "contrastive_steps",
    "DigitChain": "digit_chain",
    "FourUnits": "four_units",
}
