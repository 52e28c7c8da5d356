import Imaging
import RenderPasses
import Shading
import StudioFiles
import StudioRuntime

extension Suite {
  /// A relit crop back into a photograph of 50 megapixels, all of which it changes.
  static let composite = Suite(name: "composite") { recorder, assets in
    let (stack, _) = try PassFolder.read(assets.path("portraits/sample-passes"))
    let original = try ImageFile.readPhotograph(at: assets.path("portraits/sample.png")).image
      .resized(width: stack.width, height: stack.height)
    var look = Look(rig: fourLights)
    look.rig.environment.isOn = false
    var relighter = Relighter(stack: stack, portrait: original)
    guard
      let relit = relighter.display(look: look, environment: nil, size: stack.albedo.extent)
    else { return }
    let (width, height) = (8660, 5774)
    let photograph = original.resized(width: width, height: height, filter: .bilinear)
    let map = AffineMap(
      origin: .zero, right: SIMD2(Double(stack.width) / Double(width), 0),
      down: SIMD2(0, Double(stack.height) / Double(height)))
    recorder.measure("50 megapixels") { _ in
      Composite.intoPhotograph(
        photograph, relit: relit, original: original, photographToCrop: map)
    }
    recorder.figure(
      "memory, photograph and result included", ProcessMemory.peakKilobytes() / 1000, unit: "MB")
  }
}
