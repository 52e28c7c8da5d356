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

  @Option(help: "How to show it: auto, kitty, sixel or cells.")
  var `protocol` = "auto"

  @Option(help: "The width in columns; as wide as the terminal by default.")
  var columns: Int?

  func validate() throws {
    _ = try GraphicsChoice.parse(`protocol`)
    if let columns, !(1...1000).contains(columns) {
      throw ValidationError("--columns takes a number from 1 to 1000")
    }
  }

  func run() throws {
    try CommandOutput.reportingErrors {
      let picture = try read()
      let capabilities = TerminalProbe.capabilities(
        environment: TerminalEnvironment(variables: ProcessInfo.processInfo.environment),
        requested: try GraphicsChoice.parse(`protocol`))
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
      FileHandle.standardOutput.write(Data(bytes(shown, placement, capabilities)))
    }
  }

  private func read() throws -> Image {
    let name = image.lowercased()
    if name.hasSuffix(".hdr") || name.hasSuffix(".exr") {
      return try ImageFile.readEnvironment(at: image)
    }
    return try ImageFile.readPhotograph(at: image).image
  }

  private func bytes(
    _ image: DisplayImage, _ placement: ImagePlacement, _ capabilities: TerminalCapabilities
  ) -> [UInt8] {
    if capabilities.graphics == .cells {
      // A pipe has no colours of its own to fall back to: what was asked for is written.
      let isPlain = isatty(STDOUT_FILENO) == 0 && capabilities.colorDepth < .trueColor
      let depth = isPlain ? .trueColor : capabilities.colorDepth
      let grid = HalfBlockEncoder(depth: depth).grid(
        for: image, columns: placement.rect.columns, rows: placement.rect.rows)
      return lines(of: grid, depth: depth)
    }
    var writer = FrameWriter(capabilities: capabilities)
    return writer.inline(image, placement: placement) + Array("\n".utf8)
  }

  private func lines(of grid: CellGrid, depth: ColorDepth) -> [UInt8] {
    var encoder = CellEncoder(depth: depth)
    var bytes: [UInt8] = []
    for row in 0..<grid.rows {
      encoder.encode((0..<grid.columns).map { grid[$0, row] }, into: &bytes)
      encoder.reset(into: &bytes)
      bytes.append(UInt8(ascii: "\n"))
    }
    return bytes
  }
}

extension TerminalSize {
  /// The size of the terminal behind standard output; 80×24 without one.
  fileprivate static var ofStandardOutput: TerminalSize {
    var size = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
      return TerminalSize(columns: 80, rows: 24)
    }
    return TerminalSize(
      columns: Int(size.ws_col), rows: Int(size.ws_row), pixelWidth: Int(size.ws_xpixel),
      pixelHeight: Int(size.ws_ypixel))
  }
}
