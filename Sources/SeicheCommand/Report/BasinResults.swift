import Basics
import Configuration

/// What the comparison of one time step's emulators says.
struct BasinResults {
    struct Emulator {
        let label: String
        /// Not a number where the file does not say.
        let oneStep, end, parameters, samples, seconds, massDrift: Double
        var isTrained: Bool { parameters.isFinite }
    }

    /// One emulator from several seeds: runs NAME, NAME_seed2, NAME_seed3, ...
    struct Family {
        let name: String
        let members: [Emulator]

        /// Mean and, of more than one, standard deviation over the seeds.
        func text(_ figure: (Emulator) -> Double) -> String {
            let (mean, deviation) = statistics(figure)
            return Text.measured(mean) + (deviation.map { " ± " + Text.measured($0) } ?? "")
        }

        func mean(_ figure: (Emulator) -> Double) -> Double { statistics(figure).mean }
        func largest(_ figure: (Emulator) -> Double) -> Double { members.map(figure).max() ?? .nan }

        private func statistics(_ figure: (Emulator) -> Double) -> (mean: Double, deviation: Double?) {
            let values = members.map(figure)
            let mean = values.reduce(0, +) / Double(values.count)
            guard values.count > 1 else { return (mean, nil) }
            return (mean, (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1)).squareRoot())
        }
    }

    let folder: String
    let path: String
    /// s
    let timeStep: Double
    /// Of the last lead, in h.
    let hours: Double
    let families: [Family]
    private let published: [PublishedNets.Net]

    /// Nil where the folder's comparison is not one of the shallow-water model, or there is none yet.
    init?(_ folder: String, _ published: PublishedNets) throws {
        path = "\(folder)/comparison.nc"
        guard let file = try ResultFile(ifPresent: path), file.has("channel_error"), let labels = try file.labels("emulator"),
            let errors = try file.rows("error"), let leads = try file.values("lead"), errors.count == labels.count
        else { return nil }
        func figures(_ name: String) throws -> [Double] {
            let found = try file.values(name)
            return found?.count == labels.count ? found! : labels.map { _ in .nan }
        }
        let first = errors.map { $0.first ?? .nan }
        let oneStep = file.has("one_step_error") ? try figures("one_step_error") : first
        let (parameters, samples, seconds) = (try figures("parameters"), try figures("samples"), try figures("training_seconds"))
        let drift = try file.rows("relative_mass_drift")
        let emulators = labels.indices.map { k in
            Emulator(
                label: labels[k], oneStep: oneStep[k], end: errors[k].last ?? .nan, parameters: parameters[k], samples: samples[k],
                seconds: seconds[k], massDrift: drift.flatMap { k < $0.count ? $0[k].last : nil } ?? .nan)
        }
        self.folder = folder
        let lastLead = leads.last ?? .nan
        timeStep = try file.number("time_step_s") ?? leads.first ?? .nan
        hours = lastLead / 3600
        families = Self.families(emulators)
        self.published = published.nets(timeStep: timeStep)
    }

    private static func families(_ emulators: [Emulator]) -> [Family] {
        var names: [String] = []
        var members: [String: [Emulator]] = [:]
        for emulator in emulators {
            let name = family(of: emulator.label)
            if members[name] == nil { names.append(name) }
            members[name, default: []].append(emulator)
        }
        return names.map { Family(name: $0, members: members[$0] ?? []) }
    }

    /// "implicit" for "implicit_seed3".
    static func family(of label: String) -> String { label.replacing(/_seed[0-9]+/, with: "") }

    func family(_ name: String) -> Family? { families.first { $0.name == name } }

    /// The published net that an emulator stands beside: the explicit one for explicit nets, else the implicit one.
    func published(beside name: String) -> PublishedNets.Net? {
        let wanted = name.contains("explicit") ? "explicit" : "implicit"
        return published.first { $0.name == wanted }
    }
}
