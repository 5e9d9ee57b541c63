"""Networks of this field in PyTorch, each written twice: as one writes it first, and as well as we can.

    explicit, implicit  the talk's nets of 14,365 and 14,410 weights: five channels in (zeta, u, v, depth, mask), three out
    unet                four levels of 16 to 128 channels, five in, three out
    lorenz96            one step of Runge-Kutta around a net of three circular convolutions for the tendency
    lorenz96-bilinear   the same around a circular convolution and two products of such

Fields are [batch, channels, ny, nx]; a Lorenz state is [batch, 1, K].
"""

import torch
from torch import nn
from torch.nn import functional

from torch_solvers import LinearSolve, solve_sor, solve_talk


def products(x, pairs):
    """The last 2 * pairs channels multiplied in pairs, the others unchanged."""
    kept = x.shape[1] - 2 * pairs
    first, second = x[:, kept : kept + pairs], x[:, kept + pairs :]
    return torch.cat([x[:, :kept], first * second], 1) if kept else first * second


class BilinearNet(nn.Module):
    """3x3 convolutions with ReLU, some of whose channels are multiplied in pairs, and a 1x1 convolution."""

    def __init__(self, inputs, outputs):
        super().__init__()
        self.first = nn.Conv2d(inputs, 32, 3, padding=1)
        self.second = nn.Conv2d(32, 32, 3, padding=1)
        self.third = nn.Conv2d(24, 16, 3, padding=1)
        self.last = nn.Conv2d(8, outputs, 1)

    def forward(self, x):
        x = functional.relu(self.first(x))
        x = products(functional.relu(self.second(x)), 8)
        return self.last(products(functional.relu(self.third(x)), 8))


class ExplicitNet(nn.Module):
    """zeta and two more channels from the net, then u and v by a 3x3 convolution over these and the input."""

    def __init__(self):
        super().__init__()
        self.net = BilinearNet(5, 3)
        self.velocity = nn.Conv2d(8, 2, 3, padding=1)

    def forward(self, x):
        features = self.net(x)
        velocity = self.velocity(torch.cat([features, x], 1))
        return torch.cat([features[:, :1], velocity], 1) * x[:, 4:5]


class ImplicitNet(nn.Module):
    """As ExplicitNet, but zeta solves a five-point system that the net gives.

    With m the net's five entries and s the sum of their absolute values over the neighbours inside the domain, centre included, the
    off-diagonal entries are m / s, the diagonal 1 and the right-hand side b / (1.05 s). Rows of the outermost ring are the identity. The
    stencil starts as that of I - c lap divided by its centre, with weights of a hundredth around it, so that a solve takes the sweeps that
    the time step asks for.
    """

    def __init__(self, strength, is_best):
        super().__init__()
        self.net = BilinearNet(5, 8)
        self.velocity = nn.Conv2d(8, 2, 3, padding=1)
        centre = 1 + 4 * strength
        with torch.no_grad():
            self.net.last.weight[:5] *= 0.01
            self.net.last.bias[:5] = torch.tensor([1.0, -strength, -strength, -strength, -strength]) / centre
        self.is_best = is_best

    def system(self, x):
        """Coefficients [batch, 5, ny, nx], right-hand side [batch, ny, nx], and the two channels that pass by the solve."""
        features = self.net(x)
        inside = x[:, 4]
        entries = features[:, :5] * neighbours_inside(inside)
        scale = 1 / entries.abs().sum(1).clamp_min(1e-6)
        off = entries[:, 1:] * (scale * inside).unsqueeze(1)
        a = torch.cat([torch.ones_like(off[:, :1]), off], 1)
        return a, features[:, 5] * (scale * inside) / 1.05, features[:, 6:]

    def finish(self, x, zeta, extra):
        velocity = self.velocity(torch.cat([zeta.unsqueeze(1), extra, x], 1))
        return torch.cat([zeta.unsqueeze(1), velocity], 1) * x[:, 4:5]

    def solve(self, a, b):
        if self.is_best:
            return LinearSolve.apply(b, a, solve_over_relaxed, 1e-6, False)
        # A mean square of 1e-13 is what single precision allows.
        return LinearSolve.apply(b, a, solve_talk, 1e-13**0.5, False)

    def forward(self, x):
        a, b, extra = self.system(x)
        # A solve reads each coefficient by itself, whatever the order of memory around it.
        return self.finish(x, self.solve(a.contiguous(), b.contiguous()), extra)


def neighbours_inside(inside):
    """One where a cell and its neighbour (center, east, west, north, south) lie inside; [batch, 5, ny, nx]."""
    padded = functional.pad(inside, (1, 1, 1, 1))
    around = [padded[:, 1:-1, 2:], padded[:, 1:-1, :-2], padded[:, 2:, 1:-1], padded[:, :-2, 1:-1]]
    return torch.stack([torch.ones_like(inside), *around], 1)


def solve_over_relaxed(a, b, tolerance, _):
    # The stencils are not far from symmetric, and over-relaxation needs real eigenvalues only; the residual is looked at in any case.
    return solve_sor(a, b, tolerance, True)


class UNet(nn.Module):
    """Two 3x3 convolutions with ReLU on each level; the maximum of 2 x 2 on the way down, windows cut off at odd edges; nearest neighbours on the
    way up, with the level's own channels before them."""

    def __init__(self, inputs=5, outputs=3, channels=(16, 32, 64, 128)):
        super().__init__()

        def pair(inputs, outputs):
            return nn.Sequential(
                nn.Conv2d(inputs, outputs, 3, padding=1), nn.ReLU(), nn.Conv2d(outputs, outputs, 3, padding=1), nn.ReLU())

        self.down = nn.ModuleList([pair(i, o) for i, o in zip((inputs, *channels[:-1]), channels)])
        self.up = nn.ModuleList([pair(fine + coarse, fine) for fine, coarse in zip(channels, channels[1:])])
        self.last = nn.Conv2d(channels[0], outputs, 1)

    def forward(self, x):
        kept = []
        for level, block in enumerate(self.down):
            x = block(functional.max_pool2d(x, 2, ceil_mode=True) if level else x)
            kept.append(x)
        for level in reversed(range(len(self.up))):
            fine = kept[level]
            coarse = functional.interpolate(x, scale_factor=2.0, mode="nearest")[..., : fine.shape[2], : fine.shape[3]]
            x = self.up[level](torch.cat([fine, coarse], 1))
        return self.last(x)


def ring(inputs, outputs):
    """A convolution five points wide on a ring."""
    return nn.Conv1d(inputs, outputs, 5, padding=2, padding_mode="circular")


class BilinearTendency(nn.Module):
    """A weighted sum of a convolution and of products of pairs of convolutions, from one channel to one."""

    def __init__(self, pairs=2):
        super().__init__()
        self.local = ring(1, 2 * pairs + 1)
        self.sum = nn.Conv1d(pairs + 1, 1, 1)
        self.pairs = pairs

    def forward(self, x):
        return self.sum(products(self.local(x), self.pairs))


class RungeKuttaStep(nn.Module):
    """The classical Runge-Kutta step of 0.05 around a tendency."""

    def __init__(self, tendency, step=0.05):
        super().__init__()
        self.tendency = tendency
        self.step = step

    def forward(self, x):
        f, h = self.tendency, self.step
        k1 = f(x)
        k2 = f(x + 0.5 * h * k1)
        k3 = f(x + 0.5 * h * k2)
        k4 = f(x + h * k3)
        return x + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)


# Strength of I - c lap in the talk's basin at each time step.
STRENGTHS = {"implicit-300": 0.033, "implicit-900": 0.30, "implicit-1500": 0.83}
LORENZ = {
    "lorenz96": lambda: nn.Sequential(ring(1, 32), nn.ReLU(), ring(32, 32), nn.ReLU(), ring(32, 1)),
    "lorenz96-bilinear": BilinearTendency,
}
CASES = ["explicit", *STRENGTHS, "unet", *LORENZ]


def make(case, is_best=False):
    """The network of a case."""
    if case == "explicit":
        return ExplicitNet()
    if case in STRENGTHS:
        return ImplicitNet(STRENGTHS[case], is_best)
    if case == "unet":
        return UNet()
    if case in LORENZ:
        return RungeKuttaStep(LORENZ[case]())
    raise ValueError(f"there is no case '{case}'; take one of {' '.join(CASES)}")


def sample(case, batch):
    """Normal random inputs and targets; the mask is zero on the outermost ring."""
    if case in LORENZ:
        # The structured net sees normalised states.
        mean, deviation = (2.3, 3.6) if case == "lorenz96" else (0, 1)
        return mean + deviation * torch.randn(batch, 1, 40), mean + deviation * torch.randn(batch, 1, 40)
    x, target = torch.randn(batch, 5, 100, 100), torch.randn(batch, 3, 100, 100)
    x[:, 4] = 0
    x[:, 4, 1:-1, 1:-1] = 1
    return x * x[:, 4:5], target * x[:, 4:5]
