import Basics
import Dynamics
import NetCDF

extension ShallowWaterGrid {
    /// A grid on a real sea floor, from a file with `elevation(lat, lon)` in m, negative under water, on evenly spaced
    /// axes in degrees that increase (ETOPO5 and GEBCO cut-outs are like this). One cell per point.
    ///
    /// Only the largest sea whose cells touch side to side stays wet; other waters become dry (depth 0), since a
    /// closed pond adds unknowns and no dynamics. A wet cell is at least `minimumDepth` m deep: the model has no drying.
    ///
    /// dx and dy are constant: those of the middle latitude on a sphere of radius 6371 km. What this costs: true dx
    /// goes with cos(latitude), so between 50 N and 62 N the constant is 13 % too small in the south and 19 % too large in the
    /// north, and areas alike. Good for solver and emulator studies, not for tides at a harbour.
    ///
    /// On a grid that is periodic, cells at opposite edges touch too.
    ///
    /// Throws `SeicheError(.file)` for a file that cannot serve, `.invalidInput` for a `minimumDepth` that is not above `wetThreshold`.
    public init(bathymetry path: String, minimumDepth: Double, periodicX: Bool = false, periodicY: Bool = false) throws {
        guard minimumDepth > Self.wetThreshold, minimumDepth.isFinite else {
            throw SeicheError(
                .invalidInput, "the minimum depth is \(minimumDepth) m, but a wet cell must be deeper than \(Self.wetThreshold) m",
                remedy: "choose a minimum depth of some metres, more than the waves are high")
        }
        let file = try NetCDFFile(reading: path)
        let longitude = try file.evenAxis("lon")
        let latitude = try file.evenAxis("lat")
        let (nx, ny) = (longitude.count, latitude.count)
        let elevation = try file.variable("elevation", shape: [ny, nx])
        let heights = try elevation.read(Double.self)
        let fill = try elevation.fillValue()
        if let bad = heights.firstIndex(where: { !$0.isFinite || $0 == fill }) {
            throw SeicheError(
                .file, "'elevation' in '\(path)' is missing at longitude \(longitude[bad % nx]), latitude \(latitude[bad / nx])",
                remedy: "fill the gaps first, with a positive height where there is land")
        }
        let sea = largestConnectedRegion(of: heights.map { $0 < 0 }, nx: nx, periodicX: periodicX, periodicY: periodicY)
        guard !sea.isEmpty else {
            throw SeicheError(
                .file, "no point of 'elevation' in '\(path)' lies under water", why: "heights must be negative under water",
                remedy: "change the sign if the file gives depths")
        }
        var depth = [Double](repeating: 0, count: nx * ny)
        for cell in sea { depth[cell] = max(-heights[cell], minimumDepth) }
        let middle = (latitude[0] + latitude[ny - 1]) / 2
        try self.init(
            nx: nx, ny: ny,
            dx: Sphere.degreeOfLongitude(at: middle) * spacing(of: longitude), dy: Sphere.degreeOfLatitude * spacing(of: latitude),
            depth: depth, coordinates: .geographic(longitude: longitude, latitude: latitude), periodicX: periodicX, periodicY: periodicY)
    }
}

/// The cells of the largest region of `true` whose members touch side to side; of two equal ones the one with the lowest first index.
///
/// `isMember` is [y, x] with rows of `nx`. Empty when none is `true`. In a periodic direction the first and the last cells touch.
func largestConnectedRegion(of isMember: [Bool], nx: Int, periodicX: Bool = false, periodicY: Bool = false) -> [Int] {
    let (count, toLastRow) = (isMember.count, isMember.count - nx)
    var isPending = isMember
    var largest: [Int] = []
    for first in isMember.indices where isPending[first] {
        isPending[first] = false
        var region = [first]
        var next = 0
        while next < region.count {
            let cell = region[next]
            next += 1
            let x = cell % nx
            let neighbours = [
                x > 0 ? cell - 1 : periodicX ? cell + nx - 1 : nil, x + 1 < nx ? cell + 1 : periodicX ? cell + 1 - nx : nil,
                cell >= nx ? cell - nx : periodicY ? cell + toLastRow : nil, cell + nx < count ? cell + nx : periodicY ? cell - toLastRow : nil,
            ]
            for case let neighbour? in neighbours where isPending[neighbour] {
                isPending[neighbour] = false
                region.append(neighbour)
            }
        }
        if region.count > largest.count { largest = region }
    }
    return largest
}

/// Mean spacing of an evenly spaced axis of two or more points.
func spacing(of axis: [Double]) -> Double { (axis[axis.count - 1] - axis[0]) / Double(axis.count - 1) }

extension NetCDFFile {
    /// A one-dimensional coordinate that must increase in even steps (to a thousandth of a step: files round).
    fileprivate func evenAxis(_ name: String) throws -> [Double] {
        let values = try variable(name).read(Double.self)
        guard values.count > 1 else {
            throw SeicheError(.file, "the axis '\(name)' in '\(path)' has \(values.count) point(s)", remedy: "cut out a larger area")
        }
        let step = spacing(of: values)
        let isEven = values.indices.allSatisfy { abs(values[$0] - values[0] - Double($0) * step) <= 1e-3 * step }
        guard step > 0, isEven else {
            throw SeicheError(
                .file, "the axis '\(name)' in '\(path)' does not increase in even steps",
                why: "it runs from \(values[0]) to \(values[values.count - 1]), \(step) a step in the mean",
                remedy: "turn or interpolate it first, for example with `cdo remapbil`")
        }
        return values
    }
}
