import Imaging
import RenderPasses
import Shading
import Studio

/// Paints what the viewport shows: one of the passes, the photograph or the relit picture.
struct PreviewPainter: Sendable {
  private let photograph: Image
  private let stack: PassStack?
  private var relighter: Relighter?

  /// A painter for a photograph whose passes are not there yet.
  init(photograph: Image) {
    self.photograph = photograph
    stack = nil
  }

  /// A painter for a decomposed portrait.
  init(portrait: OpenedPortrait) {
    stack = portrait.stack
    // Without a photograph the raw diffuse pass is the nearest thing to one.
    photograph = portrait.source?.portrait ?? portrait.stack.diffuse.converted(to: .sRGB)
    relighter = Relighter(stack: portrait.stack, portrait: portrait.source?.portrait)
  }

  /// The picture of a request, no larger than the limit; nil when cancelled.
  mutating func paint(
    _ request: PreviewRequest, limit: ImageExtent, environment: EnvironmentMap?,
    isCancelled: () -> Bool
  ) -> DisplayImage? {
    switch request.comparison {
    case .off:
      let size = photograph.extent.fitted(into: limit)
      return view(request, size, environment, isCancelled).map { DisplayImage($0) }
    case .wipe(let edge):
      let size = photograph.extent.fitted(into: limit)
      guard let right = view(request, size, environment, isCancelled) else { return nil }
      let left = photograph.resized(width: size.width, height: size.height)
      return DisplayImage(right.wiped(by: left, edge: edge))
    case .sideBySide:
      let half = ImageExtent(width: max(1, limit.width / 2), height: limit.height)
      let size = photograph.extent.fitted(into: half)
      guard let right = view(request, size, environment, isCancelled) else { return nil }
      let left = photograph.resized(width: size.width, height: size.height)
      return DisplayImage(left.beside(right))
    }
  }

  /// Three channels, sRGB-encoded, of exactly `size`.
  private mutating func view(
    _ request: PreviewRequest, _ size: ImageExtent, _ environment: EnvironmentMap?,
    _ isCancelled: () -> Bool
  ) -> Image? {
    let (width, height) = (size.width, size.height)
    guard let stack else { return photograph.resized(width: width, height: height) }
    switch request.view {
    case .photograph: return photograph.resized(width: width, height: height)
    case .relit:
      return relighter?.display(
        look: request.look, environment: environment, size: size, isCancelled: isCancelled)
    case .skin: return stack.skin.resized(width: width, height: height).shownAsGray
    case .subject: return stack.subject.resized(width: width, height: height).shownAsGray
    case .albedo, .normal, .specular, .translucency, .diffuse, .ao:
      guard let kind = request.view.pass else { return nil }
      let pass = stack[kind].resized(width: width, height: height)
      switch kind.storage {
      case .sRGB: return pass.converted(to: .sRGB).clamped(to: 0...1)
      case .signed: return pass.normalizedVectors().shownAsColor
      case .linear: return pass.shownAsGray
      }
    }
  }
}

extension ImageExtent {
  /// The largest extent of the same proportions inside a limit, at least one pixel.
  func fitted(into limit: ImageExtent) -> ImageExtent {
    let scale = min(
      Double(limit.width) / Double(width), Double(limit.height) / Double(height))
    return ImageExtent(
      width: max(1, Int((Double(width) * scale).rounded())),
      height: max(1, Int((Double(height) * scale).rounded())))
  }
}

extension Image {
  /// One channel of numbers three times over, to be shown as grey as it is.
  fileprivate var shownAsGray: Image {
    Image(
      width: width, height: height, channels: 3, encoding: .sRGB,
      samples: samples + samples + samples)
  }

  /// Components of −1..1 as display values of 0..1.
  fileprivate var shownAsColor: Image {
    Image(
      width: width, height: height, channels: 3, encoding: .sRGB,
      samples: samples.map { ($0 + 1) / 2 })
  }

  /// The picture with another one of the same size left of the edge, a line between them.
  fileprivate func wiped(by other: Image, edge: Float) -> Image {
    var result = self
    let border = Int((Float(width) * edge).rounded())
    for channel in 0..<channels {
      for y in 0..<height {
        let start = (channel * height + y) * width
        for x in 0..<min(max(border, 0), width) {
          result.samples[start + x] = other.samples[start + x]
        }
        if border > 0 && border < width { result.samples[start + border] = 1 }
      }
    }
    return result
  }

  /// The picture with another one of the same size right of it.
  fileprivate func beside(_ other: Image) -> Image {
    var result = Image(
      width: 2 * width, height: height, channels: channels, encoding: encoding)
    for channel in 0..<channels {
      for y in 0..<height {
        let source = (channel * height + y) * width
        let target = 2 * source
        result.samples.replaceSubrange(
          target..<target + width, with: samples[source..<source + width])
        result.samples.replaceSubrange(
          target + width..<target + 2 * width, with: other.samples[source..<source + width])
      }
    }
    return result
  }
}
