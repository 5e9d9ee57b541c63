import Basics
import Tensors

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

// Our side of the benchmark beside other libraries; `make bench-peers` runs it. See docs/benchmarks.md.

private let usage = """
    seiche-peers write SYSTEM SIZE BATCH FILE              writes the systems of one name (\(TestSystems.names.joined(separator: ", ")))
    seiche-peers solve FILE OUTPUT SECONDS RUNS TOLERANCE  factors and solves them
    seiche-peers layer FILE OUTPUT SECONDS RUNS TOLERANCE  the layer forward and backward
    seiche-peers sweep FILE                                one red-black sweep
    seiche-peers convergence                               residual factors of cycles
    seiche-peers cost                                      time of a solve against cells
    seiche-peers agreement FOLDER                          values and gradients of layers, for PyTorch to compute again
    seiche-peers train                                     the networks there are
    seiche-peers train CASE step|forward BATCH THREADS SECONDS RUNS  one training step or forward pass
    """

private func run(_ words: [String]) throws {
    func number<Number: LosslessStringConvertible>(_ index: Int) throws -> Number {
        guard let value = Number(words[index]) else {
            throw SeicheError(.invalidInput, "'\(words[index])' is not a number that fits argument \(index + 1)", remedy: usage)
        }
        return value
    }
    switch (words.first, words.count) {
    case ("write", 5):
        try TestSystems.make(words[1], size: number(2), batch: number(3)).write(to: words[4])
    case ("solve", 6), ("layer", 6):
        let effort = try Effort(runs: number(4), seconds: number(3))
        let work = words[0] == "solve" ? solveSystems : differentiateSystems
        try work(SystemFile(reading: words[1]), number(5), effort, words[2])
    case ("sweep", 2):
        try timeSweeps(SystemFile(reading: words[1]))
    case ("convergence", 1):
        showConvergence()
    case ("cost", 1):
        showCost()
    case ("train", 1):
        print(TrainingCase.allCases.map(\.rawValue).joined(separator: " "))
    case ("train", 7):
        guard let network = TrainingCase(rawValue: words[1]), ["step", "forward"].contains(words[2]) else {
            throw SeicheError(.invalidInput, "there is no case '\(words[1]) \(words[2])'", remedy: usage)
        }
        let effort = try Effort(runs: number(6), seconds: number(5))
        try network.measure(isStep: words[2] == "step", batch: number(3), threads: number(4), effort)
    case ("agreement", 2):
        try writeAgreement(to: words[1])
    default:
        throw SeicheError(.invalidInput, "these arguments are not understood: \(words.joined(separator: " "))", remedy: usage)
    }
}

// As `seiche` does.
keepFreedMemory()

do {
    try run(Array(CommandLine.arguments.dropFirst()))
} catch {
    let text = "seiche-peers: \(error)\n"
    _ = write(STDERR_FILENO, text, text.utf8.count)
    exit(1)
}
