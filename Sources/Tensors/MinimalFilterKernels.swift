// The transforms of minimal filtering along y, on rows of cells: `MinimalFilter` on one vector of x after the other. A row is at least a vector
// long; where it is no whole number of them, the last overlaps the one before.

/// B^T d of every tile of the rows of some planes, and the border along x.
///
/// - Parameters:
///   - planes: `count` planes `planeStride` apart, of rows of `nx` that are `rowStride` apart.
///   - rows: for each of the 4 tiles + 2 rows of the band the row of the field that it shows, or -1 for zeros; `zeros`: a row of them.
///   - columns: the same for the columns of the band, of which those from `before` on are the field's own.
///   - out: [product][plane][tile][column]; `productStride` and `outPlaneStride` apart.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
func filterCellsKernel<Scalar: TensorScalar>(
    _ planes: UnsafePointer<Scalar>, count: Int, planeStride: Int, rowStride: Int, nx: Int, _ rows: UnsafePointer<Int>, tiles: Int,
    _ zeros: UnsafePointer<Scalar>, _ columns: UnsafePointer<Int>, columnCount: Int, before: Int, _ out: UnsafeMutablePointer<Scalar>,
    outPlaneStride: Int, productStride: Int
) {
    let lanes = Scalar.Vector.scalarCount
    for plane in 0..<count {
        let field = planes + plane &* planeStride
        for tile in 0..<tiles {
            let shown = rows + 4 &* tile
            @inline(__always) func row(_ k: Int) -> UnsafePointer<Scalar> { shown[k] < 0 ? zeros : field + shown[k] &* rowStride }
            let d0 = row(0), d1 = row(1), d2 = row(2), d3 = row(3), d4 = row(4), d5 = row(5)
            let target = out + (plane &* outPlaneStride &+ tile &* columnCount)
            let t0 = target + before, t1 = t0 + productStride, t2 = t1 + productStride
            let t3 = t2 + productStride, t4 = t3 + productStride, t5 = t4 + productStride
            var start = 0
            while start < nx {
                let x = min(start, nx &- lanes)
                let v = MinimalFilter<Scalar>.cells(
                    vector(d0, x), vector(d1, x), vector(d2, x), vector(d3, x), vector(d4, x), vector(d5, x))
                store(v.0, t0, x); store(v.1, t1, x); store(v.2, t2, x); store(v.3, t3, x); store(v.4, t4, x); store(v.5, t5, x)
                start &+= lanes
            }
            // Columns are filtered alike, so that a border shows what has been filtered.
            for product in 0..<6 {
                let line = target + product &* productStride
                for edge in 0..<before { line[edge] = columns[edge] < 0 ? 0 : line[before &+ columns[edge]] }
                for edge in before &+ nx..<columnCount { line[edge] = columns[edge] < 0 ? 0 : line[before &+ columns[edge]] }
            }
        }
    }
}

/// Rows of outputs: A^T m with the bias added, and the maximum with 0 where it `rectifies`.
///
/// - Parameters:
///   - products: [product][output][tile][rowStride], of which `nx` are used; `productStride` and `outputStride` apart.
///   - out: `rows` rows of `nx`, `outRowStride` apart, of `count` outputs `outPlaneStride` apart; `spare` takes the rows of the last tile that
///     are not wanted.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
func filterOutputsKernel<Scalar: TensorScalar>(
    _ products: UnsafePointer<Scalar>, productStride: Int, outputStride: Int, rowStride: Int, nx: Int, _ bias: UnsafePointer<Scalar>,
    rectifies: Bool, _ out: UnsafeMutablePointer<Scalar>, count: Int, outPlaneStride: Int, rows: Int, outRowStride: Int,
    spare: UnsafeMutablePointer<Scalar>
) {
    typealias V = Scalar.Vector
    let lanes = V.scalarCount
    for o in 0..<count {
        let shift = V(repeating: bias[o])
        @inline(__always) func finished(_ v: V) -> V { rectifies ? Scalar.rectified(v + shift) : v + shift }
        var y = 0
        while y < rows {
            let m0 = products + (o &* outputStride &+ y / 4 &* rowStride), m1 = m0 + productStride, m2 = m1 + productStride
            let m3 = m2 + productStride, m4 = m3 + productStride, m5 = m4 + productStride
            let y0 = out + (o &* outPlaneStride &+ y &* outRowStride)
            let y1 = y &+ 1 < rows ? y0 + outRowStride : spare, y2 = y &+ 2 < rows ? y0 + 2 &* outRowStride : spare
            let y3 = y &+ 3 < rows ? y0 + 3 &* outRowStride : spare
            var start = 0
            while start < nx {
                let x = min(start, nx &- lanes)
                let v = MinimalFilter<Scalar>.outputs(
                    vector(m0, x), vector(m1, x), vector(m2, x), vector(m3, x), vector(m4, x), vector(m5, x))
                store(finished(v.0), y0, x); store(finished(v.1), y1, x); store(finished(v.2), y2, x); store(finished(v.3), y3, x)
                start &+= lanes
            }
            y &+= 4
        }
    }
}

/// A g of every tile of rows of `length` numbers that follow each other, with zeros up to `outRowStride` after each.
///
/// - Parameter out: [product][tile][outRowStride], a product `productStride` after the one before.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
func filterCotangentsKernel<Scalar: TensorScalar>(
    _ rows: UnsafePointer<Scalar>, tiles: Int, length: Int, _ out: UnsafeMutablePointer<Scalar>, outRowStride: Int, productStride: Int
) {
    let lanes = Scalar.Vector.scalarCount
    for tile in 0..<tiles {
        let g0 = rows + 4 &* tile &* length, g1 = g0 + length, g2 = g1 + length, g3 = g2 + length
        let t0 = out + tile &* outRowStride, t1 = t0 + productStride, t2 = t1 + productStride
        let t3 = t2 + productStride, t4 = t3 + productStride, t5 = t4 + productStride
        var start = 0
        while start < length {
            let x = min(start, length &- lanes)
            let v = MinimalFilter<Scalar>.cotangents(vector(g0, x), vector(g1, x), vector(g2, x), vector(g3, x))
            store(v.0, t0, x); store(v.1, t1, x); store(v.2, t2, x); store(v.3, t3, x); store(v.4, t4, x); store(v.5, t5, x)
            start &+= lanes
        }
        for x in length..<outRowStride { t0[x] = 0; t1[x] = 0; t2[x] = 0; t3[x] = 0; t4[x] = 0; t5[x] = 0 }
    }
}

/// G w: from [group][3][length] to [product][group][length], a product `productStride` after the one before. `length` is a multiple of 8.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
func filterTapsKernel<Scalar: TensorScalar>(
    _ weights: UnsafePointer<Scalar>, groups: Int, length: Int, _ out: UnsafeMutablePointer<Scalar>, productStride: Int
) {
    typealias W = SIMD8<Scalar>
    for group in 0..<groups {
        let w = weights + 3 &* group &* length
        let target = out + group &* length
        var k = 0
        while k < length {
            @inline(__always) func load(_ row: Int) -> W { UnsafeRawPointer(w + (row &* length &+ k)).loadUnaligned(as: W.self) }
            @inline(__always) func store(_ v: W, _ product: Int) {
                UnsafeMutableRawPointer(target + (product &* productStride &+ k)).storeBytes(of: v, as: W.self)
            }
            let v = MinimalFilter<Scalar>.taps(load(0), load(1), load(2))
            store(v.0, 0); store(v.1, 1); store(v.2, 2); store(v.3, 3); store(v.4, 4); store(v.5, 5)
            k &+= 8
        }
    }
}

/// G^T s: from [product][group][length], a product `productStride` after the one before, to [group][3][length]. `length` is a multiple of a vector.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
func filterGradientsKernel<Scalar: TensorScalar>(
    _ sums: UnsafePointer<Scalar>, productStride: Int, groups: Int, length: Int, _ out: UnsafeMutablePointer<Scalar>
) {
    for group in 0..<groups {
        let s0 = sums + group &* length, s1 = s0 + productStride, s2 = s1 + productStride
        let s3 = s2 + productStride, s4 = s3 + productStride, s5 = s4 + productStride
        let target = out + 3 &* group &* length
        var k = 0
        while k < length {
            let v = MinimalFilter<Scalar>.gradients(
                vector(s0, k), vector(s1, k), vector(s2, k), vector(s3, k), vector(s4, k), vector(s5, k))
            store(v.0, target, k); store(v.1, target, length &+ k); store(v.2, target, 2 &* length &+ k)
            k &+= Scalar.Vector.scalarCount
        }
    }
}

@inline(__always)
private func vector<Scalar: TensorScalar>(_ row: UnsafePointer<Scalar>, _ x: Int) -> Scalar.Vector {
    UnsafeRawPointer(row + x).loadUnaligned(as: Scalar.Vector.self)
}

@inline(__always)
private func store<Scalar: TensorScalar>(_ v: Scalar.Vector, _ row: UnsafeMutablePointer<Scalar>, _ x: Int) {
    UnsafeMutableRawPointer(row + x).storeBytes(of: v, as: Scalar.Vector.self)
}
