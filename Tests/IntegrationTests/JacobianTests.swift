import Basics
import Dynamics
import Evaluation
import ReferenceModels
import TestSupport
import Testing

/// Three ways to one matrix: finite differences give its columns, so does the tangent-linear, and the adjoint gives its rows.
@Suite struct JacobianTests {
    static let cases: [(Lorenz96Parameters, Double, Int)] = [
        (.oneLevel, 0.05, 1), (.oneLevel, 0.05, 20), (.init(sectors: 5, fastPerSector: 2), 0.005, 20), (.twoLevels, 0.005, 1),
    ]

    @Test(arguments: cases) func ofLorenz96(_ parameters: Lorenz96Parameters, _ timeStep: Double, _ steps: Int) throws {
        let model = try Lorenz96Model(parameters: parameters, timeStep: timeStep)
        let state = try model.advance(model.initialState(seed: 2, perturbation: 0.3), steps: 1000)
        let units = state.vector.indices.map { j in
            var unit = Lorenz96State(sectors: parameters.sectors, fastPerSector: parameters.fastPerSector)
            unit.vector[j] = 1
            return unit
        }
        let tangent = Jacobian(columns: try units.map { try model.tangent(at: state, applying: $0, steps: steps).vector })
        let adjoint = Jacobian(columns: try units.map { try model.adjoint(at: state, applying: $0, steps: steps).state.vector })
        let (differences, errors) = try model.finiteDifferenceJacobianStudy(at: state, steps: steps)

        let name = "J = \(parameters.fastPerSector), \(steps) steps"
        let columns = tangent.columns.flatMap(\.self)
        let transposed = units.indices.flatMap { adjoint.row($0) }
        #expect(measured("\(name): adjoint's rows", relativeError(transposed, columns)) < 1e-14)
        #expect(measured("\(name): differences", relativeError(differences.columns.flatMap(\.self), columns)) < 1e-9)
        // The estimates hold, to the safe side.
        for j in units.indices {
            let distance = zip(differences.columns[j], tangent.columns[j]).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
            #expect(distance <= errors[j])
        }
    }

    /// A part of the shallow-water model's matrix in units of typical sizes is that of finite differences in those units.
    @Test func partsInUnitsAreThoseOfTheWhole() throws {
        var depth = [Double](repeating: 15, count: 48)
        depth[20] = 0
        let grid = try ShallowWaterGrid(nx: 8, ny: 6, dx: 1e4, dy: 1e4, depth: depth)
        let model = try ShallowWaterModel(grid: grid, timeStep: 900, parameters: .init(tolerance: 1e-14))
        var state = ShallowWaterState(nx: 8, ny: 6)
        for cell in 0..<48 where grid.wet[cell] { state.vector[cell] = 0.3 * cosine(0.7 * Double(cell)) }
        state = try model.advanced(state, steps: 3)
        let elements = ChannelMasks(grid).elements
        #expect(elements.count == 47 + (grid.openEast + grid.openNorth).count { $0 })
        let units = [0.02, 0.005, 0.007].flatMap { [Double](repeating: $0, count: 48) }
        let part = try model.jacobian(at: state, elements: elements, units: units)
        let whole = try model.finiteDifferenceJacobian(at: state, size: 1e-3, units: units)
        let expected = Jacobian(columns: elements.map { j in elements.map { i in whole[i, j] * units[j] / units[i] } })
        #expect(measured("part of the Jacobian", try part.relativeError(to: expected)) < 1e-6)
        #expect(complaint(.invalidInput, "144") { _ = try model.jacobian(at: state, elements: [144]) } == nil)
        #expect(complaint(.invalidInput, "units") { _ = try model.jacobian(at: state, units: [1]) } == nil)
    }

    /// The shallow-water step along a bump: the choice is as near to the tangent-linear as the solver's tolerance lets it be.
    @Test func ofTheShallowWaterModelAlongADirection() throws {
        let grid = try ShallowWaterGrid(nx: 12, ny: 9, dx: 1e4, dy: 1e4, depth: [Double](repeating: 15, count: 108))
        let model = try ShallowWaterModel(grid: grid, timeStep: 600, parameters: .init(tolerance: 1e-14))
        var state = ShallowWaterState(nx: 12, ny: 9)
        var direction = state
        for cell in 0..<108 {
            state.vector[cell] = 0.5 * cosine(0.7 * Double(cell))
            direction.vector[cell] = cosine(1.3 * Double(cell))
        }
        state = try model.advanced(state, steps: 5)
        let study = try model.finiteDifferenceStudy(at: state, along: direction.vector)
        let tangent: any TangentLinearModel<ShallowWaterState> = model
        let exact = try tangent.tangentStep(at: state, applying: direction).vector
        #expect(measured("shallow water, estimated \(study.relativeError)", relativeError(study.derivative, exact)) < 1e-8)
    }
}
