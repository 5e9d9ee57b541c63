import Basics

/// Adam in the eigenbasis of Shampoo's preconditioner (Vyas et al. 2025, "SOAP: improving and stabilizing Shampoo using Adam").
///
/// A parameter that is a matrix W, outputs by inputs, has gradients G whose second moments are taken to be a Kronecker product of E[G G^T] and E[G^T G].
/// In the basis of their eigenvectors the elements of G are nearly uncorrelated, and Adam's scaling of each by its own second moment is then nearly a
/// division by the curvature. What depends on strongly correlated inputs, such as the neighbours of a smooth field, is what gains by it.
public struct SOAP: Equatable, Sendable {
    /// A block of parameters that is a matrix, row by row.
    public struct Matrix: Equatable, Sendable {
        public let range: Range<Int>
        public let rows: Int
        public let columns: Int

        public init(range: Range<Int>, rows: Int, columns: Int) {
            precondition(range.count == rows * columns, "\(range.count) parameters as \(rows) x \(columns)")
            (self.range, self.rows, self.columns) = (range, rows, columns)
        }
    }

    public struct Settings: Equatable, Sendable {
        /// Parameters outside them are stepped by plain Adam.
        public var matrices: [Matrix]
        public var firstDecay: Double
        public var secondDecay: Double
        /// Of the averages of G G^T and G^T G.
        public var covarianceDecay: Double
        /// Updates between two looks for the eigenvectors.
        public var refreshEvery: Int
        /// A side longer than this keeps the identity as its basis: eigenvectors cost its third power.
        public var longestSide: Int

        public init(
            matrices: [Matrix], firstDecay: Double = 0.95, secondDecay: Double = 0.99, covarianceDecay: Double = 0.99, refreshEvery: Int = 20,
            longestSide: Int = 600
        ) {
            self.matrices = matrices
            self.firstDecay = firstDecay
            self.secondDecay = secondDecay
            self.covarianceDecay = covarianceDecay
            self.refreshEvery = refreshEvery
            self.longestSide = longestSide
        }
    }

    static let epsilon = 1e-8

    public let settings: Settings
    /// Updates done.
    public private(set) var updates: Int
    /// In the parameters' own basis.
    public private(set) var firstMoment: [Double]
    /// In the eigenbasis.
    public private(set) var secondMoment: [Double]
    /// Of every matrix, one after the other: E[G G^T] and E[G^T G] of the sides that are short enough, row by row.
    public private(set) var covariances: [Double]
    /// Their eigenvectors, row by row, in the same places.
    public private(set) var bases: [Double]

    public init(_ settings: Settings, count: Int) {
        self.settings = settings
        updates = 0
        firstMoment = [Double](repeating: 0, count: count)
        secondMoment = firstMoment
        covariances = [Double](repeating: 0, count: Self.sides(settings).map { $0.length * $0.length }.reduce(0, +))
        bases = covariances
    }

    /// As saved in a checkpoint; nil where lengths do not fit.
    public init?(
        _ settings: Settings, updates: Int, firstMoment: [Double], secondMoment: [Double], covariances: [Double], bases: [Double]
    ) {
        self.init(settings, count: firstMoment.count)
        guard secondMoment.count == firstMoment.count, covariances.count == self.covariances.count, bases.count == self.bases.count else { return nil }
        (self.updates, self.firstMoment, self.secondMoment, self.covariances, self.bases) = (updates, firstMoment, secondMoment, covariances, bases)
    }

    /// The step that one update takes, for a `gradient` of the length given at the start.
    public mutating func step(gradient: [Double], rate: Double) -> [Double] {
        precondition(gradient.count == firstMoment.count, "a gradient of \(gradient.count) values for \(firstMoment.count) parameters")
        observe(gradient)
        updates += 1
        let (a, b) = (settings.firstDecay, settings.secondDecay)
        for k in firstMoment.indices { firstMoment[k] = a * firstMoment[k] + (1 - a) * gradient[k] }
        let rotated = turned(gradient, back: false)
        var step = turned(firstMoment, back: false)
        let (firstCorrection, secondCorrection) = (1 - power(a, Double(updates)), 1 - power(b, Double(updates)))
        for k in step.indices {
            secondMoment[k] = b * secondMoment[k] + (1 - b) * rotated[k] * rotated[k]
            step[k] = -rate * (step[k] / firstCorrection) / ((secondMoment[k] / secondCorrection).squareRoot() + Self.epsilon)
        }
        return turned(step, back: true)
    }

    /// One side of one matrix, and where its square lies in `covariances` and `bases`.
    private struct Side {
        let matrix: Matrix
        let isLeft: Bool
        let length: Int
        let offset: Int
        var range: Range<Int> { offset..<offset + length * length }
    }

    private static func sides(_ settings: Settings) -> [Side] {
        var offset = 0
        var sides: [Side] = []
        for matrix in settings.matrices {
            for (isLeft, length) in [(true, matrix.rows), (false, matrix.columns)] where length > 1 && length <= settings.longestSide {
                sides.append(Side(matrix: matrix, isLeft: isLeft, length: length, offset: offset))
                offset += length * length
            }
        }
        return sides
    }

    /// Takes a gradient into the covariances, and looks for their eigenvectors anew where it is time.
    private mutating func observe(_ gradient: [Double]) {
        let isTime = updates % settings.refreshEvery == 0
        // The first gradient stands for the average: of an average that begins at zero the eigenvectors would be the same.
        let keep = updates == 0 ? 0 : settings.covarianceDecay
        for side in Self.sides(settings) {
            let block = Array(gradient[side.matrix.range])
            let (rows, columns) = (side.matrix.rows, side.matrix.columns)
            var covariance = Array(covariances[side.range])
            if side.isLeft {
                DenseMatrices.multiply(block, by: block, transposing: (false, true), (rows, rows, columns), scaledBy: 1 - keep, addingTo: &covariance, scaledBy: keep)
            } else {
                DenseMatrices.multiply(block, by: block, transposing: (true, false), (columns, columns, rows), scaledBy: 1 - keep, addingTo: &covariance, scaledBy: keep)
            }
            covariances.replaceSubrange(side.range, with: covariance)
            // Where no eigenvectors are found the earlier ones stay; a first basis is then the identity.
            if isTime, let basis = DenseMatrices.eigenpairs(covariance, side.length)?.vectors ?? (updates == 0 ? DenseMatrices.identity(side.length) : nil) {
                bases.replaceSubrange(side.range, with: basis)
            }
        }
    }

    /// A vector of parameters into the eigenbasis, E_L G E_R^T with eigenvectors as rows, or back.
    private func turned(_ vector: [Double], back: Bool) -> [Double] {
        var result = vector
        for side in Self.sides(settings) {
            let (rows, columns) = (side.matrix.rows, side.matrix.columns)
            let block = Array(result[side.matrix.range])
            let basis = Array(bases[side.range])
            var image = [Double](repeating: 0, count: block.count)
            if side.isLeft {
                DenseMatrices.multiply(basis, by: block, transposing: (back, false), (rows, columns, rows), scaledBy: 1, addingTo: &image, scaledBy: 0)
            } else {
                DenseMatrices.multiply(block, by: basis, transposing: (false, !back), (rows, columns, columns), scaledBy: 1, addingTo: &image, scaledBy: 0)
            }
            result.replaceSubrange(side.matrix.range, with: image)
        }
        return result
    }
}
