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

/// Natural exponential.
public func exponential(_ x: Double) -> Double { exp(x) }

/// Cosine of an angle in radians.
public func cosine(_ x: Double) -> Double { cos(x) }

/// x to the power y.
public func power(_ x: Double, _ y: Double) -> Double { pow(x, y) }

/// Sine of an angle in radians.
public func sine(_ x: Double) -> Double { sin(x) }
