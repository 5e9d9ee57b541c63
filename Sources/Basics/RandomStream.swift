/// A seeded stream of random numbers: xoshiro256** (Blackman and Vigna 2021) seeded through SplitMix64.
///
/// A stream is named by a seed, a purpose and an index, so that streams for different purposes
/// (initial states, weights, batch order) are independent of each other and of the order in which they are used.
/// The same three values give the same numbers on every run.
public struct RandomStream: RandomNumberGenerator, Sendable {
    private var state: (UInt64, UInt64, UInt64, UInt64)

    public init(seed: UInt64, purpose: String, index: Int = 0) {
        // FNV-1a over the purpose keeps streams apart that share seed and index.
        var checksum = Checksum()
        for byte in purpose.utf8 { checksum.add(byte) }
        var key = seed
        var mixed = Self.splitMix(&key) ^ checksum.value
        mixed = Self.splitMix(&mixed) ^ UInt64(bitPattern: Int64(index))
        state = (Self.splitMix(&mixed), Self.splitMix(&mixed), Self.splitMix(&mixed), Self.splitMix(&mixed))
    }

    private static func splitMix(_ x: inout UInt64) -> UInt64 {
        x &+= 0x9e37_79b9_7f4a_7c15
        var z = x
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    public mutating func next() -> UInt64 {
        let result = Self.rotateLeft(state.1 &* 5, 7) &* 9
        let t = state.1 << 17
        state.2 ^= state.0
        state.3 ^= state.1
        state.1 ^= state.2
        state.0 ^= state.3
        state.2 ^= t
        state.3 = Self.rotateLeft(state.3, 45)
        return result
    }

    private static func rotateLeft(_ x: UInt64, _ k: UInt64) -> UInt64 { (x << k) | (x >> (64 - k)) }

    /// Uniform in [0, 1), 53 bits.
    public mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// Uniform in `range`.
    public mutating func uniform(in range: ClosedRange<Double>) -> Double {
        range.lowerBound + (range.upperBound - range.lowerBound) * uniform()
    }

    /// `count` independent standard normal deviates (Marsaglia's polar method).
    public mutating func normals(_ count: Int) -> [Double] {
        var values: [Double] = []
        values.reserveCapacity(count + 1)
        while values.count < count {
            let a = 2 * uniform() - 1
            let b = 2 * uniform() - 1
            let s = a * a + b * b
            guard s > 0, s < 1 else { continue }
            let factor = (-2 * naturalLogarithm(s) / s).squareRoot()
            values.append(a * factor)
            values.append(b * factor)
        }
        if values.count > count { values.removeLast() }
        return values
    }
}
