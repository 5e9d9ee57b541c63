import Tensors
import _Differentiation

// A = I - div(c grad) on a C grid with closed edges, from face coefficients c >= 0.
//
// Whatever the network says, A is symmetric, its rows sum to 1, its off-diagonals are <= 0: a symmetric positive definite M-matrix
// with eigenvalues >= 1. A closed face (c = 0) decouples its cells, so that land is part of the matrix.

@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func stencilKernel<Scalar: TensorScalar>(
    _ c: UnsafePointer<Scalar>, _ out: UnsafeMutablePointer<Scalar>, ny: Int, nx: Int
) {
    let plane = ny &* nx
    for j in 0..<ny {
        for i in 0..<nx {
            let k = j &* nx &+ i
            let east = i &+ 1 < nx ? c[k] : 0
            let west = i > 0 ? c[k &- 1] : 0
            let north = j &+ 1 < ny ? c[plane &+ k] : 0
            let south = j > 0 ? c[plane &+ k &- nx] : 0
            out[k] = 1 + (east + west) + (north + south)
            out[plane &+ k] = -east
            out[2 &* plane &+ k] = -west
            out[3 &* plane &+ k] = -north
            out[4 &* plane &+ k] = -south
        }
    }
}

@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func stencilPullbackKernel<Scalar: TensorScalar>(
    _ g: UnsafePointer<Scalar>, _ out: UnsafeMutablePointer<Scalar>, ny: Int, nx: Int
) {
    let plane = ny &* nx
    for j in 0..<ny {
        for i in 0..<nx {
            let k = j &* nx &+ i
            out[k] = i &+ 1 < nx ? (g[k] + g[k &+ 1]) - (g[plane &+ k] + g[2 &* plane &+ k &+ 1]) : 0
            out[plane &+ k] = j &+ 1 < ny ? (g[k] + g[k &+ nx]) - (g[3 &* plane &+ k] + g[4 &* plane &+ k &+ nx]) : 0
        }
    }
}

extension Tensor {
    /// The 5-point stencil of I - div(c grad): face coefficients [batch, 2, y, x] to coefficients [batch, 5, y, x]
    /// in the order of `StencilDirection`. Coefficients must not be negative for the guarantees above.
    @differentiable(reverse, wrt: self)
    public func fluxFormStencil() -> Tensor {
        mapSamples(to: 5) { stencilKernel($0, $1, ny: $2, nx: $3) }
    }

    @derivative(of: fluxFormStencil, wrt: self)
    public func vjpFluxFormStencil() -> (value: Tensor, pullback: (Tensor) -> Tensor) {
        (fluxFormStencil(), { cotangent in
            if cotangent.isSymbolicZero { return .zero }
            return cotangent.mapSamples(to: 2) { stencilPullbackKernel($0, $1, ny: $2, nx: $3) }
        })
    }
}
