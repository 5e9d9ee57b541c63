import Configuration
import Evaluation

/// What an emulator was to reach, beside what it did.
struct Target {
    let of: String
    let goal: String
    /// Nil where not measured, as not a number is.
    let measured: (text: String, isMet: Bool)?

    var row: [HTMLPage.Cell] {
        [
            .init(of), .init(goal),
            measured.map { .init($0.text, $0.isMet ? .met : .missed) } ?? "not measured",
        ]
    }

    /// A figure that must not exceed a bound.
    init(_ of: String, _ goal: String, _ value: Double?, atMost bound: Double, _ text: (Double) -> String = Text.measured) {
        self.of = of
        self.goal = goal
        measured = value.flatMap { $0.isNaN ? nil : (text($0), $0 <= bound) }
    }

    /// A figure that must reach a bound.
    init(_ of: String, _ goal: String, _ value: Double?, atLeast bound: Double, _ text: (Double) -> String = Text.measured) {
        self.of = of
        self.goal = goal
        measured = value.flatMap { $0.isNaN ? nil : (text($0), $0 >= bound) }
    }

    /// Those that the reproduction is held to on the talk's basin; at 600 s nothing was published.
    static func ofBasin(_ results: [BasinResults]) -> [Target] {
        results.flatMap { result -> [Target] in
            let at = "at \(Text.figure(result.timeStep)) s"
            var targets: [Target] = []
            // The talk's net, and where there is one, that which goes on from it with a loss that looks further.
            let talks = ["bilinear_implicit", "bilinear_implicit_far"].filter { $0 == "bilinear_implicit" || result.family($0) != nil }
            if let net = result.published(beside: "implicit") {
                let ours = result.family("implicit")
                func factor(_ published: Double, _ value: Double?) -> Double? { value.map { published / $0 } }
                func times(_ value: Double) -> String { Text.measured(value) + " times" }
                targets += [
                    Target("implicit, \(at)", "one step: 30 times below the published implicit net", factor(net.oneStep, ours?.mean(\.oneStep)), atLeast: 30, times),
                    Target("implicit, \(at)", "25 h: 10 times below it", factor(net.end, ours?.mean(\.end)), atLeast: 10, times),
                ]
                targets += talks.flatMap { name in
                    let talk = result.family(name)
                    return [
                        Target("\(name), \(at)", "one step: no worse than it, \(Text.figure(net.oneStep))", talk?.mean(\.oneStep), atMost: net.oneStep),
                        Target("\(name), \(at)", "25 h: no worse than it, \(Text.figure(net.end))", talk?.mean(\.end), atMost: net.end),
                    ]
                }
            }
            for (name, minutes) in [("implicit", 30.0)] + talks.map({ ($0, 60.0) }) {
                let own = result.family(name)?.largest(\.seconds)
                let before = name == "bilinear_implicit_far" ? result.family("bilinear_implicit")?.largest(\.seconds) : nil
                targets.append(
                    Target(
                        "\(name), \(at)", "trained in at most \(Int(minutes)) min" + (before == nil ? "" : ", what it goes on from included"),
                        own.map { $0 + (before ?? 0) }, atMost: minutes * 60, ProgressLine.time))
            }
            return targets
        }
    }
}
