import Imaging
import TerminalCells

/// Writes pictures in iTerm2's inline image protocol (OSC 1337): a JPEG file in base64.
public struct InlineImageEncoder: Sendable {
  /// Makes an encoder.
  public init() {}

  /// The control string that shows the picture at the cursor, over a rectangle of cells.
  ///
  /// - Parameters:
  ///   - image: the picture; the terminal stretches it.
  ///   - cells: the rectangle, of which only the size counts.
  ///   - movesCursor: whether the cursor goes behind the picture, for output that scrolls.
  /// - Returns: one operating system command, empty when the picture cannot be encoded.
  /// - Precondition: the image has pixels.
  public func encode(_ image: DisplayImage, over cells: Rect, movesCursor: Bool = false) -> [UInt8]
  {
    precondition(image.width > 0 && image.height > 0, "an empty picture cannot be sent")
    guard let file = try? ImageFile.encoded(image.image, as: .jpeg, path: "the terminal") else {
      return []
    }
    var output = Array(
      "\u{1B}]1337;File=inline=1;size=\(file.count);width=\(cells.columns);height=\(cells.rows)"
        .utf8)
    output += ";preserveAspectRatio=0;doNotMoveCursor=\(movesCursor ? 0 : 1):".utf8
    output += Base64Encoder.encode(file[...])
    // BEL ends it in every version; the string terminator only in newer ones.
    output.append(7)
    return output
  }
}
