import Tensors

extension GridMatrix {
    /// What couplings along an axis say of a wind.
    private struct Wind {
        /// Sums of the magnitudes of couplings to either side.
        var (onwards, back) = (0.0, 0.0)
        /// The sum of the magnitudes of the differences of what two neighbours say of each other.
        var difference = 0.0

        /// The Peclet number of a cell over one more than that, whichever way the wind blows; of upwind differences it is half of that.
        var strength: Double { onwards + back > 0 ? difference / (onwards + back) : 0 }
    }

    /// Whether what comes from the west outweighs what comes from the east where that from the south outweighs that from the north, or the other
    /// way round for both. For one field.
    var hasAlignedWinds: Bool {
        let (x, y) = (wind(.east, .west), wind(.north, .south))
        return (x.back >= x.onwards) == (y.back >= y.onwards)
    }

    /// How much a wind carries beside what diffuses, across the whole grid: a Peclet number of the grid where that of a cell is small. For
    /// one field.
    var pecletNumber: Double {
        max(wind(.east, .west).strength * Double(layout.nx), wind(.north, .south).strength * Double(layout.ny))
    }

    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    private func wind(_ onwards: StencilDirection, _ back: StencilDirection) -> Wind {
        guard onwards.rawValue < shape.points, fields == 1 else { return Wind() }
        var sums = (Scalar.Vector(repeating: 0), Scalar.Vector(repeating: 0), Scalar.Vector(repeating: 0))
        var result = Wind()
        for half in 0...1 {
            // A coupling, and that of the neighbour back to the cell.
            let a = UnsafePointer(coefficient(onwards, half: half))
            let b = UnsafePointer(coefficient(back, half: onwards.dx == 0 ? half : 1 - half)) + layout.shift(onwards, half: half)
            for j in 0..<layout.ny {
                // Behind the last column coefficients are zero.
                var k = j &* layout.rowStride &+ half &* layout.halfStride
                let end = k &+ layout.columns(half)
                while k < end {
                    let (x, y) = (load(a, k), load(b, k))
                    sums.0 += Scalar.magnitude(x)
                    sums.1 += Scalar.magnitude(y)
                    sums.2 += Scalar.magnitude(x - y)
                    k &+= Scalar.Vector.scalarCount
                }
            }
        }
        (result.onwards, result.back, result.difference) = (Double(sums.0.sum()), Double(sums.1.sum()), Double(sums.2.sum()))
        return result
    }
}
