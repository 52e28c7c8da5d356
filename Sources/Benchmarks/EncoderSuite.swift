import Imaging
import RenderPasses
import Shading
import StudioFiles
import TerminalCells
import TerminalGraphics

extension Suite {
  /// A preview frame of 480×480 pixels on its way to each kind of terminal.
  static let encoders = Suite(name: "encoders") { recorder, assets in
    let frames = try movingLight(assets: assets, count: 8)
    func frame(_ repetition: Int) -> DisplayImage { frames[(repetition + 8) % 8] }

    var sixel = SixelEncoder()
    recorder.measure("sixel, settled") { sixel.encode(frame($0)) }
    recorder.measure("sixel, fresh palette") { repetition in
      var fresh = SixelEncoder()
      return fresh.encode(frame(repetition))
    }
    for step in FramePacer.Step.allCases {
      recorder.measure("sixel, moving, \(step)") { sixel.encode(frame($0), quality: step.quality) }
    }
    var kitty = KittyEncoder()
    recorder.measure("kitty, base64") { kitty.encode(frame($0)) }
    let blocks = HalfBlockEncoder(depth: .trueColor)
    recorder.measure("half blocks, 100×50") { blocks.grid(for: frame($0), columns: 100, rows: 50) }
  }

  /// The bundled portrait, relit by a light that goes round, as the studio renders it.
  static func movingLight(assets: AssetFolder, count: Int, side: Int = 480) throws -> [DisplayImage]
  {
    let (stack, _) = try PassFolder.read(assets.path("portraits/sample-passes"))
    var relighter = Relighter(stack: stack, portrait: nil)
    return (0..<count).compactMap { step in
      var light = Light(name: "key")
      light.azimuthDegrees = 30 + 5 * Float(step)
      light.elevationDegrees = 35
      return relighter.display(
        look: Look(rig: LightRig(lights: [light])), environment: nil,
        size: ImageExtent(width: side, height: side)
      ).map { DisplayImage($0) }
    }
  }
}
