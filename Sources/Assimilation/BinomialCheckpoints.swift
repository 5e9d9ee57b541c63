import Basics

/// The order in which the states of a run are visited from the last to the first while few of them are held: binomial checkpointing, which repeats
/// the fewest steps for its memory (Griewank and Walther 2000).
///
/// With s states held and each step taken at most r times, a run of (s + r)! / (s! r!) states can be reversed.
///
/// - A. Griewank, A. Walther (2000): Algorithm 799: revolve, an implementation of checkpointing for the reverse or adjoint mode of computational
///   differentiation. ACM Trans. Math. Softw. 26, 19-45.
package struct BinomialCheckpoints {
    /// States that are held at a time, the first of the run among them; at least 1.
    package let held: Int

    package init(held: Int) { self.held = max(1, held) }

    /// Calls `visit` with the states `count` - 1 ... 0 of a run that begins with `first`; `advance` gives the state after the one of this number.
    package func visitBackwards<State>(
        from first: State, count: Int, advance: (State, Int) throws -> State, visit: (Int, State) throws -> Void
    ) throws {
        guard count > 0 else { return }
        try visitBackwards(0..<count, from: first, held: held, advance, visit)
    }

    private func visitBackwards<State>(
        _ range: Range<Int>, from first: State, held: Int, _ advance: (State, Int) throws -> State, _ visit: (Int, State) throws -> Void
    ) throws {
        var end = range.upperBound
        // The part behind each split goes first; what is before it is the same task with fewer states.
        while end - range.lowerBound > 1 {
            let split = held > 1 ? range.lowerBound + Self.firstPart(of: end - range.lowerBound, held: held) : end - 1
            var state = first
            for number in range.lowerBound..<split { state = try advance(state, number) }
            if held > 1 { try visitBackwards(split..<end, from: state, held: held - 1, advance, visit) } else { try visit(split, state) }
            end = split
        }
        try visit(range.lowerBound, first)
    }

    /// Steps to the next state that is held, for a range of `count` > 1 states.
    private static func firstPart(of count: Int, held: Int) -> Int {
        let r = repetitions(for: count, held: held)
        // Any number between bounds is best (Griewank and Walther 2000, section 3); this is the largest of them.
        return max(1, min(reach(held, r - 1), count - (r >= 1 ? reach(held - 1, r - 1) : 0)))
    }

    /// The least r with which `count` states can be reversed.
    package static func repetitions(for count: Int, held: Int) -> Int {
        var r = 0
        while reach(held, r) < count { r += 1 }
        return r
    }

    /// Steps that reversing `count` states takes: r count - (s + r)! / ((s + 1)! (r - 1)!).
    package static func steps(for count: Int, held: Int) -> Int {
        let r = repetitions(for: count, held: held)
        return r == 0 ? 0 : r * count - reach(held + 1, r - 1)
    }

    /// (s + r)! / (s! r!), or some number beyond any run where that is larger.
    private static func reach(_ s: Int, _ r: Int) -> Int {
        guard r > 0 else { return r == 0 ? 1 : 0 }
        var result = 1
        for k in 1...r {
            let (product, overflow) = result.multipliedReportingOverflow(by: s + k)
            if overflow { return .max }
            result = product / k
        }
        return result
    }
}
