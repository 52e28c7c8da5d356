import Imaging
import RenderPasses

/// Passes of a ball in front of the camera: small enough to relight in no time.
public enum BallPasses {
  /// Writes a pass folder that names no photograph.
  public static func write(to folder: String, side: Int = 96, radius: Float = 0.9) throws {
    try PassFolder.write(stack(side: side, radius: radius), PassManifest(), to: folder)
  }

  /// Makes the stack.
  ///
  /// - Parameters:
  ///   - side: columns and rows.
  ///   - radius: of the ball, in half the picture's side; above √2 it fills the picture.
  public static func stack(side: Int, radius: Float) throws -> PassStack {
    func plain(_ values: [Float], _ encoding: ColorEncoding) -> Image {
      Image(
        width: side, height: side, channels: values.count, encoding: encoding,
        samples: values.flatMap { [Float](repeating: $0, count: side * side) })
    }
    var normal = plain([0, 0, 1], .data)
    var matte = plain([0], .data)
    for y in 0..<side {
      for x in 0..<side {
        let right = ((Float(x) + 0.5) / Float(side) * 2 - 1) / radius
        let up = (1 - (Float(y) + 0.5) / Float(side) * 2) / radius
        let rest = 1 - right * right - up * up
        guard rest > 0 else { continue }
        matte[0, x, y] = 1
        normal[0, x, y] = right
        normal[1, x, y] = up
        normal[2, x, y] = rest.squareRoot()
      }
    }
    return try PassStack(
      passes: [
        .albedo: plain([0.5, 0.35, 0.25], .linear), .normal: normal.normalizedVectors(),
        .specular: plain([0.35], .data), .translucency: plain([0.1], .data),
        .ao: plain([0.9], .data), .diffuse: plain([0.25, 0.18, 0.12], .linear),
      ], skin: matte, subject: matte)
  }
}
