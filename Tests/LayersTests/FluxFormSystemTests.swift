import Layers
import StencilSolvers
import Tensors
import TestSupport
import Testing

/// What the flux form promises whatever a network says and however badly its system is solved. Its derivatives are in the table of blocks.
@Suite struct FluxFormSystemTests {
    private let shape = [2, 2, 6, 7]
    private let cellShape = [2, 1, 6, 7]

    /// 1 on open faces: the outer edge, an island and a wall between the basins west and east of column 3.
    private var open: Tensor<Double> {
        var open = Tensor(shape: shape, repeating: 1.0)
        for sample in 0..<2 {
            for j in 0..<6 {
                for i in 0..<7 {
                    let dry = { (j: Int, i: Int) in (j == 2 && i == 1) || i == 3 || i == 7 || j == 6 }
                    for (side, n) in [(j, i + 1), (j + 1, i)].enumerated() where dry(j, i) || dry(n.0, n.1) {
                        open.scalars[((sample * 2 + side) * 6 + j) * 7 + i] = 0
                    }
                }
            }
        }
        return open
    }

    /// Conductance, velocity and depth, all of them anything.
    private func numbers(_ size: Double) -> [Tensor<Double>] {
        (0..<3).map { sampleTensor(shape, seed: 21 + UInt64($0)).scaled(by: size) }
    }

    private func system<Scalar: TensorScalar>(_ x: [Tensor<Double>], _ type: Scalar.Type) -> FluxFormSystem<Tensor<Scalar>> {
        let t = x.map { $0.converted(to: Scalar.self) }
        return FluxFormSystem(conductance: t[0], velocity: t[1], depth: t[2], open: open.converted(to: Scalar.self))
    }

    /// Largest change of the sum over a basin, in units of what was added up.
    private func drift<Scalar: TensorScalar>(
        _ system: FluxFormSystem<Tensor<Scalar>>, from x: Tensor<Scalar>, to next: Tensor<Scalar>, response y: Tensor<Scalar>
    ) -> Double {
        let flux = system.flux - system.coefficients * y.faceDifference()
        func sum(_ t: Tensor<Scalar>, _ sample: Int, _ columns: Range<Int>) -> Double {
            (0..<42).reduce(0) { columns.contains($1 % 7) ? $0 + Double(t.scalars[sample * 42 + $1]) : $0 }
        }
        let size = x.scalars.reduce(0) { $0 + Double(abs($1)) } + flux.scalars.reduce(0) { $0 + Double(abs($1)) }
        return (0..<2).flatMap { sample in
            [0..<3, 3..<4, 4..<7].map { abs(sum(next, sample, $0) - sum(x, sample, $0)) / size }
        }.max() ?? 0
    }

    @Test(arguments: [1e-30, 1e-3, 1, 1e3, 1e15]) func sumsOfBasinsAreKeptWhateverTheResponse(size: Double) {
        let x = sampleTensor(cellShape, seed: 30)
        let double = system(numbers(size), Double.self)
        // Responses that solve nothing: the fluxes keep the sum all the same.
        for response in [x.scaled(by: -7), Tensor(shape: cellShape, repeating: 0), sampleTensor(cellShape, seed: 31).scaled(by: 1e10)] {
            let next = double.advanced(x, response: response)
            #expect(measured("drift at \(size)", drift(double, from: x, to: next, response: response)) < 1e-15)
        }
        let single = system(numbers(size), Float.self)
        let (y, start) = (x.scaled(by: 3).converted(to: Float.self), x.converted(to: Float.self))
        #expect(measured("drift in Float at \(size)", drift(single, from: start, to: single.advanced(start, response: y), response: y)) < 5e-7)
    }

    @Test(arguments: [1e-2, 1e-13]) func sumIsKeptAtAnyTolerance(tolerance: Double) {
        let x = sampleTensor(cellShape, seed: 30)
        let made = system(numbers(1), Double.self)
        let next = made.advanced(x, by: LinearImplicit(solver: GaussSeidel(tolerance: tolerance)))
        #expect(measured("drift at tolerance \(tolerance)", abs(next.total - x.total) / x.scalars.reduce(0) { $0 + abs($1) }) < 1e-14)
        let dry = (0..<84).filter { $0 % 7 == 3 || $0 % 42 == 15 }
        #expect(dry.allSatisfy { next.scalars[$0] == x.scalars[$0] }, "land keeps its values")
        #expect(relativeError(next, x) > 0.01, "something must have moved")
    }

    @Test func updateIsTheSolutionWhereTheSolveIsExact() {
        let x = sampleTensor(cellShape, seed: 30)
        let made = system(numbers(1), Double.self)
        let layer = LinearImplicit(solver: GaussSeidel(tolerance: 1e-15))
        let y = layer.apply(stencil: made.coefficients.fluxFormStencil(), b: made.rightHandSide(x))
        #expect(measured("x' - y", relativeError(made.advanced(x, response: y), y)) < 1e-13)
        // Between the extremes of the right-hand side, as an M-matrix of unit row sums must.
        let b = made.rightHandSide(x).scalars
        #expect(y.scalars.allSatisfy { $0 <= (b.max() ?? 0) + 1e-12 && $0 >= (b.min() ?? 0) - 1e-12 })
        #expect(y.squaredNorm <= made.rightHandSide(x).squaredNorm * (1 + 1e-12))
    }

    @Test(arguments: [1e-30, 1, 1e6, 1e30]) func matrixIsAnMMatrixWhateverComesIn(size: Double) {
        func check<Scalar: TensorScalar>(_ type: Scalar.Type) {
            for sign in [1.0, -1] {
                var x = numbers(size)
                x[2] = numbers(1)[2].scaled(by: sign)
                let made = system(x, type)
                #expect(made.coefficients.scalars.allSatisfy { $0 >= 0 && $0.isFinite })
                #expect(zip(made.coefficients.scalars, open.scalars).allSatisfy { $1 == 1 || $0 == 0 })
                let matrix = StencilLayout().matrix(made.coefficients.fluxFormStencil(), sample: 1)
                let measures = matrix.measures
                #expect(measures.isSymmetric && measures.hasPositiveDiagonal && measures.isFinite)
                #expect(measures.jacobiBound <= 1 + 8 * Double(Scalar.ulpOfOne))
                #expect(matrix.coefficients[..<42].allSatisfy { $0 >= 1 } && matrix.coefficients[42...].allSatisfy { $0 <= 0 })
                // The 1 survives beside coefficients up to 1 / eps.
                if size <= 1e6 && type == Double.self { #expect(measures.rowMargin > 0.99 && measures.inverseBound != nil) }
            }
        }
        check(Double.self)
        check(Float.self)
    }

    // MARK: Derivatives

    /// No direction changes the sum but the field's own, in a derivative as in the value.
    @Test func derivativesConserveToo() {
        let layer = LinearImplicit(solver: GaussSeidel(tolerance: 1e-2))
        let (x, field, open) = (numbers(1), sampleTensor(cellShape, seed: 30), open)
        func tangent(_ size: Double, _ change: Tensor<Double>) -> Tensor<Double> {
            let fields = x.enumerated().map { TangentField(primal: $1, tangent: sampleTensor(shape, seed: 50 + UInt64($0)).scaled(by: size)) }
            let made = FluxFormSystem(conductance: fields[0], velocity: fields[1], depth: fields[2], open: open)
            return made.advanced(TangentField(primal: field, tangent: change), by: layer).tangent
        }
        let (along, change) = (tangent(1, .zero), sampleTensor(cellShape, seed: 53))
        #expect(along.squaredNorm > 1, "something must have moved")
        #expect(measured("sum of a derivative by the system", abs(along.total)) < 1e-12)
        #expect(measured("sum of a derivative by the field", abs(tangent(0, change).total - change.total)) < 1e-12)
    }

    @Test func smallChangesOfCoefficientsAreNotRoundedAway() {
        let layer = LinearImplicit(solver: BandedDirect(tolerance: 1e-13))
        // Beside the 1 of the matrix 1e-20 is nothing; beside zero it is a direction like any other.
        let c = Tensor(shape: [1, 2, 5, 6], repeating: 0.5)
        func tangent(_ size: Double) -> Tensor<Double> {
            let b = TangentField(constant: sampleTensor([1, 1, 5, 6], seed: 60))
            let change = TangentField(primal: c, tangent: sampleTensor(c.shape, seed: 61).scaled(by: size))
            return b.solvedInFluxForm(coefficients: change, by: layer).tangent
        }
        #expect(measured("a direction of 1e-20", relativeError(tangent(1e-20).scaled(by: 1e20), tangent(1))) < 1e-12)
    }
}
