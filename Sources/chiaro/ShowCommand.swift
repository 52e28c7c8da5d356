import ArgumentParser
import Foundation
import Imaging
import TerminalCells
import TerminalGraphics

/// `chiaro show`: an image in the terminal.
struct ShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Print an image in this terminal.")

  @Argument(help: "PNG, JPEG, WebP, Radiance .hdr or OpenEXR .exr.")
  var image: String

  @Option(help: "How to show it: auto, kitty, sixel, iterm2 or cells.")
  var `protocol` = "auto"

  @Option(help: "Characters of pictures of cells: best, sextants, quadrants or half.")
  var symbols: String?

  @Option(help: "The width in columns; as wide as the terminal by default.")
  var columns: Int?

  func validate() throws {
    _ = try GraphicsChoice.parse(`protocol`)
    _ = try symbols.map(GraphicsChoice.parse(symbols:))
    if let columns, !(1...1000).contains(columns) {
      throw ValidationError("--columns takes a number from 1 to 1000")
    }
  }

  func run() throws {
    try CommandOutput.reportingErrors {
      let picture = try read()
      let capabilities = TerminalProbe.capabilities(
        environment: TerminalEnvironment(variables: ProcessInfo.processInfo.environment),
        requested: try GraphicsChoice.parse(`protocol`),
        symbols: try symbols.map(GraphicsChoice.parse(symbols:)))
      let screen = TerminalSize.ofStandardOutput
      let width = columns ?? screen.columns
      // A slot of any height: what is printed may scroll. One row more, which stays free.
      let rows = max(2, width * picture.height / max(picture.width, 1) + 2)
      let paper = TerminalSize(
        columns: width, rows: rows,
        pixelWidth: screen.columns > 0 ? screen.pixelWidth / screen.columns * width : 0,
        pixelHeight: screen.rows > 0 ? screen.pixelHeight / screen.rows * rows : 0)
      guard
        let placement = ImagePlacement(
          of: picture.extent, in: Rect(column: 0, row: 0, columns: width, rows: rows),
          screen: paper, capabilities: capabilities)
      else { throw ValidationError("the terminal is too narrow for a picture") }
      let shown = DisplayImage(
        picture.resized(width: placement.pixelWidth, height: placement.pixelHeight))
      // A pipe has no colours of its own to fall back to: what was asked for is written.
      var writer = FrameWriter(
        capabilities: capabilities, colorDepth: isatty(STDOUT_FILENO) == 0 ? .trueColor : nil)
      FileHandle.standardOutput.write(Data(writer.inline(shown, placement: placement)))
    }
  }

  private func read() throws -> Image {
    let name = image.lowercased()
    if name.hasSuffix(".hdr") || name.hasSuffix(".exr") {
      return try ImageFile.readEnvironment(at: image)
    }
    return try ImageFile.readPhotograph(at: image).image
  }
}

extension TerminalSize {
  /// The size of the terminal behind standard output; 80×24 without one.
  static var ofStandardOutput: TerminalSize {
    var size = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
      return TerminalSize(columns: 80, rows: 24)
    }
    return TerminalSize(
      columns: Int(size.ws_col), rows: Int(size.ws_row), pixelWidth: Int(size.ws_xpixel),
      pixelHeight: Int(size.ws_ypixel))
  }
}
