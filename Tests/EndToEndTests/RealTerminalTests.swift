import Foundation
import Imaging
import TerminalCells
import TerminalGraphics
import TestSupport
import Testing

/// What is seen on the screen of terminals that people use, where these are installed.
@Suite(.serialized) struct RealTerminalTests {
  @Test("xterm shows sixels", .enabled(if: RealTerminal.xterm.isInstalled, "xterm is needed"))
  func xterm() throws { try check(.xterm, .sixel) }

  @Test("mlterm shows sixels", .enabled(if: RealTerminal.mlterm.isInstalled, "mlterm is needed"))
  func mlterm() throws { try check(.mlterm, .sixel) }

  @Test("foot shows sixels", .enabled(if: RealTerminal.foot.isInstalled, "foot is needed"))
  func foot() throws { try check(.foot, .sixel) }

  @Test(
    "kitty shows its own protocol", .enabled(if: RealTerminal.kitty.isInstalled, "kitty is needed"))
  func kitty() throws { try check(.kitty, .kitty) }

  /// A picture that stands still, then one that moves, drawn over it.
  private func check(_ terminal: RealTerminal, _ graphics: GraphicsProtocol) throws {
    let scratch = try ScratchFolder()
    let portrait = SourceTree.root.appendingPathComponent("assets/portraits/sample.png").path
    let picture = try ImageFile.readPhotograph(at: portrait).image.resized(width: 480, height: 480)
    let still = DisplayImage(picture)
    let moved = DisplayImage(picture.turned)
    var (writer, placement) = try setUp(graphics)
    let clear = Array("\u{1B}[2J\u{1B}[?25l".utf8)
    let settled = writer.frame(for: still, at: placement)
    try Data(clear + settled).write(to: URL(fileURLWithPath: scratch.file("settled")))
    let first = try terminal.show(scratch.file("settled"), resembling: still, decibels: 37)
    #expect(first >= 37)
    let draft = writer.frame(for: moved, at: placement, detail: FrameDetail.moving[0])
    try Data(clear + settled + draft).write(to: URL(fileURLWithPath: scratch.file("moving")))
    let second = try terminal.show(scratch.file("moving"), resembling: moved, decibels: 33)
    #expect(second >= 33)
    print("\(terminal): \(first) dB settled, \(second) dB moving")
  }

  private func setUp(_ graphics: GraphicsProtocol) throws -> (FrameWriter, ImagePlacement) {
    let capabilities = TerminalCapabilities(
      environment: TerminalEnvironment(variables: ["TERM": "xterm-256color"]),
      replies: TerminalReplies(parsing: Array("\u{1B}[?2026;2$y\u{1B}[?62;4c".utf8)),
      requested: graphics)
    // In cells of 6×12 pixels; the picture is sent in pixels, whatever the terminal's cells are.
    let screen = TerminalSize(columns: 100, rows: 50, pixelWidth: 600, pixelHeight: 600)
    let placement = try #require(
      ImagePlacement(
        of: ImageExtent(width: 480, height: 480),
        in: Rect(column: 0, row: 0, columns: 80, rows: 40), screen: screen,
        capabilities: capabilities))
    #expect(placement.pixelExtent == ImageExtent(width: 480, height: 480))
    return (FrameWriter(capabilities: capabilities), placement)
  }
}

extension Image {
  /// Seen in a mirror.
  fileprivate var turned: Image {
    var result = self
    for channel in 0..<channels {
      for y in 0..<height {
        for x in 0..<width { result[channel, x, y] = self[channel, width - 1 - x, y] }
      }
    }
    return result
  }
}
