#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Distances on a spherical Earth of radius 6371 km, in m.
enum Sphere {
    static let radius = 6_371_000.0

    /// One degree along a meridian.
    static let degreeOfLatitude = radius * Double.pi / 180

    /// One degree along the parallel at `latitude` (degrees north).
    static func degreeOfLongitude(at latitude: Double) -> Double { degreeOfLatitude * cos(latitude * Double.pi / 180) }
}
