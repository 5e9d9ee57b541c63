// Sums over plain vectors, in functions of their own so that the compiler takes whole vectors.

/// <a, b> in a fixed order of eight partial sums; both of one length.
public func inner(_ a: [Double], _ b: [Double]) -> Double {
    precondition(a.count == b.count, "vectors of \(a.count) and \(b.count) values")
    var partial = SIMD8<Double>(repeating: 0)
    var rest = 0.0
    a.withUnsafeBufferPointer { a in
        b.withUnsafeBufferPointer { b in
            let whole = a.count & ~7
            var k = 0
            while k < whole {
                var (x, y) = (SIMD8<Double>(repeating: 0), SIMD8<Double>(repeating: 0))
                for lane in 0..<8 {
                    x[lane] = a[k &+ lane]
                    y[lane] = b[k &+ lane]
                }
                partial += x * y
                k &+= 8
            }
            while k < a.count {
                rest += a[k] * b[k]
                k &+= 1
            }
        }
    }
    return partial.sum() + rest
}

/// The Euclidean norm.
public func norm(_ a: [Double]) -> Double { inner(a, a).squareRoot() }

/// y + factor x, in y's place.
public func add(_ factor: Double, _ x: [Double], to y: inout [Double]) {
    precondition(x.count == y.count, "vectors of \(x.count) and \(y.count) values")
    x.withUnsafeBufferPointer { x in
        y.withUnsafeMutableBufferPointer { y in
            for k in 0..<y.count { y[k] += factor * x[k] }
        }
    }
}
