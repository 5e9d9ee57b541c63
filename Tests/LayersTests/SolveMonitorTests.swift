import Layers
import StencilSolvers
import Tensors
import TestSupport
import Testing

/// What the layer says of its solves: reports, bounds of the gradient's error, and where solves start.
@Suite struct SolveMonitorTests {
    private func linearised(_ c: LayerCase, _ layer: LinearImplicit) -> ImplicitLinearisation<Double> {
        layer.linearise(stencil: c.stencil, b: c.b, layout: c.layout)
    }

    private static func side(_ ny: Int, _ nx: Int) -> LayerCase.Side { .init(ny: ny, nx: nx, periodicY: false, periodicX: false, fields: 1) }
    private let example = LayerCase(.symmetric, .fivePoint, side(11, 13))

    @Test func everySolveIsSeen() throws {
        let layer = LinearImplicit(solver: GaussSeidel(tolerance: 1e-10, maximumSweeps: 7))
        _ = linearised(example, layer).pullback(example.cotangent)
        let record = layer.monitor.drain()
        #expect(record.forward.solves == 2 && record.backward.solves == 2)
        #expect(record.forward.iterations == 14 && record.forward.meanIterations == 7 && record.backward.largestIterations == 7)
        #expect(record.entries.map(\.direction) == [.forward, .forward, .backward, .backward])
        #expect(record.entries.map(\.sample) == [0, 1, 0, 1])
        #expect(record.entries.allSatisfy { $0.report.iterations == 7 && ($0.gradientError != nil) == ($0.direction == .backward) })
        let failure = try #require(record.failure)
        #expect(failure.direction == .forward && failure.report.status == .iterationLimit)
        let empty = layer.monitor.drain()
        #expect(empty.forward.solves == 0 && empty.failure == nil && empty.forward.meanIterations == 0 && empty.entries.isEmpty)
        #expect(empty.largestGradientError == nil)
    }

    @Test func tangentsAndSecondDerivativesAreSeen() {
        let layer = LinearImplicit(solver: GaussSeidel(tolerance: 1e-10), samples: [31, 7])
        let at = linearised(example, layer)
        let gradient = at.pullback(example.cotangent)
        _ = at.hessianVectorProduct(stencil: example.stencilDirection, b: example.bDirection, gradient: gradient) { $0 }
        let record = layer.monitor.drain()
        #expect(record.forward.solves == 4 && record.backward.solves == 4 && record.failure == nil)
        #expect(record.entries.map(\.sample) == [31, 7, 31, 7, 31, 7, 31, 7])
    }

    @Test func memoryIsBounded() {
        let layer = LinearImplicit(solver: GaussSeidel(tolerance: 1e-2))
        let small = LayerCase(.symmetric, .fivePoint, Self.side(1, 2))
        for _ in 0..<SolveMonitor.longest / 2 + 10 { _ = linearised(small, layer) }
        let record = layer.monitor.drain()
        #expect(record.entries.count == SolveMonitor.longest && record.forward.solves == SolveMonitor.longest + 20)
    }

    // MARK: The gradient's error

    @Test(arguments: LayerOracle.all, [1e-2, 1e-4, 1e-8]) func gradientErrorIsBounded(_ o: LayerOracle, tolerance: Double) throws {
        let layer = LinearImplicit(solver: GaussSeidel(tolerance: tolerance))
        let at = linearised(o.c, layer)
        let gradient = at.pullback(o.c.cotangent)
        let record = layer.monitor.drain()
        let entries = record.entries.filter { $0.direction == .backward }
        // Symmetric cases dominate by rows and columns, others by chance.
        if o.c.isSymmetric { #expect(entries.allSatisfy { $0.gradientError != nil }) }
        for (k, entry) in entries.enumerated() {
            guard let bound = entry.gradientError else { continue }
            func error(_ found: Tensor<Double>, _ exact: Tensor<Double>) -> Double {
                let half = found.count / 2
                let (a, b) = (found.scalars[k * half..<(k + 1) * half], exact.scalars[k * half..<(k + 1) * half])
                let size = a.reduce(0) { $0 + $1 * $1 }.squareRoot()
                return size == 0 ? 0 : zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot() / size
            }
            let (stencilError, bError) = (error(gradient.stencil, o.stencilGradient), error(gradient.b, o.adjoint))
            // Elimination and the products round.
            #expect(stencilError <= bound.coefficients + 1e-14 && bError <= bound.b + 1e-14)
            #expect(bound.coefficients <= record.largestGradientError?.coefficients ?? 0)
            if bError > 1e-10 { #expect(measured("\(o) at \(tolerance), bound over error of b", bound.b / bError) < 100) }
            if stencilError > 1e-10 {
                #expect(measured("\(o) at \(tolerance), bound over error of coefficients", bound.coefficients / stencilError) < 300)
            }
        }
    }

    @Test(arguments: [1e-200, 1e-30, 1e30, 1e150]) func boundsDoNotDependOnSizes(scale: Double) throws {
        let layer = LinearImplicit(solver: GaussSeidel(tolerance: 1e-6))
        _ = linearised(example, layer).pullback(example.cotangent)
        let plain = try #require(layer.monitor.drain().largestGradientError)
        _ = linearised(example, layer).pullback(example.cotangent.scaled(by: scale))
        let scaled = try #require(layer.monitor.drain().largestGradientError)
        #expect(abs(scaled.coefficients / plain.coefficients - 1) < 1e-9 && abs(scaled.b / plain.b - 1) < 1e-9)
    }

    // MARK: Warm starts

    @Test(arguments: LayerCase.all) func warmStartsChangeNothingButTheWork(_ c: LayerCase) {
        let layer = LinearImplicit(solver: GaussSeidel(tolerance: 1e-12))
        let cold = linearised(c, layer)
        let expected = cold.pullback(c.cotangent)
        let store = WarmStart()
        let warm = layer.remembering(store, samples: [5, 3])
        for round in 0..<3 {
            // The system changes a little, then nothing but the cotangent's size does.
            let moved = round == 0 ? c.b.scaled(by: 1.01) : c.b
            let at = warm.linearise(stencil: c.stencil, b: moved, layout: c.layout)
            let gradient = at.pullback(c.cotangent.scaled(by: round == 2 ? 1e-5 : 1))
            guard round > 0 else { continue }
            #expect(measured("\(c), warm solution", relativeError(at.solution, cold.solution)) < 1e-10)
            let scaled = gradient.b.scaled(by: round == 2 ? 1e5 : 1)
            #expect(measured("\(c), warm adjoint", relativeError(scaled, expected.b)) < 1e-10)
        }
        #expect(store.count(.forward) == 2 && store.count(.backward) == 2)
        _ = layer.monitor.drain()
        _ = warm.linearise(stencil: c.stencil, b: c.b, layout: c.layout).pullback(c.cotangent.scaled(by: 1e7))
        let record = layer.monitor.drain()
        #expect(record.forward.largestIterations <= 1 && record.backward.largestIterations <= 1, "the solution itself is the guess, in any size")
        store.forget()
        #expect(store.count(.forward) == 0 && store.count(.backward) == 0)
    }

    @Test func warmStartsSaveSweeps() {
        // What an outer iteration of 4D-Var or an epoch does: the system and its cotangent move by a hundredth.
        let c = LayerCase(.symmetric, .fivePoint, Self.side(20, 33))
        let warm = LinearImplicit(solver: GaussSeidel(tolerance: 1e-6)).remembering(WarmStart(), samples: [0, 1])
        func sweeps(_ step: Double) -> (forward: Int, backward: Int) {
            let at = warm.linearise(stencil: c.stencil, b: c.b + c.bDirection.scaled(by: step), layout: c.layout)
            _ = at.pullback(c.cotangent + c.cotangentDirection.scaled(by: step))
            let record = warm.monitor.drain()
            return (record.forward.iterations, record.backward.iterations)
        }
        let (first, second) = (sweeps(0), sweeps(1e-2))
        #expect(second.forward < first.forward && second.backward < first.backward, "\(first), then \(second)")
        #expect(Double(measured("share of sweeps, warm", Double(second.forward + second.backward)) / Double(first.forward + first.backward)) < 0.8)
    }
}
