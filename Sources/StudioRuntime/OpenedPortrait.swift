import FaceAlignment
import Imaging
import RenderPasses
import Shading

/// A portrait ready for relighting: its passes and, where there is one, the photograph around them.
public struct OpenedPortrait: Sendable {
  /// Six passes and two mattes of the crop.
  public let stack: PassStack
  /// What the crop was cut from; nil for passes whose photograph is not at hand.
  public let source: Source?
  /// What the pass folder says about itself, or will say once it is written.
  public let manifest: PassManifest
  /// By what name `PortraitOpener.remember` keeps the passes; nil when there is nothing new to keep.
  let cacheKey: String?

  /// The photograph and how the crop lies in it.
  public struct Source: Sendable {
    /// The whole picture, 3 channels, `.sRGB`, upright.
    public let photograph: Image
    /// The square that was decomposed.
    public let crop: FaceCrop
    /// The square itself, at the extent of the passes, `.sRGB`.
    public let portrait: Image
  }
}

extension OpenedPortrait {
  /// The light that the portrait was taken in, as a rig.
  ///
  /// - Parameter path: What the portrait was opened from, for the error.
  /// - Returns: Lamps in the camera's frame.
  /// - Throws: `StudioRuntimeError.unknownLight`.
  public func estimatedRig(path: String) throws(StudioRuntimeError) -> LightRig {
    guard let estimate = LightEstimate(stack: stack) else { throw .unknownLight(path: path) }
    return estimate.rig
  }
}
