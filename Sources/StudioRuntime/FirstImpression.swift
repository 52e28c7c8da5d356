import Imaging
import RenderPasses

/// Passes of a photograph at a low resolution: to be looked at until the others are there.
///
/// It can be had before the photograph itself is decoded, and is never saved as a picture.
public struct FirstImpression: Sendable {
  /// The passes and mattes.
  public let stack: PassStack
  /// The square that they show, of their extent or a larger one, 3 channels, sRGB or linear.
  public let portrait: Image
  /// The extent of the whole photograph, upright.
  public let photograph: ImageExtent

  /// Describes a first look.
  public init(stack: PassStack, portrait: Image, photograph: ImageExtent) {
    self.stack = stack
    self.portrait = portrait
    self.photograph = photograph
  }
}

extension OpenedPortrait {
  /// The portrait reduced to a first look; nil where its photograph is not at hand.
  var firstImpression: FirstImpression? {
    guard let source else { return nil }
    let side = min(Self.firstSide, stack.width)
    return FirstImpression(
      stack: stack.resized(width: side, height: side),
      portrait: source.portrait.resized(width: side, height: side),
      photograph: source.photograph.extent)
  }

  /// The side of what is shown first of passes that are at hand.
  private static let firstSide = 384
}
