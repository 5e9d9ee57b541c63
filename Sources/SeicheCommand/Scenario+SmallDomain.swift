import Basics
import Configuration
import Dynamics
import ReferenceModels
import Trajectories

extension Scenario {
    /// The experiment on a domain so small that whole matrices fit: a basin of `cells` x `cells` with the experiment's spacing, time step and
    /// statistics of the bed; of a real sea the window of that size with the most wet cells, closed at its edges.
    init(_ experiment: Experiment, cells: Int) throws {
        switch experiment.model.domain {
        case .basin(_, _, let spacing):
            var small = experiment
            small.model.domain = .basin(nx: cells, ny: cells, spacing: spacing)
            try self.init(small)
        case .northSea:
            try self.init(experiment, sharedGrid: Scenario(experiment).sharedGrid?.wettestWindow(cells: cells))
        }
    }

    /// State 0 of simulation `index` of a split as its file would hold it, after the spin-up.
    func spunUp(_ split: TrajectoryDataSet.Split, _ index: Int) throws -> (model: ShallowWaterModel, state: ShallowWaterState) {
        let (grid, start) = try start(split, index)
        let model = try model(on: grid)
        return (model, try model.advanced(start, steps: experiment.simulations.spinUpSteps))
    }
}

extension ShallowWaterGrid {
    /// The window of `cells` x `cells` with the most wet ones, the first of equals from south to north, west to east.
    fileprivate func wettestWindow(cells: Int) throws -> ShallowWaterGrid {
        guard cells <= min(nx, ny) else {
            throw SeicheError(
                .invalidInput, "a window of \(cells) x \(cells) cells does not fit the grid of \(nx) x \(ny)", remedy: "give fewer cells")
        }
        let wet = wet
        func count(_ x: Int, _ y: Int) -> Int {
            (y..<y + cells).reduce(0) { sum, j in sum + wet[j * nx + x..<j * nx + x + cells].count { $0 } }
        }
        var best = (x: 0, y: 0, wet: count(0, 0))
        for y in 0...ny - cells {
            for x in 0...nx - cells {
                let here = count(x, y)
                if here > best.wet { best = (x, y, here) }
            }
        }
        return try window(x: best.x..<best.x + cells, y: best.y..<best.y + cells)
    }

    /// A part of the grid, closed at its edges.
    private func window(x: Range<Int>, y: Range<Int>) throws -> ShallowWaterGrid {
        let coordinates: Coordinates = switch coordinates {
        case .projected(let allX, let allY): .projected(x: Array(allX[x]), y: Array(allY[y]))
        case .geographic(let longitude, let latitude): .geographic(longitude: Array(longitude[x]), latitude: Array(latitude[y]))
        }
        return try ShallowWaterGrid(
            nx: x.count, ny: y.count, dx: dx, dy: dy, depth: y.flatMap { j in depth[j * nx + x.lowerBound..<j * nx + x.upperBound] },
            coordinates: coordinates)
    }
}
