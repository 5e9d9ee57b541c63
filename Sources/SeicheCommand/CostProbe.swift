import Basics
import Dynamics
import Evaluation
import Foundation

/// What one application of a model's step, tangent-linear or adjoint costs, as one process of `seiche cost` measures it.
struct CostProbe<Model: TangentLinearModel<ShallowWaterState> & AdjointModel<ShallowWaterState>> {
    let model: Model
    /// As many as there are samples: states, and something to apply derivatives to.
    let states, directions: [ShallowWaterState]

    /// - Parameter seconds: for which the work is repeated at most.
    /// - Returns: seconds and bytes of peak memory a sample; bytes are not a number where the system does not say.
    func measure(_ operation: CostTable.Operation, seconds: Double) throws -> CostTable.Figure {
        // Code and threads that the first call brings into memory are not the call's own.
        try apply(operation)
        let bytes = try peakGrowth { try apply(operation) }
        let clock = ContinuousClock()
        var times: [Double] = []
        let start = clock.now
        // Until half of the times lie within a fiftieth of their median; but ten of them at least, unless one alone takes all the time there is.
        while true {
            times.append((try clock.measure { try apply(operation) }).inSeconds)
            let elapsed = (clock.now - start).inSeconds
            if elapsed > 4 * seconds || (times.count >= 10 && (elapsed > seconds || spread(times) < 0.02)) { break }
        }
        let share = 1 / Double(states.count)
        return .init(seconds: quantile(times, 0.5) * share, spread: spread(times), bytes: bytes * share)
    }

    private func apply(_ operation: CostTable.Operation) throws {
        // A batch is an ensemble: its members run side by side. A single sample may use all threads within itself.
        try concurrentForEach(states.count) { k in
            switch operation {
            case .step: _ = try model.step(states[k])
            case .tangentLinear: _ = try model.tangentStep(at: states[k], applying: directions[k])
            case .adjoint: _ = try model.adjointStep(at: states[k], applying: directions[k])
            }
        }
    }

    private func spread(_ times: [Double]) -> Double { (quantile(times, 0.75) - quantile(times, 0.25)) / quantile(times, 0.5) }

    private func quantile(_ times: [Double], _ share: Double) -> Double {
        let sorted = times.sorted()
        return sorted[min(sorted.count - 1, Int(share * Double(sorted.count)))]
    }
}

extension Duration {
    fileprivate var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}

/// How far the process's memory grows at its peak while `body` runs, in bytes, counted from a heap whose free pages were given back; not a number
/// where the system does not say (only Linux does).
private func peakGrowth(_ body: () throws -> Void) throws -> Double {
    #if canImport(Glibc)
    // Swift's module of glibc leaves malloc.h out.
    if let symbol = dlsym(nil, "malloc_trim") {
        _ = unsafeBitCast(symbol, to: (@convention(c) (Int) -> Int32).self)(0)
    }
    #endif
    // Linux's way of starting the peak afresh.
    guard let reset = FileHandle(forWritingAtPath: "/proc/self/clear_refs"), (try? reset.write(contentsOf: Data("5".utf8))) != nil,
        let before = residentMemory("VmRSS")
    else {
        try body()
        return .nan
    }
    try body()
    return residentMemory("VmHWM").map { max(0, $0 - before) } ?? .nan
}

/// VmRSS, or VmHWM, its peak, in bytes, as Linux says it.
private func residentMemory(_ name: String) -> Double? {
    guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
        let line = status.split(separator: "\n").first(where: { $0.hasPrefix(name + ":") }),
        let kilobytes = line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap({ Double($0) })
    else { return nil }
    return 1024 * kilobytes
}
