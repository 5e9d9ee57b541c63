import Basics
import Emulators
import Optimisation
import TestSupport
import Testing
import Training

@Suite struct TrainerTests {
    private func start(_ kind: NetworkSpecification, seed: UInt64 = 1) throws -> TrainingState {
        TrainingState(parameters: try kind.network().layout.initialParameters(seed: seed).scalars, settings: settings(steps: 1))
    }

    @Test(arguments: kinds) func learnsALinearMap(_ kind: NetworkSpecification) throws {
        var state = try start(kind)
        var losses: [Double] = []
        var validation: [Double] = []
        try trainer(kind, settings(steps: 400)).run(&state) { progress, _ in
            losses.append(progress.loss)
            if let loss = progress.validation?.loss { validation.append(loss) }
            return true
        }
        #expect(losses.count == 400 && validation.count == 40 && state.step == 400)
        let last = losses.suffix(10).reduce(0, +) / 10
        #expect(measured("\(kind.kind), training loss falls to the share", last / losses[0]) < 0.15)
        #expect(measured("\(kind.kind), validation loss falls to the share", validation[39] / validation[0]) < 0.15)
        #expect(state.bestScore == validation.min())
    }

    @Test(arguments: kinds) func resumedTrainingIsTheUninterruptedOne(_ kind: NetworkSpecification) throws {
        var whole = try start(kind)
        try trainer(kind, settings(steps: 24)).run(&whole) { _, _ in true }
        var first = try start(kind)
        try trainer(kind, settings(steps: 12)).run(&first) { _, _ in true }
        // As from a checkpoint: nothing but the state goes from one trainer to the next.
        var second = try #require(
            TrainingState(parameters: first.parameters, settings: settings(steps: 24), numbers: first.numbers, vectors: first.vectors))
        #expect(second == first)
        try trainer(kind, settings(steps: 24)).run(&second) { _, _ in true }
        // The shorter run looks at the validation pairs once more, at its end; weights and moments must not know.
        #expect(second.parameters == whole.parameters && second.optimiser == whole.optimiser && second.step == whole.step)
    }

    @Test(arguments: kinds) func stoppedTrainingGoesOn(_ kind: NetworkSpecification) throws {
        var whole = try start(kind)
        try trainer(kind, settings(steps: 24)).run(&whole) { _, _ in true }
        var parts = try start(kind)
        try trainer(kind, settings(steps: 24)).run(&parts) { progress, _ in progress.step < 7 }
        #expect(parts.step == 7)
        try trainer(kind, settings(steps: 24)).run(&parts) { _, _ in true }
        #expect(parts == whole)
    }

    @Test(arguments: kinds) func twoRunsAreBitIdentical(_ kind: NetworkSpecification) throws {
        let runs = try (0..<2).map { _ in
            var state = try start(kind)
            try trainer(kind, settings(steps: 12, batchSize: 16)).run(&state) { _, _ in true }
            return state
        }
        #expect(runs[0] == runs[1])
        var other = try start(kind)
        try trainer(kind, settings(steps: 12, batchSize: 16, seed: 2)).run(&other) { _, _ in true }
        #expect(other.parameters != runs[0].parameters, "the seed draws the batches")
    }

    @Test(arguments: kinds) func divergenceIsToldAndLeavesTheLastGoodState(_ kind: NetworkSpecification) throws {
        var state = try start(kind)
        var last = state
        let trainer = try trainer(kind, settings(steps: 400, rate: 1e30, clip: .infinity))
        let category: SeicheError.Category = kind.kind == "implicit" ? .solver : .model
        #expect(complaint(category, "training step", "samples [", "lower the learning rate", "checkpoint is kept") {
            try trainer.run(&state) { _, reached in
                last = reached
                return true
            }
        } == nil)
        #expect(state == last && state.step < 400)
    }

    @Test func progressTellsWhatHappened() throws {
        var state = try start(kinds[0])
        let chosen = settings(steps: 3, validateEvery: 2)
        try trainer(kinds[0], chosen).run(&state) { progress, reached in
            #expect(progress.step == reached.step && progress.steps == 3)
            guard case .adam(let rate, let gradientNorm) = progress.update, case .adam(let schedule, _, _, _) = chosen.optimiser else {
                Issue.record("Adam was asked for")
                return false
            }
            #expect(rate == schedule.rate(at: progress.step - 1))
            #expect((progress.validation != nil) == [2, 3].contains(progress.step))
            #expect(progress.forward.solves == 4 && progress.backward.solves == 4)
            #expect(progress.forward.largestResidual <= 1e-5 && progress.forward.meanIterations > 0)
            #expect(gradientNorm > 0 && gradientNorm.isFinite)
            return true
        }
    }

    @Test func bestWeightsAreThoseOfTheLowestValidationLoss() throws {
        var unbeatable = try start(kinds[0])
        (unbeatable.best, unbeatable.bestScore) = ([42], 1e-30)
        try trainer(kinds[0], settings(steps: 20)).run(&unbeatable) { _, _ in true }
        #expect(unbeatable.best == [42] && unbeatable.bestScore == 1e-30)

        var state = try start(kinds[0])
        var seen: [(loss: Double, parameters: [Double])] = []
        try trainer(kinds[0], settings(steps: 400, rate: 0.04, validateEvery: 1)).run(&state) { progress, reached in
            seen.append((try #require(progress.validation?.loss), reached.parameters))
            return progress.step < 15
        }
        let best = try #require(seen.min { $0.loss < $1.loss })
        #expect(state.best == best.parameters && state.bestScore == best.loss)
        #expect(state.best != state.parameters, "at this rate the last step must not be the best")
    }

    @Test func longGradientsAreShortened() throws {
        // Adam's first update is blind to the gradient's length, but its moments are not.
        var state = try start(kinds[0])
        try trainer(kinds[0], settings(steps: 1, clip: 1e-3)).run(&state) { _, _ in true }
        let moment = try #require(state.optimiser.vectors["adam_first_moment"])
        #expect(abs(norm(moment) / (1 - Adam.firstDecay) / 1e-3 - 1) < 1e-12)
    }

    @Test func gridThatTheNetworkCannotServe() throws {
        let kind = NetworkSpecification.nonLocal(.init(nx: 5, ny: 6, coarsenings: 1, hidden: 2, local: 2))
        #expect(complaint(.invalidInput, "6 x 5 cells", "5 x 6") { _ = try trainer(kind, settings(steps: 1)) } == nil)
    }
}
