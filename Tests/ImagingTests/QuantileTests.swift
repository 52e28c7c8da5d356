import Imaging
import Testing

@Suite struct QuantileTests {
  /// `numpy.quantile` of the same values gives these.
  @Test(
    "a quantile lies between its two neighbours",
    arguments: [(0, 1.0), (0.25, 1.75), (0.5, 3), (0.95, 7.4), (1, 8)])
  func values(share: Double, expected: Double) {
    #expect(abs([4, 1, 8, 2].quantile(share) - expected) < 1e-12)
  }

  @Test("the median of an odd number of values is the one in the middle, that of none is 0")
  func median() {
    #expect([9, 1, 5].quantile(0.5) == 5)
    #expect([7].quantile(0.1) == 7)
    #expect([].quantile(0.5) == 0)
  }
}
