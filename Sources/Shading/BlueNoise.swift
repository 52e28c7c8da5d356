import Foundation

/// Thresholds of 0..<1 on a tile that repeats without seams, neighbours as different as can be.
///
/// The void-and-cluster method of Ulichney 1993: whatever share of the thresholds a tone passes, they
/// lie evenly, and the error has no low frequencies for the eye to find.
struct BlueNoise: Sendable {
  /// Side of the tile.
  static let extent = 64
  /// Width of the neighbourhood that counts as near, pixels; Ulichney's choice.
  private static let sigma: Float = 1.5
  /// Share of the points that the first pattern holds.
  private static let firstShare = 10

  /// The thresholds, row by row.
  let thresholds: [Float]

  /// The one tile that is used; made at the first use, in a few hundredths of a second.
  static let tile = BlueNoise()

  private init() {
    var pattern = Pattern()
    // Any scattered start will do; this one is the same everywhere.
    var state: UInt32 = 1
    while pattern.count < pattern.isSet.count / Self.firstShare {
      state = state &* 1_664_525 &+ 1_013_904_223
      pattern.set(Int(state >> 20), true)
    }
    while true {
      let cluster = pattern.tightestCluster
      pattern.set(cluster, false)
      let void = pattern.largestVoid
      pattern.set(void, true)
      if void == cluster { break }
    }
    var ranks = [Int](repeating: 0, count: pattern.isSet.count)
    var shrinking = pattern
    while shrinking.count > 0 {
      let cluster = shrinking.tightestCluster
      shrinking.set(cluster, false)
      ranks[cluster] = shrinking.count
    }
    while pattern.count < ranks.count {
      let void = pattern.largestVoid
      ranks[void] = pattern.count
      pattern.set(void, true)
    }
    thresholds = ranks.map { (Float($0) + 0.5) / Float(ranks.count) }
  }

  /// Points on the tile and how crowded every place is.
  private struct Pattern {
    private(set) var isSet = [Bool](repeating: false, count: extent * extent)
    private(set) var count = 0
    private var crowding = [Float](repeating: 0, count: extent * extent)
    private let influence: [Float]

    init() {
      influence = (0..<extent * extent).map { index in
        let (x, y) = (index % extent, index / extent)
        let (dx, dy) = (min(x, extent - x), min(y, extent - y))
        return exp(-Float(dx * dx + dy * dy) / (2 * sigma * sigma))
      }
    }

    mutating func set(_ place: Int, _ value: Bool) {
      guard isSet[place] != value else { return }
      isSet[place] = value
      count += value ? 1 : -1
      let sign: Float = value ? 1 : -1
      let (px, py) = (place % extent, place / extent)
      for y in 0..<extent {
        let row = (y - py) & (extent - 1)
        for x in 0..<extent {
          crowding[y * extent + x] += sign * influence[row * extent + ((x - px) & (extent - 1))]
        }
      }
    }

    var tightestCluster: Int { extreme(among: true) { $0 > $1 } }
    var largestVoid: Int { extreme(among: false) { $0 < $1 } }

    private func extreme(among value: Bool, _ isBetter: (Float, Float) -> Bool) -> Int {
      var best = -1
      for place in isSet.indices where isSet[place] == value {
        if best < 0 || isBetter(crowding[place], crowding[best]) { best = place }
      }
      return best
    }
  }
}
