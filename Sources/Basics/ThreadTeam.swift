#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif
import Dispatch
import Synchronization

/// Threads that wait for work, one fewer than the machine has cores: who brings work does its share.
///
/// The work of a small network comes in pieces of some ten microseconds, and waking a thread that sleeps takes as long. So a thread that has
/// nothing to do looks out for the next piece for a while before it sleeps, and whoever brings work never waits for a thread that has not
/// begun: what others have not taken, it does itself.
///
/// One piece of work at a time. Who comes while the team works, be it from within that work, does all of its own work itself.
final class ThreadTeam: Sendable {
    static let shared = ThreadTeam(workers: ThreadCount.cores - 1)

    /// What is done at the moment. Written by its owner while nobody is inside, read by those who are.
    private struct Job {
        var body: UnsafePointer<(Int) -> Void>?
        var count = 0
    }

    /// A thread of the team.
    private final class Worker: Sendable {
        let sleeps = Atomic(false)
        let bell = DispatchSemaphore(value: 0)
    }

    private let workers: [Worker]
    private nonisolated(unsafe) let job: UnsafeMutablePointer<Job>
    private let isTaken = Atomic(false)
    /// Jobs so far.
    private let round = Atomic(0)
    /// Places that are left to join the job, in units of `place`, and below them how many are inside.
    private let door = Atomic(0)
    private let next = Atomic(0)
    private static let place = 1 << 32

    /// How long a thread looks out for work before it sleeps, in nanoseconds: two or three times what waking it takes.
    private static let patience: UInt64 = 100_000

    init(workers count: Int) {
        job = .allocate(capacity: 1)
        job.initialize(to: Job())
        workers = (0..<count).map { _ in Worker() }
        for worker in workers { start(worker) }
    }

    /// Calls `body(0) ... body(count - 1)` on at most `threads` threads, this one among them, and returns when all are done.
    func run(_ count: Int, threads: Int, _ body: (Int) -> Void) {
        let helpers = min(threads, count, workers.count + 1) - 1
        guard helpers > 0, isTaken.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged else {
            for index in 0..<max(0, count) { body(index) }
            return
        }
        withoutActuallyEscaping(body) { body in
            withUnsafePointer(to: body) { body in
                job.pointee = Job(body: body, count: count)
                next.store(0, ordering: .relaxed)
                door.store(helpers * Self.place, ordering: .releasing)
                round.add(1, ordering: .sequentiallyConsistent)
                var toWake = helpers
                for worker in workers where toWake > 0 {
                    toWake -= 1
                    if worker.sleeps.exchange(false, ordering: .sequentiallyConsistent) { worker.bell.signal() }
                }
                work(body, count)
                // Nobody else may come in; those who are inside finish what they have taken.
                door.bitwiseAnd(Self.place - 1, ordering: .acquiringAndReleasing)
                var looks = 0
                while door.load(ordering: .acquiring) != 0 {
                    looks += 1
                    // Where there are more threads than cores, one that is inside may need this core; and it may be busy for long.
                    if looks > 40_000 { usleep(100) } else if looks > 20_000 { sched_yield() }
                }
            }
        }
        isTaken.store(false, ordering: .releasing)
    }

    /// Takes the next index for as long as there is one. Never inlined: when it returns, nothing of the body is held any more.
    @inline(never)
    private func work(_ body: UnsafePointer<(Int) -> Void>, _ count: Int) {
        while true {
            let index = next.add(1, ordering: .relaxed).oldValue
            guard index < count else { return }
            body.pointee(index)
        }
    }

    /// Joins the job if there is a place left.
    private func join() {
        var seen = door.load(ordering: .relaxed)
        while seen >= Self.place {
            let (entered, now) = door.weakCompareExchange(expected: seen, desired: seen - Self.place + 1, ordering: .acquiring)
            if entered {
                if let body = job.pointee.body { work(body, job.pointee.count) }
                door.subtract(1, ordering: .releasing)
                return
            }
            seen = now
        }
    }

    private func serve(_ worker: Worker) -> Never {
        var seen = 0
        while true {
            var now = round.load(ordering: .acquiring)
            let start = DispatchTime.now().uptimeNanoseconds
            while now == seen {
                for _ in 0..<200 where now == seen { now = round.load(ordering: .acquiring) }
                if now == seen, DispatchTime.now().uptimeNanoseconds - start > Self.patience {
                    worker.sleeps.store(true, ordering: .sequentiallyConsistent)
                    // A job that came in between: whoever brought it has rung the bell, or has not seen the sleeper.
                    if round.load(ordering: .sequentiallyConsistent) == seen || !worker.sleeps.exchange(false, ordering: .sequentiallyConsistent) {
                        worker.bell.wait()
                    }
                    now = round.load(ordering: .acquiring)
                }
            }
            seen = now
            join()
        }
    }

    /// A thread that cannot be had is missed by nobody.
    private func start(_ worker: Worker) {
        let arguments = Unmanaged.passRetained(Start(team: self, worker: worker))
        #if canImport(Darwin)
        var thread: pthread_t?
        let failed = pthread_create(&thread, nil, { Start.run($0) }, arguments.toOpaque()) != 0
        #else
        var thread = pthread_t()
        let failed = pthread_create(&thread, nil, { if let arguments = $0 { Start.run(arguments) } else { nil } }, arguments.toOpaque()) != 0
        #endif
        if failed { arguments.release() }
    }

    private final class Start {
        let team: ThreadTeam
        let worker: Worker

        init(team: ThreadTeam, worker: Worker) {
            self.team = team
            self.worker = worker
        }

        static func run(_ arguments: UnsafeMutableRawPointer) -> Never {
            let start = Unmanaged<Start>.fromOpaque(arguments).takeRetainedValue()
            start.team.serve(start.worker)
        }
    }
}
