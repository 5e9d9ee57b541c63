import Basics
import Testing

@Suite struct SeicheErrorTests {
    @Test func describesWhatWhyAndWhatNext() {
        #expect(
            SeicheError(.file, "'a.nc' is short", why: "the disk was full", remedy: "free some space").description
                == "'a.nc' is short\n  why: the disk was full\n  try: free some space")
    }

    @Test func leavesOutWhatIsNotKnown() {
        #expect(SeicheError(.model, "zeta is nan").description == "zeta is nan")
        #expect(SeicheError(.model, "zeta is nan", why: "unstable").description == "zeta is nan\n  why: unstable")
        #expect("\(SeicheError(.model, "zeta is nan", remedy: "halve the step"))" == "zeta is nan\n  try: halve the step")
    }
}
