import Basics
import Dynamics
import Evaluation
import NetCDF
import ReferenceModels
import StencilSolvers

/// The systems that implicit emulators set up for the elevation, beside the scheme's: does the layer find the physics?
///
/// A row may be multiplied by any number without changing the solution, so couplings are compared after division by the row's diagonal:
/// ce / (1 + ce + cw + cn + cs), and alike, in docs/scheme.md's names.
struct StencilPlot {
    static let directions: [(name: String, direction: StencilDirection)] = [("ce", .east), ("cw", .west), ("cn", .north), ("cs", .south)]

    struct Source {
        let label: String
        /// [direction][y, x], zero on land.
        let couplings: [[Double]]
    }

    let truth: Source
    let learned: [Source]
    private let grid: ShallowWaterGrid

    /// - Parameter systems: matrices that emulators solve with at `state`.
    init(_ systems: [(label: String, matrix: StencilMatrix<Double>)], model: ShallowWaterModel, state: ShallowWaterState) throws {
        grid = model.grid
        let stencil = try model.elevationStencil(zeta: state.zeta)
        let (nx, cells) = (grid.nx, grid.cellCount)
        let couplings = [
            stencil.east, (0..<cells).map { $0 % nx == 0 ? 0 : stencil.east[$0 - 1] }, stencil.north, (0..<cells).map { $0 < nx ? 0 : stencil.north[$0 - nx] },
        ]
        let diagonal = (0..<cells).map { cell in couplings.reduce(1) { $0 + $1[cell] } }
        truth = Source(label: "Fortran model", couplings: couplings.map { zip($0, diagonal).map { $0 / $1 } })
        learned = systems.map { label, matrix in
            let a = matrix.coefficients
            return Source(
                label: label,
                couplings: Self.directions.map { _, direction in
                    (0..<cells).map { -a[direction.rawValue * cells + $0] / a[StencilDirection.center.rawValue * cells + $0] }
                })
        }
    }

    /// RMS of the difference over RMS of the truth, over wet cells and all four couplings.
    func relativeDifference(_ source: Source) -> Double {
        let wet = grid.wet
        var (error, size) = (0.0, 0.0)
        for (ours, theirs) in zip(source.couplings, truth.couplings) {
            for cell in wet.indices where wet[cell] {
                error += (ours[cell] - theirs[cell]) * (ours[cell] - theirs[cell])
                size += theirs[cell] * theirs[cell]
            }
        }
        return (error / size).squareRoot()
    }

    func write(to path: String) throws {
        let all = [truth] + learned
        let wet = grid.wet
        func masked(_ values: [Double]) -> [Double] { zip(values, wet).map { $1 ? $0 : .nan } }
        try NetCDFFile.writeFigure(
            path, title: "Couplings of the elevation system: the scheme's and the learned ones",
            labels: [("system", all.map(\.label)), ("direction", Self.directions.map(\.name))], lengths: [("y", grid.ny), ("x", grid.nx)],
            [
                ("coupling", ["system", "direction", "y", "x"], all.flatMap { $0.couplings.flatMap(masked) }, "1",
                    "minus the coefficient of the neighbour, divided by the diagonal's"),
                ("relative_difference", ["system"], all.map(relativeDifference), "1",
                    "root mean square of the difference from the Fortran model's couplings over that of these, wet cells"),
            ])
    }

    /// Rows are couplings; columns the truth, then of each emulator what it learned and the difference.
    func figure() throws -> MapFigure {
        // The truth sets the colours; what lies beyond takes the end's, and shows in the difference.
        let largest = truth.couplings.joined().max().flatMap { $0 > 0 ? $0 : nil } ?? 1
        let scale = ColorScale(label: "coupling / diagonal", kind: .sequential, group: "coupling", range: 0...largest)
        let rows = Self.directions.indices.map { d in
            let name = Self.directions[d].name
            return [MapPanel(title: "\(name), Fortran model", values: truth.couplings[d], scale: scale)]
                + learned.flatMap { source in
                    [
                        MapPanel(title: "\(name), \(source.label)", values: source.couplings[d], scale: scale),
                        MapPanel(
                            title: "difference", values: zip(source.couplings[d], truth.couplings[d]).map { $0 - $1 },
                            scale: ColorScale(label: "difference", group: source.label)),
                    ]
                }
        }
        let figures = learned.map { "\($0.label) \(Text.figure(relativeDifference($0)))" }.joined(separator: ", ")
        return try MapFigure(
            title: "RMS of the difference over RMS of the truth: \(figures)", rows: rows, coordinates: grid.coordinates, wet: grid.wet,
            width: 500 + 700 * learned.count)
    }
}
