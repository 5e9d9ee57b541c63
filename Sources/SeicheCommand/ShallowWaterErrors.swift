import Dynamics

/// Root mean square differences of states over wet cells and open faces.
struct ShallowWaterErrors: Sendable {
    struct Size: Sendable {
        /// m
        var zeta: Double
        /// m/s, over the faces of both components.
        var velocity: Double
    }

    private let wet: [Bool]
    private let open: [Bool]

    init(_ grid: ShallowWaterGrid) { (wet, open) = (grid.wet, grid.openEast + grid.openNorth) }

    func size(_ a: ShallowWaterState, _ b: ShallowWaterState) -> Size {
        let differences = zip(a.vector, b.vector).map(-)
        func rootMeanSquare(_ values: ArraySlice<Double>, _ mask: [Bool]) -> Double {
            var (sum, count) = (0.0, 0)
            for (value, counts) in zip(values, mask) where counts { (sum, count) = (sum + value * value, count + 1) }
            return (sum / Double(max(1, count))).squareRoot()
        }
        return Size(zeta: rootMeanSquare(differences[..<wet.count], wet), velocity: rootMeanSquare(differences[wet.count...], open))
    }
}
