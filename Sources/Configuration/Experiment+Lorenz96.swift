extension Experiment {
    /// The Lorenz '96 model of docs/lorenz96.md, of one or of two levels; everything is dimensionless.
    public struct Lorenz96: Equatable, Sendable {
        /// Number of slow variables, K.
        public var sectors = 40
        /// Number of fast variables to each slow one, J; 0 for one level.
        public var fastPerSector = 0
        /// F
        public var forcing = 8.0
        /// h, c and b: strength of the coupling, how much faster and how much smaller the fast variables are. Used by two levels only.
        public var coupling = 1.0
        public var timeScaleRatio = 10.0
        public var amplitudeRatio = 10.0
        /// In the model's own unit of time, which stands for five days.
        public var timeStep = 0.05
        /// Root mean square of the noise around X = F, Y = 0 that every simulation starts from, before its spin-up.
        public var perturbation = 0.01

        public init() {}

        fileprivate mutating func exchange(with node: ConfigurationNode) throws {
            // At most a hundred million variables, which fit in memory; more than any study has used.
            try node.value("sectors", &sectors, .within(4...100_000, because: "the advection reaches over four neighbours"))
            try node.value("fast_per_sector", &fastPerSector, .within(0...1000))
            try node.value("forcing", &forcing)
            if fastPerSector > 0 {
                try node.value("coupling", &coupling)
                try node.value("time_scale_ratio", &timeScaleRatio, .positive)
                try node.value("amplitude_ratio", &amplitudeRatio)
            } else {
                node.notApplicable("coupling", "time_scale_ratio", "amplitude_ratio", unless: "model.fast_per_sector is above 0")
            }
            try node.value("time_step", &timeStep, .positive(below: 1e3))
            try node.value("perturbation", &perturbation, .positive)
        }
    }

    /// The default splits: 100 training trajectories of 605 states, as in published work.
    private static var lorenz96Simulations: Simulations {
        var simulations = Simulations()
        simulations.directory = "data/lorenz96"
        simulations.spinUpSteps = 400
        simulations.training = .init(count: 100, steps: 604)
        simulations.validation = .init(count: 10, steps: 604)
        simulations.test = .init(count: 10, steps: 604)
        return simulations
    }

    /// What an experiment of Lorenz '96 has besides its name and model.
    mutating func exchangeLorenz96(with node: ConfigurationNode) throws {
        if !node.isWriting {
            simulations = Self.lorenz96Simulations
            training.directory = simulations.directory + "/emulators"
            (training.warmUpSteps, training.gradientClip, training.validateEvery) = (200, 100, 250)
        }
        try node.section("simulations", &simulations)
        var section = Lorenz96Training(common: training, data: lorenz96.data)
        try node.section("emulators", &lorenz96.emulators)
        try node.section("training", &section)
        (training, lorenz96.data) = (section.common, section.data)
        try node.section("comparison", &lorenz96.comparison)
        try node.section("check", &lorenz96.check)
        try node.optionalSection("assimilation", &lorenz96.assimilation, initially: Assimilation())
        try node.optionalSection("tuning", &tuning, initially: Tuning())
        try node.optionalSection("subgrid", &subgrid, initially: Subgrid())
        node.notApplicable("initial", "transfer", unless: "model.kind is shallow_water")
        let isRough = Simulations.SplitName.allCases.contains { simulations[$0].roughness != 0 }
        if isRough || simulations.centreVelocities {
            throw node.problem(
                with: "simulations", "has a roughness or velocities at cell centres, which a Lorenz '96 model has not",
                remedy: "remove roughness and centre_velocities")
        }
        if let trajectories = lorenz96.data.trajectories, trajectories > simulations.training.count {
            throw node.problem(
                with: "training", "asks for \(trajectories) trajectories, but there are \(simulations.training.count) training simulations",
                remedy: "lower training.trajectories, or raise simulations.training.count")
        }
    }
}

extension Experiment.Model {
    enum ModelKind: String, ConfigurationChoice {
        case shallowWater = "shallow_water"
        case lorenz96
    }

    /// The keys of Lorenz '96 where the model is one; the shallow-water model's are left to the caller.
    mutating func exchangeKind(with node: ConfigurationNode) throws -> ModelKind {
        var kind = lorenz96 == nil ? ModelKind.shallowWater : .lorenz96
        try node.value("kind", &kind)
        switch kind {
        case .shallowWater:
            lorenz96 = nil
            node.notApplicable(
                "sectors", "fast_per_sector", "forcing", "coupling", "time_scale_ratio", "amplitude_ratio", "perturbation",
                unless: "model.kind is lorenz96")
        case .lorenz96:
            var model = lorenz96 ?? .init()
            try model.exchange(with: node)
            lorenz96 = model
            node.notApplicable(
                "domain", "bathymetry", "minimum_depth", "size", "spacing", "implicitness", "drag", "lateral_friction", "gravity",
                "solver_tolerance", "linear_drag", "linear", "density", "coriolis", "beta", "rotation", "wind", "start", "periodic", "open_boundary",
                unless: "model.kind is shallow_water")
        }
        return kind
    }
}
