import Dynamics

/// Names and CF descriptions of what a trajectory file holds; the one place where writer and reader agree.
struct TrajectoryLayout {
    /// Dimension and coordinate names: cell centres and faces along x and y.
    let x, y, xFace, yFace: String
    let isGeographic: Bool

    static let time = "time"
    static let bounds = "bnds"
    static let uCentre = "u_center"
    static let vCentre = "v_center"

    static let projected = TrajectoryLayout(x: "x", y: "y", xFace: "x_face", yFace: "y_face", isGeographic: false)
    static let geographic = TrajectoryLayout(x: "lon", y: "lat", xFace: "lon_face", yFace: "lat_face", isGeographic: true)

    /// One prognostic field: its name, where it sits, and which of its points carry a value.
    struct Field: Sendable {
        let name: String
        let dimensions: [String]
        let standardName, longName, units: String
        /// Points that carry a value, [y, x]: wet cells or open faces.
        let isActive: [Bool]
    }

    /// zeta, u, v: the order of `ShallowWaterState.vector`.
    func fields(of grid: ShallowWaterGrid) -> [Field] {
        [
            Field(
                name: "zeta", dimensions: [Self.time, y, x], standardName: "sea_surface_height_above_geopotential_datum",
                longName: "surface elevation", units: "m", isActive: grid.wet),
            Field(
                name: "u", dimensions: [Self.time, y, xFace], standardName: uStandardName,
                longName: "depth-mean velocity along x on east faces, zero on closed faces", units: "m s-1", isActive: grid.openEast),
            Field(
                name: "v", dimensions: [Self.time, yFace, x], standardName: vStandardName,
                longName: "depth-mean velocity along y on north faces, zero on closed faces", units: "m s-1", isActive: grid.openNorth),
        ]
    }

    var uStandardName: String { isGeographic ? "barotropic_eastward_sea_water_velocity" : "barotropic_sea_water_x_velocity" }
    var vStandardName: String { isGeographic ? "barotropic_northward_sea_water_velocity" : "barotropic_sea_water_y_velocity" }

    /// One spatial axis.
    struct Axis {
        let name, face, letter, standardName, units: String
        let centres: [Double]
        /// Distance of two centres, in `units`.
        let spacing: Double

        var faces: [Double] { centres.map { $0 + spacing / 2 } }
        /// Lower and upper edge of each cell, [cell, 2].
        var bounds: [Double] { centres.flatMap { [$0 - spacing / 2, $0 + spacing / 2] } }
    }

    /// The x and the y axis of a grid. A grid one cell wide takes the spacing from dx or dy.
    static func axes(of grid: ShallowWaterGrid) -> [Axis] {
        switch grid.coordinates {
        case .projected(let x, let y):
            return [
                Axis(
                    name: projected.x, face: projected.xFace, letter: "X", standardName: "projection_x_coordinate", units: "m", centres: x,
                    spacing: x.count > 1 ? Trajectories.spacing(of: x) : grid.dx),
                Axis(
                    name: projected.y, face: projected.yFace, letter: "Y", standardName: "projection_y_coordinate", units: "m", centres: y,
                    spacing: y.count > 1 ? Trajectories.spacing(of: y) : grid.dy),
            ]
        case .geographic(let longitude, let latitude):
            let middle = (latitude[0] + latitude[latitude.count - 1]) / 2
            return [
                Axis(
                    name: geographic.x, face: geographic.xFace, letter: "X", standardName: "longitude", units: "degrees_east", centres: longitude,
                    spacing: longitude.count > 1 ? Trajectories.spacing(of: longitude) : grid.dx / Sphere.degreeOfLongitude(at: middle)),
                Axis(
                    name: geographic.y, face: geographic.yFace, letter: "Y", standardName: "latitude", units: "degrees_north", centres: latitude,
                    spacing: latitude.count > 1 ? Trajectories.spacing(of: latitude) : grid.dy / Sphere.degreeOfLatitude),
            ]
        }
    }

    init(of grid: ShallowWaterGrid) {
        switch grid.coordinates {
        case .projected: self = .projected
        case .geographic: self = .geographic
        }
    }

    private init(x: String, y: String, xFace: String, yFace: String, isGeographic: Bool) {
        self.x = x
        self.y = y
        self.xFace = xFace
        self.yFace = yFace
        self.isGeographic = isGeographic
    }
}
