import Foundation
import Imaging

/// Where skin shines more than elsewhere.
struct SkinRegions: Sendable {
  /// Ellipses of an aligned crop, whose eyes, nose and mouth lie where its 68 landmarks were laid: middles
  /// and standard deviations as shares of its sides.
  ///
  /// Sebum makes forehead and nose smoother than cheeks, and lips are wet (the T-zone's lower roughness in
  /// Weyrich et al. 2006, "Analysis of Human Faces Using a Measurement-Based Skin Reflectance Model").
  private static let ellipses: [(x: Float, y: Float, across: Float, down: Float)] = [
    (0.5, 0.34, 0.13, 0.06), (0.5, 0.54, 0.035, 0.09), (0.5, 0.725, 0.075, 0.03),
  ]
  /// By how much the shiniest place is smoother at a material's shine of 1.
  static let greatestSmoothing: Float = 0.45

  /// A bell along each side of the picture for every ellipse; their product is the ellipse.
  private let bells: [(columns: [Float], rows: [Float])]

  /// The regions in a picture of some size.
  init(width: Int, height: Int) {
    func bell(_ count: Int, middle: Float, deviation: Float) -> [Float] {
      (0..<count).map { place in
        let distance = ((Float(place) + 0.5) / Float(count) - middle) / deviation
        return exp(-distance * distance / 2)
      }
    }
    bells = Self.ellipses.map { ellipse in
      (
        bell(width, middle: ellipse.x, deviation: ellipse.across),
        bell(height, middle: ellipse.y, deviation: ellipse.down)
      )
    }
  }

  /// How shiny some pixels of a row may be, 0...1.
  func fill(x: Int, y: Int, count: Int, into target: UnsafeMutablePointer<Float>) {
    target.update(repeating: 0, count: count)
    for bell in bells where bell.rows[y] > 1e-3 {
      for place in 0..<count {
        target[place] = max(target[place], bell.rows[y] * bell.columns[x + place])
      }
    }
  }
}
