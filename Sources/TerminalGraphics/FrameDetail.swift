import Imaging

/// How much care a frame gets.
public enum FrameQuality: Hashable, Sendable {
  /// Every pixel as it is, or dithered: what stands still on the screen.
  case settled
  /// What stands still at the other end of a slow line. No pixel depends on others: those of a palette
  /// take their nearest colour without a dither, cells lie within about this squared RGB distance.
  case thrifty(tolerance: Int)
  /// What is on show is kept, in a run of sixels or in a cell, while the picture lies within this
  /// squared RGB distance of it: fewer bytes while something moves.
  case draft(tolerance: Int)
}

/// How many bytes a frame may be worth: exactness first, pixels and colours next.
public struct FrameDetail: Hashable, Sendable {
  /// How the encoder treats pixels.
  public let quality: FrameQuality
  /// By how much the picture is smaller each way than its place.
  public let reduction: Double
  /// The most colours of a palette.
  public let colors: Int
  /// Whether work is spent to save bytes where the protocol leaves the choice.
  public let deflates: Bool

  /// From the best to the cheapest, for pictures that move.
  ///
  /// The reductions divide six, the height of a sixel: pixels that lie across two bands cost double.
  public static let moving = [
    FrameDetail(quality: .draft(tolerance: 110)),
    FrameDetail(quality: .draft(tolerance: 200), deflates: true),
    FrameDetail(quality: .draft(tolerance: 250), reduction: 2, colors: 96, deflates: true),
    FrameDetail(quality: .draft(tolerance: 300), reduction: 3, colors: 64, deflates: true),
    FrameDetail(quality: .draft(tolerance: 500), reduction: 3, colors: 32, deflates: true),
    FrameDetail(quality: .draft(tolerance: 300), reduction: 6, colors: 32, deflates: true),
    FrameDetail(quality: .draft(tolerance: 500), reduction: 6, colors: 16, deflates: true),
  ]

  /// From the best to the cheapest, for the picture that stays.
  public static let settled = [
    FrameDetail(quality: .settled),
    FrameDetail(quality: .settled, deflates: true),
    FrameDetail(quality: .thrifty(tolerance: 80), deflates: true),
    FrameDetail(quality: .thrifty(tolerance: 140), colors: 128, deflates: true),
    FrameDetail(quality: .thrifty(tolerance: 200), colors: 96, deflates: true),
    FrameDetail(quality: .thrifty(tolerance: 150), reduction: 2, colors: 96, deflates: true),
    FrameDetail(quality: .thrifty(tolerance: 150), reduction: 3, colors: 64, deflates: true),
  ]

  /// Describes a detail.
  public init(
    quality: FrameQuality, reduction: Double = 1, colors: Int = 256, deflates: Bool = false
  ) {
    self.quality = quality
    self.reduction = reduction
    self.colors = colors
    self.deflates = deflates
  }

  /// The pixels of a picture for a place of this extent, which may be reduced for another reason.
  public func extent(of place: ImageExtent, reducedBy other: Double = 1) -> ImageExtent {
    ImageExtent(
      width: max(1, Int(Double(place.width) / (reduction * other))),
      height: max(1, Int(Double(place.height) / (reduction * other))))
  }
}
