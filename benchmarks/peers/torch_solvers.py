"""Solvers of five-point systems in PyTorch, and the linear implicit layer on them.

Matrices are [batch, 5, ny, nx] (center, east, west, north, south), right-hand sides [batch, ny, nx]; Float or Double.

    talk         red-black Gauss-Seidel by strided indexing as the talk describes it: after every sweep the mean square of the residual
                 is held against an absolute tolerance; the backward pass does the same with the transposed matrix
    sor          the same sweeps with Young's over-relaxation where the matrix is symmetric, a look at the residual only now and then,
                 and a tolerance relative to each sample's right-hand side
    cg           conjugate gradients with the diagonal, all samples at once, the same relative tolerance (symmetric matrices only)
    cg-compiled  the same, each step one function that torch.compile has fused into two passes over memory

Red-black sweeps are not compiled: over a whole field with a mask, which is what the compiler can vectorise, they took longer than by
strided indexing.

The talk's gradient by the matrix is the dense product -z y^T, 8e8 bytes a sample at 100 x 100 cells; here all methods give its entries
on the stencil, which is all that is needed.
"""

import torch

import systems

MOST_SWEEPS = 20000
FIRST_LOOK, LOOK = 4, 10  # sweeps before the first look at the residual, and at most between two of them


def inner(direction):
    """Slices of a padded field [..., ny + 2, nx + 2] that hold the neighbours of all cells."""
    dy, dx = direction
    return (..., slice(1 + dy, -1 + dy or None), slice(1 + dx, -1 + dx or None))


def strided(parity_y, parity_x, direction=(0, 0)):
    """Every second cell of a padded field along both axes, shifted to the neighbour in a direction."""
    return parity_y + 1 + direction[0], parity_x + 1 + direction[1]


def take(padded, start, shape):
    y, x = start
    return padded[..., y : y + 2 * shape[0] - 1 : 2, x : x + 2 * shape[1] - 1 : 2]


class Sweeper:
    """Red-black sweeps: each colour is two strided sets of cells, whose coefficients are cut out once."""

    def __init__(self, a, b, factor=1.0):
        self.a, self.b = a, b
        ny, nx = b.shape[-2:]
        self.parts = []
        for colour in range(2):
            for py in range(2):
                px = (py + colour) % 2
                shape = ((ny - py + 1) // 2, (nx - px + 1) // 2)
                if 0 in shape:
                    continue
                cut = a[..., py::2, px::2]
                self.parts.append(
                    ((py, px), shape, factor / cut[:, 0], [cut[:, d].contiguous() for d in range(1, 5)], b[..., py::2, px::2].contiguous())
                )
        self.factor = factor

    def sweep(self, y):
        for (py, px), shape, inverse, off, b in self.parts:
            r = b - off[0] * take(y, strided(py, px, systems.DIRECTIONS[1]), shape)
            for d in range(2, 5):
                r.addcmul_(off[d - 1], take(y, strided(py, px, systems.DIRECTIONS[d]), shape), value=-1)
            own = take(y, strided(py, px), shape)
            if self.factor == 1.0:
                torch.mul(r, inverse, out=own)
            else:
                own.mul_(1 - self.factor).addcmul_(r, inverse)

    def residual(self, y):
        return residual(self.a, y, self.b)


def product(a, y):
    """A y for padded y."""
    out = a[:, 0] * y[inner((0, 0))]
    for d in range(1, 5):
        out.addcmul_(a[:, d], y[inner(systems.DIRECTIONS[d])])
    return out


def residual(a, y, b):
    return b - product(a, y)


def padded_zero(b):
    return torch.zeros(b.shape[0], b.shape[1] + 2, b.shape[2] + 2, dtype=b.dtype)


def transposed(a):
    padded = torch.nn.functional.pad(a, (1, 1, 1, 1))
    opposite = [0, 2, 1, 4, 3]
    return torch.stack([padded[:, opposite[d]][inner(systems.DIRECTIONS[d])] for d in range(5)], 1)


def solve_talk(a, b, tolerance, symmetric):
    y, sweeper = padded_zero(b), Sweeper(a, b)
    for sweeps in range(1, MOST_SWEEPS + 1):
        sweeper.sweep(y)
        if sweeper.residual(y).square().mean() < tolerance**2:
            break
    return y[inner((0, 0))], sweeps


def solve_sor(a, b, tolerance, symmetric):
    factor = 1.0
    if symmetric:
        radius = float((a[:, 1:].abs().sum(1) / a[:, 0]).max())
        factor = 2 / (1 + (1 - radius * radius) ** 0.5) if radius < 1 else 1.0
    y, sweeper = padded_zero(b), Sweeper(a, b, factor)
    limit, look = tolerance * torch.linalg.vector_norm(b, dim=(1, 2)), FIRST_LOOK
    for sweeps in range(1, MOST_SWEEPS + 1):
        sweeper.sweep(y)
        if sweeps == look:
            look += min(LOOK, 2 + sweeps // 4)
            if bool((torch.linalg.vector_norm(sweeper.residual(y), dim=(1, 2)) <= limit).all()):
                break
    return y[inner((0, 0))], sweeps


def solve_cg(a, b, tolerance, symmetric):
    inverse = 1 / a[:, 0]
    limit = tolerance * torch.linalg.vector_norm(b, dim=(1, 2))
    y, r, direction = torch.zeros_like(b), b.clone(), padded_zero(b)
    p = direction[inner((0, 0))]
    z = inverse * r
    p.copy_(z)
    rho = (r * z).sum((1, 2), keepdim=True)
    for steps in range(1, MOST_SWEEPS + 1):
        q = product(a, direction)
        alpha = rho / (p * q).sum((1, 2), keepdim=True)
        y.addcmul_(alpha, p)
        r.addcmul_(alpha, q, value=-1)
        if bool((torch.linalg.vector_norm(r, dim=(1, 2)) <= limit).all()):
            break
        torch.mul(inverse, r, out=z)
        before, rho = rho, (r * z).sum((1, 2), keepdim=True)
        p.mul_(rho / before).add_(z)
    return y, steps


def cg_step(a, inverse, y, r, direction, rho):
    """One step of conjugate gradients, all fields in place; the squares of the residuals' norms."""
    p = direction[inner((0, 0))]
    q = a[:, 0] * p
    for d in range(1, 5):
        q = q + a[:, d] * direction[inner(systems.DIRECTIONS[d])]
    alpha = rho / (p * q).sum((1, 2), keepdim=True)
    y.add_(alpha * p)
    r.sub_(alpha * q)
    z = inverse * r
    new = (r * z).sum((1, 2), keepdim=True)
    squares = (r * r).sum((1, 2))
    p.copy_(z + new / rho * p)
    rho.copy_(new)
    return squares


# Every shape is compiled for itself: sizes that are known are quicker, and a program meets few.
compiled_cg_step = torch.compile(cg_step, dynamic=False)


def solve_cg_compiled(a, b, tolerance, symmetric):
    inverse = 1 / a[:, 0]
    limit = (tolerance * torch.linalg.vector_norm(b, dim=(1, 2))).square()
    y, r, direction = torch.zeros_like(b), b.clone(), padded_zero(b)
    direction[inner((0, 0))] = inverse * r
    rho = (r * inverse * r).sum((1, 2), keepdim=True)
    for steps in range(1, MOST_SWEEPS + 1):
        if bool((compiled_cg_step(a, inverse, y, r, direction, rho) <= limit).all()):
            break
    return y, steps


SOLVERS = {"talk": solve_talk, "sor": solve_sor, "cg": solve_cg, "cg-compiled": solve_cg_compiled}


class LinearSolve(torch.autograd.Function):
    """y = A^-1 b; the implicit function theorem gives z = A^-T w by b and -z y(neighbour) by the coefficients."""

    @staticmethod
    def forward(ctx, b, a, solver, tolerance, symmetric):
        y, LinearSolve.iterations = solver(a, b, tolerance, symmetric)
        ctx.save_for_backward(a, y)
        ctx.how = solver, tolerance, symmetric
        return y.clone()

    @staticmethod
    def backward(ctx, cotangent):
        a, y = ctx.saved_tensors
        solver, tolerance, symmetric = ctx.how
        z, _ = solver(a if symmetric else transposed(a), cotangent, tolerance, symmetric)
        around = torch.nn.functional.pad(y, (1, 1, 1, 1))
        by_a = torch.stack([-z * around[inner(direction)] for direction in systems.DIRECTIONS], 1)
        return z, by_a, None, None, None
