"""Do other tools read our files as they are meant? One line for each file and property; exit code 1 if any fails.

    interop.py FOLDER     as scripts/interop.sh fills it: FOLDER/KIND/test/simulation_0000.nc in double precision

- compliance-checker finds nothing to report against CF-1.11, in its strict mode.
- xarray opens the file without a warning, with its coordinates and its calendar, and finds states evenly spaced.
- xgcm finds the C grid from the file's own attributes; the divergence of the volume flux that it computes on it closes the budget of
  the elevation, zeta' - zeta = -dt div(h ((1-w) u + w u')), at rounding.
- Velocities at cell centres are xgcm's means of those on the faces.
- CDO and NCO read the file without a warning; CDO computes with the velocities at cell centres as numpy does.
"""

import pathlib
import subprocess
import sys
import tempfile
import warnings

import numpy as np
import xarray as xr
import xgcm

TOOLS = pathlib.Path(sys.executable).parent


def output(*command):
    """What a command prints; one that fails, warns, or says anything on standard error, is an error."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    # CDO gives some of its warnings on standard output.
    doubts = ("warning", "error", "unsupported", "inconsistent", "failed")
    said = done.stderr.strip() + "".join(line for line in done.stdout.splitlines() if any(word in line.lower() for word in doubts))
    if done.returncode != 0 or said:
        raise AssertionError(f"{command[0]} ended with {done.returncode}: {said or done.stdout.strip()[-500:]}")
    return done.stdout


def conventions(path):
    # The checker names its input on standard error, so its report goes to a file.
    with tempfile.NamedTemporaryFile("r", suffix=".txt") as report:
        done = subprocess.run(
            [TOOLS / "compliance-checker", "--test=cf:1.11", "--criteria=strict", "--format=text", f"--output={report.name}", path],
            capture_output=True, text=True)
        text = report.read()
    assert done.returncode == 0 and "All tests passed!" in text, text + done.stderr
    return "nothing to report"


def opened(path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with xr.open_dataset(path) as data:
            return data.load()


def reading(path):
    data = opened(path)
    if "model_time" in data.dims:
        step = np.diff(data.model_time)
        assert data.X.dims == ("model_time", "k")
        assert "Y" not in data or data.Y.dims == ("model_time", "k", "j")
    else:
        step = np.diff(data.time) / np.timedelta64(1, "ns") * 1e-9
        assert np.issubdtype(data.time.dtype, np.datetime64)
        assert bool((data.zeta.isnull() == (data.mask == 0)).all()), "zeta is missing where, and only where, mask is 0"
        assert not data.u.isnull().any() and not data.v.isnull().any()
    assert np.allclose(step, data.time_step, rtol=1e-9, atol=0)
    return f"{', '.join(f'{name} {size}' for name, size in data.sizes.items() if name != 'bnds')}"


def staggered(data):
    """xgcm's grid, of what the file says of its axes alone; beyond the first face lies the closed edge."""
    grid = xgcm.Grid(data, autoparse_metadata=True, padding="fill", fill_value=0.0)
    found = {name: set(axis.coords) for name, axis in grid.axes.items() if name in "XY"}
    assert found == {"X": {"center", "right"}, "Y": {"center", "right"}}, found
    return grid


def centres(path):
    data = opened(path)
    grid = staggered(data)
    for name, faces, axis in (("u_center", data.u, "X"), ("v_center", data.v, "Y")):
        expected = grid.interp(faces, axis).where(data.mask == 1)
        assert data[name].dims == data.zeta.dims and data[name].equals(expected.transpose(*data.zeta.dims)), name
    return "the means of the two faces, missing on land"


def divergence(path):
    data = opened(path)
    if data.zeta.dtype != np.float64:
        raise AssertionError("the budget closes at rounding in double precision only")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        grid = staggered(data)
        # Land is missing in zeta; its faces are closed, so any depth does there.
        depth = (data.zeta + data.depth).where(data.mask == 1, 0.0).isel(time=slice(None, -1))
        w, dt = data.implicitness, data.time_step

        def flux(velocity, axis):
            old, new = velocity.isel(time=slice(None, -1)), velocity.isel(time=slice(1, None))
            return grid.interp(depth, axis) * ((1 - w) * old + w * new.assign_coords(time=old.time))

        inflow = -dt * (grid.diff(flux(data.u, "X"), "X") / data.dx + grid.diff(flux(data.v, "Y"), "Y") / data.dy)
    change = data.zeta.isel(time=slice(1, None)).assign_coords(time=inflow.time) - data.zeta.isel(time=slice(None, -1))
    error = float(abs(change - inflow).max() / abs(change).max())
    assert int(change.count()) == int((data.mask == 1).sum()) * (data.sizes["time"] - 1)
    assert error < 1e-12, f"the budget is open by {error:.1e} of the largest change"
    return f"closes to {error:.0e} of the largest change"


def cdo(path):
    return f"{len(output('cdo', 'sinfon', path).splitlines())} lines of sinfon, no warning"


def cdo_centres(path):
    data = opened(path)
    with tempfile.TemporaryDirectory() as folder:
        energy = f"{folder}/energy.nc"
        output("cdo", "-s", "-b", "F64", "-fldmax", "-expr,energy=0.5*(u_center*u_center+v_center*v_center)", path, energy)
        theirs = opened(energy).energy.values.ravel()
    ours = (0.5 * (data.u_center**2 + data.v_center**2)).max(data.zeta.dims[1:]).values
    error = float(np.abs(theirs - ours).max() / ours.max())
    assert error < 1e-14, f"kinetic energies differ by {error:.1e}"
    return f"largest kinetic energy to {error:.0e}"


def cdo_remapping(path):
    with tempfile.TemporaryDirectory() as folder:
        point = f"{folder}/point.nc"
        output("cdo", "-s", "-remapbil,lon=3/lat=56", "-selname,zeta,u_center,v_center", path, point)
        values = opened(point)
        assert all(np.isfinite(values[name]).all() for name in ("zeta", "u_center", "v_center"))
    return "bilinear, to 3 E 56 N"


def nco(path):
    output("ncks", "-m", path)
    with tempfile.TemporaryDirectory() as folder:
        mean = f"{folder}/mean.nc"
        name = "X" if "model_time" in opened(path).dims else "zeta"
        output("ncra", "-O", "-y", "max", "-v", name, path, mean)
        largest = float(opened(mean)[name].max())
    assert largest == float(opened(path)[name].max())
    return f"no warning, largest {name} as read"


COMMON = {"CF-1.11 strict": conventions, "xarray": reading, "cdo sinfon": cdo, "ncks -m, ncra": nco}
GRIDDED = {"xgcm divergence": divergence, "xgcm, centre velocities": centres, "cdo, centre velocities": cdo_centres}
KINDS = {
    "projected": COMMON | GRIDDED,
    "geographic": COMMON | GRIDDED | {"cdo remapbil": cdo_remapping},
    # No budget: elevations are given in cells of the open boundary.
    "forced": COMMON | {"xgcm, centre velocities": centres, "cdo, centre velocities": cdo_centres},
    "fortran_program": COMMON,
    "lorenz96_one_level": COMMON,
    "lorenz96_two_levels": COMMON,
}


def main(folder):
    failures = 0
    rows = []
    for kind, checks in KINDS.items():
        path = pathlib.Path(folder) / kind / "test" / "simulation_0000.nc"
        for name, check in checks.items():
            try:
                rows.append((kind, name, "ok", check(path)))
            except Exception as error:  # whatever a tool raises is a finding
                failures += 1
                rows.append((kind, name, "FAILED", f"{type(error).__name__}: {error}".strip()))
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths)) + "  " + row[3])
    print(f"{len(rows) - failures} of {len(rows)} checks passed")
    return 1 if failures else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
