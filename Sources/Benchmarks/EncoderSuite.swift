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
    for (index, detail) in (FrameDetail.moving + FrameDetail.settled).enumerated() {
      let place = ImageExtent(width: 480, height: 480)
      let drawn = frames.map { frame in
        let extent = detail.extent(of: place)
        return frame.image.resized(width: extent.width, height: extent.height)
      }.map { DisplayImage($0) }
      func sixels(_ repetition: Int) -> [UInt8] {
        sixel.encode(
          drawn[(repetition + 8) % 8], stretchedTo: place, quality: detail.quality,
          colors: detail.colors)
      }
      let name = "sixel, detail \(index): \(detail.summary)"
      recorder.measure(name, sixels)
      try recorder.quality(name, frames[1], sixels(1))
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
    for (index, detail) in (FrameDetail.moving + FrameDetail.settled).enumerated() {
      let isMoving = index < FrameDetail.moving.count
      let place = ImageExtent(width: 4 * area.columns, height: 8 * area.rows)
      let drawn = frames.map { frame in
        let extent = detail.extent(of: place, reducedBy: isMoving ? 4 : 1)
        return frame.image.resized(width: extent.width, height: extent.height)
      }.map { DisplayImage($0) }
      func characters(_ repetition: Int) -> [UInt8] {
        cells.encode(drawn[(repetition + 8) % 8], over: area, quality: detail.quality)
      }
      let name = "cells, 100×50, detail \(index): \(detail.summary)"
      recorder.measure(name, characters)
      recorder.figure("\(name): bytes", Double(characters(0).count) / 1000, unit: "kB")
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

extension FrameDetail {
  fileprivate var summary: String { "\(quality), 1/\(reduction), \(colors) colours" }
}
