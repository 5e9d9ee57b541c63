import Basics

extension Experiment.Model {
    public enum Axis: String, ConfigurationChoice { case x, y }

    /// The Earth's rotation: model.coriolis and model.beta, or model.rotation, which gives both from a latitude.
    public enum Rotation: Equatable, Sendable {
        /// f in the middle of the grid, 1/s, and df/dy, 1/(m s).
        case parameters(coriolis: Double, beta: Double)
        /// Degrees north of the middle of the grid; without the beta plane f is the same everywhere.
        case latitude(Double, betaPlane: Bool)

        /// 2 pi over the sidereal day of 86164.0905 s, rad/s.
        public static let earthRotation = 2 * Double.pi / 86_164.0905
        /// m; as for distances on a bathymetry's grid.
        private static let earthRadius = 6_371_000.0

        /// 1/s
        public var coriolis: Double {
            switch self {
            case .parameters(let coriolis, _): coriolis
            case .latitude(let latitude, _): 2 * Self.earthRotation * sine(latitude * Double.pi / 180)
            }
        }

        /// 1/(m s)
        public var beta: Double {
            switch self {
            case .parameters(_, let beta): beta
            case .latitude(_, betaPlane: false): 0
            case .latitude(let latitude, betaPlane: true): 2 * Self.earthRotation * cosine(latitude * Double.pi / 180) / Self.earthRadius
            }
        }

        /// The three keys, of which model.rotation excludes the others.
        static func exchange(_ rotation: inout Rotation?, with node: ConfigurationNode) throws {
            var (coriolis, beta, plane): (Double?, Double?, Plane?)
            switch rotation {
            case .parameters(let f, let increase): (coriolis, beta) = (f, increase)
            case .latitude(let latitude, let betaPlane): plane = Plane(latitude: latitude, betaPlane: betaPlane)
            case nil: break
            }
            try node.optional("coriolis", &coriolis)
            try node.optional("beta", &beta)
            try node.optionalSection("rotation", &plane, initially: Plane())
            if let plane {
                for (key, value) in [("coriolis", coriolis), ("beta", beta)] where value != nil {
                    throw node.problem(
                        with: key, "and model.rotation are both given, but both give the Coriolis parameter", remedy: "remove one of them")
                }
                rotation = .latitude(plane.latitude, betaPlane: plane.betaPlane)
            } else if coriolis != nil || beta != nil {
                rotation = .parameters(coriolis: coriolis ?? 0, beta: beta ?? 0)
            }
        }
    }

    /// The keys of model.rotation.
    private struct Plane: ConfigurationSection {
        var latitude = 0.0
        var betaPlane = false

        mutating func exchange(with node: ConfigurationNode) throws {
            try node.value("latitude", &latitude, .within(-90...90), required: true)
            try node.value("beta_plane", &betaPlane)
        }
    }
}
