import Basics
import Tensors

/// Cycles through the grids of a hierarchy, with the vectors that they need: one run a solve, so that solves can go side by side.
final class MultigridRun<Scalar: TensorScalar> {
    private let hierarchy: MultigridHierarchy<Scalar>
    private let grids: [Grid]

    /// What a grid needs besides its matrix.
    private struct Grid {
        let sweep: ColourSweep<Scalar>
        /// Solution and right-hand side; the finest grid's are the caller's.
        let correction: GridVector<Scalar>?
        let right: GridVector<Scalar>?
        /// Residuals where a cell has several fields.
        let residuals: GridVector<Scalar>?
        /// To the next coarser grid, and that grid's vectors in its order.
        let transfer: Transfer<Scalar>?
        let coarse: RowPlanes<Scalar>?
        /// One for each strip of rows that may be swept side by side.
        let restrictions: [RestrictionScratch<Scalar>]
    }

    init(_ hierarchy: MultigridHierarchy<Scalar>) {
        self.hierarchy = hierarchy
        let strips = ThreadCount.free
        grids = hierarchy.sweeps.enumerated().map { index, sweep in
            let matrix = sweep.matrix
            let transfer = index < hierarchy.transfers.count ? hierarchy.transfers[index] : nil
            return Grid(
                sweep: sweep, correction: index == 0 ? nil : matrix.vector(), right: index == 0 ? nil : matrix.vector(),
                residuals: matrix.fields > 1 ? matrix.vector() : nil, transfer: transfer, coarse: transfer?.coarseRows(),
                restrictions: transfer.map { transfer in (0..<strips).map { _ in RestrictionScratch(transfer) } } ?? [])
        }
    }

    /// Cycles from y, or from zero, whatever y holds.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    func improve(_ y: GridVector<Scalar>, _ b: GridVector<Scalar>, cycles: Int = 1, fromZero: Bool = false) {
        improve(0, hierarchy.cycle.kind, y, b, cycles: cycles, fromZero: fromZero)
    }

    private func improve(
        _ index: Int, _ kind: MultigridCycle.Kind, _ y: GridVector<Scalar>, _ b: GridVector<Scalar>, cycles: Int = 1, fromZero: Bool
    ) {
        let (grid, cycle, order) = (grids[index], hierarchy.cycle, hierarchy.reversesColours)
        guard let transfer = grid.transfer, let coarse = grid.coarse, let correction = grids[index + 1].correction,
            let right = grids[index + 1].right
        else { return solveCoarsest(grid, y, b, fromZero: fromZero) }
        let scratch = grid.restrictions
        let restrict = { (j: Int, strip: Int) in
            guard let row = transfer.coarseRow(after: j) else { return }
            transfer.restrictResidual(row: row, grid.sweep.matrix, y, b, into: right, scratch[strip])
        }
        let interpolate = { transfer.addInterpolated(row: $0, coarse, to: y) }
        func pass(_ sweeps: Int, reversed: Bool, prepare: ((Int) -> Void)?, finish: ((Int, Int) -> Void)?) {
            for kept in scratch { kept.forget() }
            grid.sweep.relax(
                y, b, reversed: reversed, sweeps: sweeps, strips: scratch.count, scratch: grid.residuals, prepare: prepare, finish: finish)
        }
        pass(cycle.presmoothing, reversed: order.before, prepare: fromZero ? { y.clear(row: $0) } : nil, finish: restrict)
        for remaining in (0..<cycles).reversed() {
            switch kind {
            case .v: improve(index + 1, .v, correction, right, fromZero: true)
            case .f:
                improve(index + 1, hierarchy.isTransposed ? .v : .f, correction, right, fromZero: true)
                improve(index + 1, hierarchy.isTransposed ? .f : .v, correction, right, fromZero: false)
            }
            coarse.load(correction)
            if remaining > 0 && order.before == order.after {
                // The sweeps after this correction and those before the next are one walk through the grid.
                pass(cycle.postsmoothing + cycle.presmoothing, reversed: order.after, prepare: interpolate, finish: restrict)
            } else {
                pass(cycle.postsmoothing, reversed: order.after, prepare: interpolate, finish: nil)
                if remaining > 0 { pass(cycle.presmoothing, reversed: order.before, prepare: nil, finish: restrict) }
            }
        }
    }

    private func solveCoarsest(_ grid: Grid, _ y: GridVector<Scalar>, _ b: GridVector<Scalar>, fromZero: Bool) {
        if hierarchy.hasSingularCoarsest {
            if fromZero { y.clear() }
            for reversed in [false, true, false, true] { grid.sweep.relax(y, b, reversed: reversed, scratch: grid.residuals) }
            return
        }
        y.load(hierarchy.solvedOnCoarsest(b.unload()))
    }
}
