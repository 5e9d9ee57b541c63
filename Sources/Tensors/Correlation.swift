/// The sums over channels and taps that every convolution and its derivatives are, on the planes of a batch.
///
/// P being the field with `borderY` and `borderX` cells added around it,
///
///     out[o][y][x] = bias[o] + sum over c, ky, kx of w[o][c][ky][kx] P[c][stride y + dilation ky][stride x + dilation kx].
///
/// A sample is worked off in bands of rows whose padded copy stays in the processor's cache; a band is what a thread takes. Of fields of a single row, as
/// the rings of Lorenz '96, the samples are the rows.
struct Correlation {
    let batch: Int
    let inputs: Int
    let outputs: Int
    let ny: Int
    let nx: Int
    let kernelY: Int
    let kernelX: Int
    /// Along both axes, but that the one row of a line has no next to stride to.
    var strideX = 1
    let dilation: Int
    let borderY: Border
    let borderX: Border
    let padding: Padding

    /// How many cells are added before the first of an axis and after the last.
    struct Border: Equatable {
        let before: Int
        let after: Int
        var total: Int { before + after }
    }

    var taps: Int { kernelY * kernelX }
    var terms: Int { inputs * taps }
    var strideY: Int { ny == 1 && kernelY == 1 ? 1 : strideX }
    var outNy: Int { (ny + borderY.total - dilation * (kernelY - 1) - 1) / strideY + 1 }
    var outNx: Int { (nx + borderX.total - dilation * (kernelX - 1) - 1) / strideX + 1 }
    /// Multiplications in all.
    var work: Int { batch * outputs * outNy * outNx * terms }

    /// Whether the samples, of one row each, are taken as rows of one.
    private var samplesAreRows: Bool { ny == 1 && kernelY == 1 && borderY.total == 0 }

    /// How the planes of one side lie in memory, in elements.
    struct Layout {
        let sampleStride: Int
        let planeStride: Int
        let rowStride: Int
    }

    var inputLayout: Layout {
        Layout(sampleStride: inputs * ny * nx, planeStride: ny * nx, rowStride: samplesAreRows ? inputs * nx : nx)
    }

    var outputLayout: Layout {
        Layout(sampleStride: outputs * outNy * outNx, planeStride: outNy * outNx, rowStride: samplesAreRows ? outputs * outNx : outNx)
    }

    /// Rows of output in a sample.
    private var rows: Int { samplesAreRows ? batch : outNy }

    /// Whether every cell sees itself alone: then nothing is copied, and a band is one long row.
    func isPointwise<Scalar: TensorScalar>(_ type: Scalar.Type) -> Bool {
        taps == 1 && strideX == 1 && borderY.total == 0 && borderX.total == 0 && !samplesAreRows && ny * nx >= Scalar.Vector.scalarCount
    }

    /// Some rows of one sample's output.
    struct Band {
        let sample: Int
        let rows: Range<Int>
    }

    /// The output in bands of whole tiles of rows, at least four: as many as fit `bytes` of the cache, `channels` counted.
    ///
    /// - Parameter tile: rows that are made together; pairs where nothing else is said.
    func bands<Scalar: TensorScalar>(_ type: Scalar.Type, channels: Int, bytes: Int, tile: Int = 2) -> [Band] {
        let least = 4 * tile
        let fitting = max(least, bytes / (strideY * (nx + borderX.total) * channels * MemoryLayout<Scalar>.size))
        // Of a single sample two or four cores want equal parts.
        let count = ((rows + fitting - 1) / fitting + 3) / 4 * 4
        let size = (max(least, (rows + count - 1) / max(1, count)) + tile - 1) / tile * tile
        return (0..<(samplesAreRows ? 1 : batch)).flatMap { sample in
            stride(from: 0, to: rows, by: size).map { Band(sample: sample, rows: $0..<min(rows, $0 + size)) }
        }
    }

    /// For the rows and columns of the padded field what they show, as `Padding.sources` says.
    var sources: (rows: [Int], columns: [Int]) {
        (
            samplesAreRows ? Array(0..<batch) : padding.sources(extent: ny, border: borderY),
            padding.sources(extent: nx, border: borderX)
        )
    }

    /// Where a band's first row of the first output begins.
    func outputOffset(of band: Band) -> Int { band.sample * outputLayout.sampleStride + band.rows.lowerBound * outputLayout.rowStride }

    /// What a band's output is made from.
    func padded<Scalar: TensorScalar>(
        _ input: UnsafePointer<Scalar>, _ band: Band, _ sources: (rows: [Int], columns: [Int])
    ) -> PaddedBand<Scalar> {
        let last = strideY * (band.rows.upperBound - 1) + dilation * (kernelY - 1)
        return PaddedBand(
            planes: input + band.sample * inputLayout.sampleStride, count: inputs, planeStride: inputLayout.planeStride,
            rowStride: inputLayout.rowStride, nx: nx, rows: sources.rows[strideY * band.rows.lowerBound...last], columns: sources.columns,
            border: borderX, strideY: strideY, strideX: strideX)
    }

    /// Where each (channel, tap) begins in a band.
    func offsets<Scalar: TensorScalar>(in band: borrowing PaddedBand<Scalar>) -> [Int] {
        var firsts: [Int] = []
        for ky in 0..<kernelY {
            for kx in 0..<kernelX { firsts.append(band.offset(row: dilation * ky, column: dilation * kx)) }
        }
        var offsets: [Int] = []
        offsets.reserveCapacity(terms)
        for channel in 0..<inputs {
            for first in firsts { offsets.append(channel * band.planeStride + first) }
        }
        return offsets
    }

    /// Where each channel begins in fields that are used as they lie.
    var planeOffsets: [Int] { (0..<inputs).map { $0 * ny * nx } }
}
