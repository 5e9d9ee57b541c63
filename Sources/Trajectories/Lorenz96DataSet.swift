import Basics
import Dynamics

/// The first trajectories of one part of a Lorenz '96 data set, in memory.
public struct Lorenz96DataSet: Sendable {
    /// The files, in the order of their numbers.
    public let paths: [String]
    public let header: Lorenz96Header
    public let trajectories: [[Lorenz96State]]

    /// Reads `count` trajectories, at least one: those of `DIRECTORY/SPLIT` in the order of their numbers.
    ///
    /// Throws `SeicheError` (file) for one that is missing, damaged, or of another model than the first.
    public init(directory: String, split: TrajectoryDataSet.Split, count: Int) throws {
        var header: Lorenz96Header?
        let paths = (0..<max(1, count)).map { TrajectoryDataSet.path(directory: directory, split: split, index: $0) }
        trajectories = try paths.map { path in
            guard Files.exists(path) else {
                throw SeicheError(.file, "there is no simulation '\(path)'", remedy: "make it first with `seiche simulate`")
            }
            let trajectory = try Lorenz96Trajectory(path: path)
            var other = trajectory.header
            // What tells the files of one data set apart.
            (other.index, other.startTime) = (header?.index ?? other.index, header?.startTime ?? other.startTime)
            if let difference = header?.difference(from: other) {
                throw SeicheError(
                    .file, "'\(path)' and '\(paths[0])' do not belong together: \(difference)", why: "files of two experiments lie in one folder",
                    remedy: "give each experiment a folder of its own")
            }
            header = header ?? trajectory.header
            return try trajectory.states()
        }
        self.paths = paths
        self.header = header ?? Lorenz96Header(sectors: 0, timeStep: 0)
    }

    /// Which data a model was trained on: see `TrajectoryDataSet.checksum(of:)`.
    public func checksum() throws -> String { try TrajectoryDataSet.checksum(of: paths) }
}
