import Imaging
import RenderPasses
import Shading

/// The relief behind the normals as pictures: its depth, and the shadows it casts.
struct ReliefView: Sendable {
  /// Near parts bright, the background black; one channel, 0...1.
  let depth: Image
  private let field: DepthField
  private var caster: CastShadow

  /// Integrates the normals of a portrait.
  init(stack: PassStack) {
    field = DepthField(stack: stack)
    caster = CastShadow(field: field)
    let seen = field.depth.filter { $0 > Self.farthest }
    let (least, most) = (seen.min() ?? 0, seen.max() ?? 0)
    let span = max(most - least, 1e-6)
    // A floor of a tenth tells the farthest skin from the background.
    depth = Image(
      width: field.width, height: field.height, channels: 1, encoding: .data,
      samples: field.depth.map { $0 > Self.farthest ? 0.1 + 0.9 * ($0 - least) / span : 0 })
  }

  /// The background lies far behind anything that is seen.
  private static let farthest: Float = -1e5

  /// White where the light is seen, dark where the relief hides it, the background black; white all
  /// over for no light.
  mutating func shadow(of source: LightSource?) -> Image {
    let visibility = source.map { caster.visibility(of: $0) }
    return Image(
      width: field.width, height: field.height, channels: 1, encoding: .data,
      samples: field.depth.indices.map { index in
        field.depth[index] > Self.farthest ? 0.15 + 0.85 * (visibility?[index] ?? 1) : 0
      })
  }
}
