/// out[k][l] = matrix[l][k] for `lines` l of `length` k, which lie `stride` and `outStride` apart.
///
/// In tiles of as many lines as a vector has lanes; the last overlap those before.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
func transposeKernel<Scalar: TensorScalar>(
    _ matrix: UnsafePointer<Scalar>, lines: Int, length: Int, stride: Int, _ out: UnsafeMutablePointer<Scalar>, outStride: Int
) {
    typealias V = Scalar.Vector
    let lanes = V.scalarCount
    if lines < lanes || length < lanes {
        for k in 0..<length {
            let target = out + k &* outStride
            for l in 0..<lines { target[l] = matrix[l &* stride &+ k] }
        }
        return
    }
    withUnsafeTemporaryAllocation(of: V.self, capacity: 2 &* lanes) { scratch in
        let tile = scratch.baseAddress!
        var k = 0
        while k < length {
            let column = min(k, length &- lanes)
            var l = 0
            while l < lines {
                let line = min(l, lines &- lanes)
                var source = tile
                var target = tile + lanes
                for i in 0..<lanes {
                    source[i] = UnsafeRawPointer(matrix + ((line &+ i) &* stride &+ column)).loadUnaligned(as: V.self)
                }
                // Each round puts one bit of the line's number below those of the column's.
                var round = 1
                while round < lanes {
                    for i in 0..<lanes / 2 {
                        let (low, high) = Scalar.interleaved(source[i], source[i &+ lanes / 2])
                        target[2 &* i] = low
                        target[2 &* i &+ 1] = high
                    }
                    swap(&source, &target)
                    round &*= 2
                }
                for i in 0..<lanes {
                    UnsafeMutableRawPointer(out + ((column &+ i) &* outStride &+ line)).storeBytes(of: source[i], as: V.self)
                }
                l &+= lanes
            }
            k &+= lanes
        }
    }
}
