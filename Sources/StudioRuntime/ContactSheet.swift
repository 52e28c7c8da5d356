import Imaging
import Shading

/// A portrait under a key light from nine directions, side by side: three heights by three sides.
public enum ContactSheet {
  /// Where the key stands, degrees to image right and upwards, row by row.
  public static let directions: [(azimuth: Float, elevation: Float)] =
    [45, 15, -20].flatMap { elevation in
      [-60, 0, 60].map { (azimuth: $0, elevation: elevation) }
    }
  private static let columns = 3
  /// Pixels between the pictures.
  private static let gap = 6

  /// Renders the sheet; the rig's first light is the key, the others and the surroundings stay.
  ///
  /// - Parameters:
  ///   - portrait: Passes and photograph.
  ///   - look: Lights, materials and picture settings; without a light there is a default one.
  ///   - environment: The panorama that the look names; nothing leaves it dark.
  ///   - side: Width of one picture.
  ///   - isCancelled: Asked between the pictures.
  /// - Returns: Three channels, sRGB-encoded.
  /// - Throws: `StudioRuntimeError.cancelled`.
  public static func image(
    portrait: OpenedPortrait, look: Look, environment: EnvironmentMap?, side: Int,
    isCancelled: () -> Bool = { false }
  ) throws(StudioRuntimeError) -> Image {
    var relighter = Relighter(
      stack: portrait.stack, portrait: portrait.source?.portrait, shadows: .castAndContact)
    let size = relighter.extent.fitted(into: ImageExtent(width: side, height: side))
    let rows = directions.count / columns
    var sheet = Image(
      width: columns * (size.width + gap) - gap, height: rows * (size.height + gap) - gap,
      channels: 3, encoding: .sRGB)
    var look = look
    if look.rig.lights.isEmpty { look.rig.lights = [Light(name: "key")] }
    for (index, direction) in directions.enumerated() {
      look.rig.lights[0].azimuthDegrees = direction.azimuth
      look.rig.lights[0].elevationDegrees = direction.elevation
      let picture = relighter.display(
        look: look, environment: environment, size: size, isCancelled: isCancelled)
      guard let picture else { throw .cancelled }
      let (left, top) = (
        index % columns * (size.width + gap), index / columns * (size.height + gap)
      )
      for channel in 0..<3 {
        for y in 0..<size.height {
          let target = (channel * sheet.height + top + y) * sheet.width + left
          let source = (channel * size.height + y) * size.width
          sheet.samples.replaceSubrange(
            target..<target + size.width, with: picture.samples[source..<source + size.width])
        }
      }
    }
    return sheet
  }
}
