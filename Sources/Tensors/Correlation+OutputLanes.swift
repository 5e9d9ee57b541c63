// Convolutions of which the lanes of a vector are outputs. Where rows are shorter than vectors, places leave many lanes empty; outputs then fill them.

extension Correlation {
    /// Outputs that a packed block of weights holds: two vectors.
    func outputWidth<Scalar: TensorScalar>(_ type: Scalar.Type) -> Int { 2 * Scalar.Vector.scalarCount }

    /// Whether outputs fill vectors better than places do, in bands of `rows`.
    func fillsLanesWithOutputs<Scalar: TensorScalar>(rows: Int, _ type: Scalar.Type) -> Bool {
        outputs > Scalar.Vector.scalarCount / 2 && workByOutputs(rows: rows, type) < workByPlaces(rows: rows, type)
    }

    /// What a band of `rows` takes where the lanes of a vector are places, in products of two vectors.
    func workByPlaces<Scalar: TensorScalar>(rows: Int, _ type: Scalar.Type) -> Int {
        let lanes = Scalar.Vector.scalarCount
        let line = isPointwise(type) ? (rows - 1) * nx + outNx : (rows - 1) * ((nx + borderX.total + strideX - 1) / strideX) + outNx
        let isLine = isPointwise(type) || isLine(rowStride: line / rows, rows: rows, nx: outNx, type)
        let vectors = isLine ? (line + lanes - 1) / lanes : rows * ((outNx + lanes - 1) / lanes)
        return (outputs + 7) / 8 * ((vectors + 1) / 2) * terms * 8
    }

    /// The same where they are outputs, with copying the outputs to their planes.
    func workByOutputs<Scalar: TensorScalar>(rows: Int, _ type: Scalar.Type) -> Int {
        let lanes = Scalar.Vector.scalarCount
        return (rows * outNx + 7) / 8 * ((outputs + lanes - 1) / lanes) * terms * 4 + rows * outNx * outputs
    }

    /// The sums of a band as `multiply` has them.
    ///
    /// - Parameters:
    ///   - weights: packed by blocks of `outputWidth`, and `bias` as many.
    ///   - out: where the band's first row of the first output begins.
    func multiplyByOutputs<Scalar: TensorScalar>(
        _ input: UnsafePointer<Scalar>, rowStride: Int, _ offsets: [Int], _ weights: [Scalar], _ bias: [Scalar], _ activation: Activation,
        _ out: UnsafeMutablePointer<Scalar>, rows: Int
    ) {
        let (lanes, width) = (Scalar.Vector.scalarCount, outputWidth(Scalar.self))
        let places = places(rows: rows, rowStride: rowStride)
        let sums = UnsafeMutablePointer<Scalar>.allocate(capacity: places.count * width)
        defer { sums.deallocate() }
        weights.withPointer { weights in
            bias.withPointer { bias in
                for first in stride(from: 0, to: outputs, by: width) {
                    let used = min(width, outputs - first)
                    repeatKernel(bias + first, width, sums, times: places.count)
                    outerProductKernel(
                        input, places, count: places.count, offsets, terms: terms, weights + first * terms, vectorStride: width, sums,
                        sumStride: width, isPair: used > lanes, rectifies: activation == .rectifier)
                    for rows in pieces(of: rows) {
                        transposeKernel(
                            sums + rows.lowerBound * outNx * width, lines: rows.count * outNx, length: used, stride: width,
                            out + first * outputLayout.planeStride + rows.lowerBound * outputLayout.rowStride, outStride: outputLayout.planeStride)
                    }
                    if activation == .none || activation == .rectifier { continue }
                    for o in first..<first + used {
                        for y in 0..<rows { activation.apply(to: out + o * outputLayout.planeStride + y * outputLayout.rowStride, outNx) }
                    }
                }
            }
        }
    }

    /// Where the places of a band's output lie in its input.
    func places(rows: Int, rowStride: Int) -> [Int] {
        var places: [Int] = []
        places.reserveCapacity(rows * outNx)
        for y in 0..<rows { for x in 0..<outNx { places.append(y * rowStride + x) } }
        return places
    }

    /// Rows of a band's output that follow each other without gaps: all, or each alone.
    func pieces(of rows: Int) -> [Range<Int>] { outputLayout.rowStride == outNx ? [0..<rows] : (0..<rows).map { $0..<$0 + 1 } }
}

/// `times` copies of a row of `width` numbers.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func repeatKernel<Scalar: TensorScalar>(_ row: UnsafePointer<Scalar>, _ width: Int, _ out: UnsafeMutablePointer<Scalar>, times: Int) {
    for k in 0..<times {
        let target = out + k &* width
        for i in 0..<width { target[i] = row[i] }
    }
}
