/// What drives a shallow-water model from outside: wind, and elevations given in cells of an open boundary.
///
/// State n of a run is at the time `startTime` + n * timeStep. Values are linear between given times, constant before the
/// first and after the last.
public struct ShallowWaterForcing: Equatable, Sendable {
    /// Stress on the water, in N/m2.
    public enum Wind: Equatable, Sendable {
        /// The same everywhere at all times.
        case constant(x: Double, y: Double)
        /// The same everywhere: one value of each component at each of the times (s, increasing).
        case uniform(times: [Double], x: [Double], y: [Double])
        /// At cell centres, [time, y, x], at each of the times (s, increasing). On a face it is the mean of the two cells.
        case fields(times: [Double], x: [Double], y: [Double])
    }

    /// Wet cells whose elevation is given: by tides, by values at given times, or by the sum of both.
    public struct OpenBoundary: Equatable, Sendable {
        /// A tide: amplitude * cos(frequency * t - phase) in each cell, t the time in s.
        public struct Constituent: Equatable, Sendable {
            /// rad/s
            public var frequency: Double
            /// m, one for each cell.
            public var amplitude: [Double]
            /// rad, one for each cell.
            public var phase: [Double]

            public init(frequency: Double, amplitude: [Double], phase: [Double]) {
                self.frequency = frequency
                self.amplitude = amplitude
                self.phase = phase
            }
        }

        /// The cells, as elements j * nx + i of the grid's fields.
        public var cells: [Int]
        public var constituents: [Constituent]
        /// s, increasing; empty without given values.
        public var times: [Double]
        /// Elevation in m, [time, cell].
        public var zeta: [Double]

        public init(cells: [Int], constituents: [Constituent] = [], times: [Double] = [], zeta: [Double] = []) {
            self.cells = cells
            self.constituents = constituents
            self.times = times
            self.zeta = zeta
        }
    }

    /// Time of state 0, in s: since 2000-01-01 00:00:00 wherever files take part.
    public var startTime: Double
    public var wind: Wind?
    public var boundary: OpenBoundary?

    public init(startTime: Double = 0, wind: Wind? = nil, boundary: OpenBoundary? = nil) {
        self.startTime = startTime
        self.wind = wind
        self.boundary = boundary
    }

    /// Whether every step is like every other, so that a model with this forcing is autonomous.
    public var isConstant: Bool {
        let isWindConstant = switch wind {
        case nil, .constant: true
        case .uniform(let times, _, _), .fields(let times, _, _): times.count <= 1
        }
        let isBoundaryConstant = boundary.map { $0.times.count <= 1 && $0.constituents.allSatisfy { $0.frequency == 0 } } ?? true
        return isWindConstant && isBoundaryConstant
    }
}
