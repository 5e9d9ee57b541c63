import Tensors

// What the machine can do at most, beside which rates are shown.

/// Billions of operations a second of sixteen independent chains of fused multiply-adds.
func peakRate() -> Double {
    let rounds = 200_000
    var sums = [SIMD16<Float>](repeating: SIMD16(repeating: 0), count: 16)
    let best = leastSeconds {
        let factor = SIMD16<Float>(repeating: 0.5)
        let change = SIMD16<Float>(repeating: 1e-9)
        var (a, b, c, d) = (sums[0], sums[1], sums[2], sums[3])
        var (e, f, g, h) = (sums[4], sums[5], sums[6], sums[7])
        var (i, j, k, l) = (sums[8], sums[9], sums[10], sums[11])
        var (m, n, o, p) = (sums[12], sums[13], sums[14], sums[15])
        for _ in 0..<rounds {
            a = change.addingProduct(a, factor)
            b = change.addingProduct(b, factor)
            c = change.addingProduct(c, factor)
            d = change.addingProduct(d, factor)
            e = change.addingProduct(e, factor)
            f = change.addingProduct(f, factor)
            g = change.addingProduct(g, factor)
            h = change.addingProduct(h, factor)
            i = change.addingProduct(i, factor)
            j = change.addingProduct(j, factor)
            k = change.addingProduct(k, factor)
            l = change.addingProduct(l, factor)
            m = change.addingProduct(m, factor)
            n = change.addingProduct(n, factor)
            o = change.addingProduct(o, factor)
            p = change.addingProduct(p, factor)
        }
        sums = [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p]
    }
    return 16.0 * 16 * 2 * Double(rounds) / best * 1e-9
}

/// Billions of bytes a second that one core reads and writes when it adds two fields of `bytes` in all.
func copyRate(bytes: Int) -> Double {
    let count = bytes / 12
    let (a, b) = (UnsafeMutablePointer<Float>.allocate(capacity: count), UnsafeMutablePointer<Float>.allocate(capacity: count))
    let sum = UnsafeMutablePointer<Float>.allocate(capacity: count)
    defer {
        a.deallocate()
        b.deallocate()
        sum.deallocate()
    }
    a.initialize(repeating: 1, count: count)
    b.initialize(repeating: 2, count: count)
    sum.initialize(repeating: 0, count: count)
    let best = leastSeconds { for k in 0..<count { sum[k] = a[k] + b[k] } }
    return Double(12 * count) / best * 1e-9
}
