import Tensors

/// Fields of a solve, with one row or column of zeros on each side and room for whole vectors, so that a sweep has no special cases.
struct PaddedPlanes<Scalar: TensorScalar>: ~Copyable {
    let ny: Int
    let nx: Int
    let rowStride: Int
    let planeStride: Int
    let base: UnsafeMutablePointer<Scalar>

    init(count: Int, ny: Int, nx: Int) {
        let lanes = Scalar.Vector.scalarCount
        self.ny = ny
        self.nx = nx
        rowStride = (nx + lanes - 1) / lanes * lanes + 2
        planeStride = rowStride * (ny + 2)
        base = .allocate(capacity: count * planeStride)
        base.initialize(repeating: 0, count: count * planeStride)
    }

    deinit { base.deallocate() }

    /// Cell (0, 0) of a plane.
    func origin(_ plane: Int) -> UnsafeMutablePointer<Scalar> { base.advanced(by: plane * planeStride + rowStride + 1) }

    func load(_ plane: Int, _ values: ArraySlice<Scalar>) {
        let target = origin(plane)
        values.withUnsafeBufferPointer { source in
            guard let first = source.baseAddress else { return }
            for j in 0..<ny { target.advanced(by: j * rowStride).update(from: first + j * nx, count: nx) }
        }
    }

    func unload(_ plane: Int) -> [Scalar] {
        let source = origin(plane)
        return [Scalar](unsafeUninitializedCapacity: ny * nx) { buffer, count in
            for j in 0..<ny { buffer.baseAddress!.advanced(by: j * nx).initialize(from: source.advanced(by: j * rowStride), count: nx) }
            count = ny * nx
        }
    }
}

/// Pointers to cell (0, 0) of the padded planes of one system, every row divided by its diagonal.
struct ScaledSystem<Scalar: TensorScalar> {
    let diagonal: UnsafePointer<Scalar>
    let east: UnsafePointer<Scalar>
    let west: UnsafePointer<Scalar>
    let north: UnsafePointer<Scalar>
    let south: UnsafePointer<Scalar>
    let b: UnsafePointer<Scalar>
    let rowStride: Int
    let ny: Int
    let nx: Int
}

/// Relaxes the cells of one colour, (i + j + colour) even, in place: y += relaxation * (b - off-diagonals - y), rows scaled to a unit diagonal.
///
/// Whole vectors are computed and the other colour's lanes are multiplied by zero: neighbours of one colour all have the other,
/// so that the order within a colour does not matter.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
func relaxColour<Scalar: TensorScalar>(
    _ system: ScaledSystem<Scalar>, _ y: UnsafeMutablePointer<Scalar>, colour: Int, relaxation: Scalar
) {
    typealias V = Scalar.Vector
    let lanes = V.scalarCount
    let stride = system.rowStride
    var even = V(repeating: 0)
    var odd = V(repeating: 0)
    for lane in 0..<lanes {
        if lane & 1 == 0 { even[lane] = relaxation } else { odd[lane] = relaxation }
    }
    for j in 0..<system.ny {
        let weight = (j &+ colour) & 1 == 0 ? even : odd
        var k = j &* stride
        let end = k &+ system.nx
        while k < end {
            let center = UnsafeMutableRawPointer(y.advanced(by: k))
            let old = center.loadUnaligned(as: V.self)
            var change = load(system.b, k, V.self) - old
            change -= load(system.east, k, V.self) * load(UnsafePointer(y), k &+ 1, V.self)
            change -= load(system.west, k, V.self) * load(UnsafePointer(y), k &- 1, V.self)
            change -= load(system.north, k, V.self) * load(UnsafePointer(y), k &+ stride, V.self)
            change -= load(system.south, k, V.self) * load(UnsafePointer(y), k &- stride, V.self)
            center.storeBytes(of: old + weight * change, as: V.self)
            k &+= lanes
        }
    }
}

/// Sum over cells of (b - A y)^2, with the rows' own scale restored.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
func squaredResidual<Scalar: TensorScalar>(_ system: ScaledSystem<Scalar>, _ y: UnsafePointer<Scalar>) -> Double {
    typealias V = Scalar.Vector
    let lanes = V.scalarCount
    let stride = system.rowStride
    var total = 0.0
    for j in 0..<system.ny {
        var row = V(repeating: 0)
        var k = j &* stride
        let end = k &+ system.nx
        while k < end {
            var residual = load(system.b, k, V.self) - load(y, k, V.self)
            residual -= load(system.east, k, V.self) * load(y, k &+ 1, V.self)
            residual -= load(system.west, k, V.self) * load(y, k &- 1, V.self)
            residual -= load(system.north, k, V.self) * load(y, k &+ stride, V.self)
            residual -= load(system.south, k, V.self) * load(y, k &- stride, V.self)
            residual *= load(system.diagonal, k, V.self)
            row += residual * residual
            k &+= lanes
        }
        for lane in 0..<lanes { total += Double(row[lane]) }
    }
    return total
}

@inline(__always)
private func load<Scalar, V: SIMD>(_ base: UnsafePointer<Scalar>, _ offset: Int, _ type: V.Type) -> V where V.Scalar == Scalar {
    UnsafeRawPointer(base.advanced(by: offset)).loadUnaligned(as: V.self)
}
