#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

// The few functions of libm that the lower rooms need, so that they do not pull in Foundation.

/// Natural logarithm.
public func naturalLogarithm(_ x: Double) -> Double { log(x) }
