import Basics
import Tensors

// What Krylov methods do to vectors. All of the padded memory is walked: borders of residuals are zero (see `GridVector`).

/// Vectors that are summed in the precision of the scalar before the sum goes on in double precision.
private let block = 64

extension GridVector {
    /// <self, other>.
    func dot(_ other: GridVector) -> Double { sum { dotKernel(base + $0, other.base + $0, $1) } }

    var norm: Double { dot(self).squareRoot() }

    /// self = a + factor * self.
    func scaleAndAdd(_ factor: Double, _ a: GridVector) {
        _ = sum {
            scaleAndAddKernel(base + $0, Scalar(factor), a.base + $0, $1)
            return 0
        }
    }

    /// self += factor * a; the inner product of the result with itself.
    @discardableResult
    func add(_ factor: Double, _ a: GridVector) -> Double { sum { addKernel(base + $0, Scalar(factor), a.base + $0, $1) } }

    /// self *= factor.
    func scale(_ factor: Double) { scaleKernel(base, Scalar(factor), count) }

    /// The sum over stretches of the memory, added in their order however many threads there are; `stretch` gets the first element and the number.
    private func sum(_ stretch: (Int, Int) -> Double) -> Double {
        let length = 1 << 15
        if count <= length { return stretch(0, count) }
        var sums = [Double](repeating: 0, count: (count + length - 1) / length)
        sums.withUnsafeMutableBufferPointer { sums in
            let sums = sums
            concurrentRanges(sums.count, leastWork: 8) { stretches, _ in
                for k in stretches { sums[k] = stretch(k * length, min(length, count - k * length)) }
            }
        }
        return sums.reduce(0, +)
    }
}

@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func dotKernel<Scalar: TensorScalar>(_ a: UnsafePointer<Scalar>, _ b: UnsafePointer<Scalar>, _ count: Int) -> Double {
    let lanes = Scalar.Vector.scalarCount
    var (total, k) = (0.0, 0)
    while k < count {
        let end = min(count, k &+ block &* lanes)
        var sum = Scalar.Vector(repeating: 0)
        while k < end {
            sum = Scalar.multiplyAdd(sum, load(a, k), load(b, k))
            k &+= lanes
        }
        total += Double(sum.sum())
    }
    return total
}

@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func scaleAndAddKernel<Scalar: TensorScalar>(
    _ y: UnsafeMutablePointer<Scalar>, _ factor: Scalar, _ a: UnsafePointer<Scalar>, _ count: Int
) {
    let factors = Scalar.Vector(repeating: factor)
    var k = 0
    while k < count {
        store(Scalar.multiplyAdd(load(a, k), factors, load(UnsafePointer(y), k)), y, k)
        k &+= Scalar.Vector.scalarCount
    }
}

@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func addKernel<Scalar: TensorScalar>(
    _ y: UnsafeMutablePointer<Scalar>, _ factor: Scalar, _ a: UnsafePointer<Scalar>, _ count: Int
) -> Double {
    let lanes = Scalar.Vector.scalarCount
    let factors = Scalar.Vector(repeating: factor)
    var (total, k) = (0.0, 0)
    while k < count {
        let end = min(count, k &+ block &* lanes)
        var sum = Scalar.Vector(repeating: 0)
        while k < end {
            let value = Scalar.multiplyAdd(load(UnsafePointer(y), k), factors, load(a, k))
            store(value, y, k)
            sum = Scalar.multiplyAdd(sum, value, value)
            k &+= lanes
        }
        total += Double(sum.sum())
    }
    return total
}

@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func scaleKernel<Scalar: TensorScalar>(_ y: UnsafeMutablePointer<Scalar>, _ factor: Scalar, _ count: Int) {
    let factors = Scalar.Vector(repeating: factor)
    var k = 0
    while k < count {
        store(load(UnsafePointer(y), k) * factors, y, k)
        k &+= Scalar.Vector.scalarCount
    }
}
