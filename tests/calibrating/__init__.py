"""How the calibration is made: what is asked, what is found, what is fitted to it.

`python -m calibrating DATA --stores STORES` does it from the development data.
"""
