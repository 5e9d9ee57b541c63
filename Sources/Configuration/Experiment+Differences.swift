extension Experiment {
    /// The first key of a section whose value is another one in `other`: "training.batch_size is 2, not 4"; nil where all are the same.
    ///
    /// - Parameter section: "training" or "model", say.
    public func difference(from other: Experiment, in section: String) throws -> String? {
        let (mine, theirs) = (try leaves(of: section), try other.leaves(of: section))
        for (name, value) in mine {
            let their = theirs.first { $0.name == name }?.value
            if their != value { return "\(name) is \(value), not \(their ?? "left out")" }
        }
        return theirs.first { leaf in !mine.contains { $0.name == leaf.name } }.map { "\($0.name) is left out, not \($0.value)" }
    }

    private func leaves(of section: String) throws -> [(name: String, value: String)] {
        var copy = self
        let node = ConfigurationNode(writing: "the experiment \(name)")
        try copy.exchange(with: node)
        return node.leaves.filter { $0.name.hasPrefix(section + ".") }
    }
}

extension ConfigurationNode {
    /// Every scalar and list in force by its full dotted name, here and in sections below.
    fileprivate var leaves: [(name: String, value: String)] {
        resolved.flatMap { entry -> [(name: String, value: String)] in
            switch entry.value {
            case .scalar(let text, _): [(name(entry.key), text)]
            case .list(let texts): [(name(entry.key), "[" + texts.joined(separator: ", ") + "]")]
            case .section(let child): child.leaves
            case .sections(let children): children.flatMap(\.leaves)
            }
        }
    }
}
