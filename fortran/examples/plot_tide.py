"""Draws the tide that north_sea.nml makes: amplitude and phase of M2, by a harmonic fit to the second day, and the last state.

    python3 fortran/examples/plot_tide.py data/north_sea_tide.nc tide.png     # needs numpy, xarray, netCDF4, matplotlib
"""

import sys

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import xarray as xr

M2 = 1.405189e-4  # rad/s

data = xr.open_dataset(sys.argv[1])
seconds = (data.time.values - data.time.values[0]) / np.timedelta64(1, "s")
late = seconds >= 86400
columns = np.stack([np.cos(M2 * seconds[late]), np.sin(M2 * seconds[late]), np.ones(late.sum())], axis=1)
zeta = np.nan_to_num(data.zeta.values[late]).reshape(late.sum(), -1)
cosine, sine, _ = np.linalg.lstsq(columns, zeta, rcond=None)[0]
wet = data.mask.values == 1
amplitude, phase = (np.where(wet, field.reshape(wet.shape), np.nan) for field in (np.hypot(cosine, sine), np.degrees(np.arctan2(sine, cosine)) % 360))

figure, axes = plt.subplots(1, 3, figsize=(13, 5.2), sharey=True, constrained_layout=True)
for axis, field, title, options in (
    (axes[0], amplitude, "amplitude of M2, m", {"cmap": "viridis", "vmin": 0, "vmax": 2.5}),
    (axes[1], phase, "phase of M2, degrees", {"cmap": "twilight", "vmin": 0, "vmax": 360}),
    (axes[2], data.zeta.values[-1], "elevation after two days, m", {"cmap": "RdBu_r", "vmin": -2, "vmax": 2}),
):
    mesh = axis.pcolormesh(data.lon, data.lat, field, **options)
    axis.set(title=title, xlabel="degrees east", aspect=1 / np.cos(np.radians(56)))
    figure.colorbar(mesh, ax=axis, shrink=0.8)
    axis.set_facecolor("0.85")
axes[0].set_ylabel("degrees north")
figure.savefig(sys.argv[2], dpi=80)
