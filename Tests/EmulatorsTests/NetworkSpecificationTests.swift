import Basics
import Emulators
import TestSupport
import Testing

@Suite struct NetworkSpecificationTests {
    @Test func publishedNetsHaveThePublishedNumbersOfWeights() {
        #expect(BilinearImplicitNet().layout.count == 14410)
        #expect(BilinearExplicitNet().layout.count == 14365)
    }

    @Test func everyKindIsKnownByItsName() throws {
        #expect(NetworkKind.allCases.map(\.specification.kind).sorted() == NetworkSpecification.kinds.sorted())
        for kind in NetworkKind.allCases {
            #expect(try type(of: kind.network).kind == kind.specification.kind)
            let sizes = Dictionary(uniqueKeysWithValues: kind.specification.sizes.map { ($0.name, $0.value) })
            #expect(try NetworkSpecification(kind: kind.specification.kind) { try #require(sizes[$0]) } == kind.specification)
        }
    }

    /// One size at a time, from what is too small to what is too large, beside those of a sample.
    @Test(arguments: NetworkKind.allCases) func sizesThatNoNetworkCanHave(_ kind: NetworkKind) throws {
        let sizes = kind.specification.sizes
        for changed in sizes where !["stages", "levels"].contains(changed.name) {
            for value in [-1, 20_001, Int.max, .min] {
                let specification = try NetworkSpecification(kind: kind.specification.kind) { name in
                    name == changed.name ? value : try #require(sizes.first { $0.name == name }).value
                }
                #expect(complaint(.invalidInput, "'\(changed.name)' \(value)") { _ = try specification.network() } == nil)
            }
        }
    }

    @Test(arguments: [
        .implicit(products: 0, stresses: 1), .explicit(products: 0, linear: 0, hidden: 1), .bilinearImplicit(stages: []),
        .bilinearExplicit(stages: [.init(linear: 0, products: 0)]), .unet(widths: []), .unet(widths: [4, 0]),
        .nonLocal(.init(nx: 6, ny: 5, coarsenings: 0, hidden: 0, local: 1)), .implicitResidual(channels: 1, blocks: 1),
    ] as [NetworkSpecification])
    func nothingLeft(_ specification: NetworkSpecification) {
        #expect(complaint(.invalidInput, specification.kind, "expected from") { _ = try specification.network() } == nil)
    }

    @Test func networksBeyondMemory() {
        func nonLocal(coarsenings: Int) throws -> any EmulatorNetwork {
            try NetworkSpecification.nonLocal(.init(nx: 1000, ny: 1000, coarsenings: coarsenings, hidden: 256, local: 16)).network()
        }
        let words = ["non_local", "128187903 weights", "64000000", "every cell", "coarsenings"]
        #expect(complaint(.invalidInput, words) { _ = try nonLocal(coarsenings: 2) } == nil)
        #expect(throws: Never.self) { try nonLocal(coarsenings: 3) }
        // The largest that can be asked for: counted, not set aside.
        for largest in [
            .nonLocal(.init(nx: 20_000, ny: 20_000, coarsenings: 0, hidden: 20_000, local: 20_000)),
            .unet(widths: [Int](repeating: 20_000, count: 64)), .implicitResidual(channels: 20_000, blocks: 256),
            .bilinearImplicit(stages: [.init(linear: 20_000, products: 20_000), .init(linear: 20_000, products: 20_000)]),
        ] as [NetworkSpecification] {
            #expect(complaint(.invalidInput, "at most 64000000") { _ = try largest.network() } == nil)
        }
    }

    @Test func explicitNetOfTheSameSize() throws {
        let other = NetworkSpecification.implicit(products: 12, stresses: 4)
        let counts = try [other, .explicit(matching: other, products: 0, linear: 12)].map { try $0.network().layout.count }
        // Half a hidden channel is 12 * 9 + 1 + 27 weights over two.
        #expect(abs(counts[0] - counts[1]) <= 68)
    }
}
