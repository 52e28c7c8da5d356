/// How much care a frame gets.
public enum FrameQuality: Hashable, Sendable {
  /// Every pixel as it is, or dithered: what stands still on the screen.
  case settled
  /// What is on show is kept, in a run of sixels or in a cell, while the picture lies within this
  /// squared RGB distance of it: fewer bytes while something moves.
  case draft(tolerance: Int)
}

/// How many bytes a frame may be worth: colours first, pixels next.
public struct FrameDetail: Hashable, Sendable {
  /// How the encoder treats pixels.
  public let quality: FrameQuality
  /// By how much the picture is smaller each way than its place.
  public let reduction: Int
  /// Whether work is spent to save bytes where the protocol leaves the choice.
  public let deflates: Bool

  /// From the best to the cheapest, for pictures that move.
  public static let moving = [
    FrameDetail(quality: .draft(tolerance: 100), reduction: 1, deflates: false),
    FrameDetail(quality: .draft(tolerance: 200), reduction: 1, deflates: false),
    FrameDetail(quality: .draft(tolerance: 300), reduction: 2, deflates: false),
    FrameDetail(quality: .draft(tolerance: 300), reduction: 3, deflates: true),
    FrameDetail(quality: .draft(tolerance: 300), reduction: 4, deflates: true),
    FrameDetail(quality: .draft(tolerance: 300), reduction: 6, deflates: true),
  ]

  /// From the best to the cheapest, for the picture that stays.
  public static let settled = [
    FrameDetail(quality: .settled, reduction: 1, deflates: false),
    FrameDetail(quality: .draft(tolerance: 60), reduction: 1, deflates: true),
    FrameDetail(quality: .draft(tolerance: 150), reduction: 1, deflates: true),
    FrameDetail(quality: .draft(tolerance: 150), reduction: 2, deflates: true),
    FrameDetail(quality: .draft(tolerance: 150), reduction: 3, deflates: true),
  ]

  /// Describes a detail.
  public init(quality: FrameQuality, reduction: Int = 1, deflates: Bool = false) {
    self.quality = quality
    self.reduction = reduction
    self.deflates = deflates
  }
}
