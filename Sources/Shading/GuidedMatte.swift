import Foundation
import Imaging

/// The subject's matte drawn along the edges of the photograph.
///
/// A network's matte is soft and leaks; the guided filter (He, Sun & Tang 2010) makes it follow the
/// photograph, and what is hardly covered counts as background, what is nearly covered as subject.
struct GuidedMatte: Sendable {
  /// Share of the picture's longer side that one window of the filter reaches from its centre.
  private static let reach: Float = 0.012
  /// Contrast of the photograph, squared, from which on an edge is followed.
  private static let epsilon: Float = 4e-4
  /// Filtered coverage that counts as nothing and as everything: high, because what leaks is half covered
  /// and looks worse relit than a wisp of hair that keeps its light.
  private static let crispness: ClosedRange<Float> = 0.55...0.9

  /// One channel, never more than the matte that it was made from.
  let image: Image

  /// Refines a matte along a photograph of the same extent, linear.
  init(_ matte: Image, along photograph: Image) {
    let radius = max(Int((Self.reach * Float(max(matte.width, matte.height))).rounded()), 1)
    // Edges are seen as they are encoded: dark hair before a dark wall counts as well.
    let guide = photograph.plane { max(photograph.level($0), 0).squareRoot() }
    let filter = GuidedFilter(matte, along: guide, radius: radius, epsilon: Self.epsilon)
    let original = matte.samples
    image = filter.map(along: guide) { index, coverage in
      // At least as wide as the original allows: what was no subject does not become one.
      min(smoothStep(coverage, Self.crispness), original[index] * 2, 1)
    }
  }
}
