import Foundation
import Imaging

/// Where skin shines more than elsewhere.
enum SkinRegions {
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

  /// How shiny each pixel may be, one channel, 0...1.
  static func shine(width: Int, height: Int) -> Image {
    var image = Image(width: width, height: height, channels: 1, encoding: .data)
    for ellipse in ellipses {
      func bell(_ place: Int, of count: Int, middle: Float, deviation: Float) -> Float {
        let distance = ((Float(place) + 0.5) / Float(count) - middle) / deviation
        return exp(-distance * distance / 2)
      }
      let columns = (0..<width).map {
        bell($0, of: width, middle: ellipse.x, deviation: ellipse.across)
      }
      for y in 0..<height {
        let row = bell(y, of: height, middle: ellipse.y, deviation: ellipse.down)
        guard row > 1e-3 else { continue }
        for x in 0..<width {
          image.samples[y * width + x] = max(image.samples[y * width + x], row * columns[x])
        }
      }
    }
    return image
  }
}
