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
    for detail in FrameDetail.moving where detail.reduction == 1 {
      recorder.measure("sixel, \(detail.quality)") { repetition in
        sixel.encode(frame(repetition), quality: detail.quality)
      }
    }
    var kitty = KittyEncoder()
    for medium in [KittyMedium.sharedMemory, .raw, .deflated] {
      recorder.measure("kitty, \(medium)") { kitty.encode(frame($0), by: medium) }
    }
    let inline = InlineImageEncoder()
    let area = Rect(column: 0, row: 0, columns: 100, rows: 50)
    recorder.measure("iterm2") { inline.encode(frame($0), over: area) }
    for symbols in CellSymbols.allCases {
      let cells = CellPictureEncoder(depth: .trueColor, symbols: symbols)
      recorder.measure("cells, \(symbols), 100×50, whole") { repetition in
        cells.lines(frame(repetition), columns: area.columns, rows: area.rows)
      }
    }
    var cells = CellPictureEncoder(depth: .trueColor)
    let small = frames.map { $0.stretched(width: area.columns, height: 2 * area.rows) }
    recorder.measure("cells, 100×50, moving") { repetition in
      cells.encode(
        small[(repetition + 8) % 8], over: area, quality: FrameDetail.moving[0].quality)
    }
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
