import Imaging
import TerminalCells

/// How pixels get to a terminal that understands kitty's protocol.
public enum KittyMedium: Hashable, Sendable {
  /// Through memory that both ends share; only on the same machine.
  case sharedMemory
  /// Raw RGB in base64.
  case raw
  /// As PNG, deflated: fewer bytes and more work, for slow lines.
  case deflated
  /// As PNG in the colours of a palette: a third of the bytes of raw RGB, fewer still when deflated.
  case palette(FrameQuality, colors: Int, isDeflated: Bool)
}

/// Writes pictures in kitty's graphics protocol.
///
/// Two image ids take turns: the new picture is shown before the old one is deleted, so there is
/// no frame without a picture.
public struct KittyEncoder: Sendable {
  /// Bytes that become a chunk in base64 (kitty's protocol: at most 4096 characters).
  private static let bytesPerChunk = 3072

  /// Under cells with a background of their own (kitty's protocol, "z-index").
  ///
  /// So a popup covers the picture, whose own cells keep the terminal's background. Only while there
  /// is one: kitty draws all backgrounds in wrong colours then (kovidgoyal/kitty#6061).
  private static let coveredLayer = -1_073_741_825

  private let identifiers: [Int]
  private let sharedFrames = SharedFrames()
  private var dithers = DitherPair(parts: 2)
  private var turns = Turns()
  private var turnsBefore = Turns()

  /// Which of the ids is next, and which one is on show.
  private struct Turns {
    var next = 0
    var shown: Int?
  }

  /// Makes an encoder that uses this id and the next.
  public init(firstIdentifier: Int = 4801) {
    identifiers = [firstIdentifier, firstIdentifier + 1]
  }

  /// The commands that show the picture at the cursor and take the last one away.
  ///
  /// - Parameters:
  ///   - image: the picture.
  ///   - medium: how the pixels get there; raw where shared memory or PNG cannot be had.
  ///   - cells: the rectangle that the terminal stretches the picture over, or nil to show it
  ///     pixel for pixel.
  ///   - isCovered: whether text is to cover a part of it.
  ///   - movesCursor: whether the cursor goes behind the picture, for output that scrolls.
  /// - Returns: graphics commands; the terminal does not answer them.
  /// - Precondition: the image has pixels.
  public mutating func encode(
    _ image: DisplayImage, by medium: KittyMedium = .raw, stretchedOver cells: Rect? = nil,
    isCovered: Bool = false, movesCursor: Bool = false
  ) -> [UInt8] {
    precondition(image.width > 0 && image.height > 0, "an empty picture cannot be sent")
    turnsBefore = turns
    let identifier = identifiers[turns.next]
    turns.next = 1 - turns.next
    let (format, payload) = payload(of: image, by: medium)
    let chunkCount = (payload.count + Self.bytesPerChunk - 1) / Self.bytesPerChunk
    var output: [UInt8] = []
    output.reserveCapacity(payload.count / 3 * 4 + 16 * chunkCount + 256)
    var keys = "a=T,\(format),i=\(identifier),p=1,q=2,C=\(movesCursor ? 0 : 1)"
    if isCovered { keys += ",z=\(Self.coveredLayer)" }
    if let cells { keys += ",c=\(cells.columns),r=\(cells.rows)" }
    for chunk in 0..<chunkCount {
      let end = min((chunk + 1) * Self.bytesPerChunk, payload.count)
      let more = chunk + 1 < chunkCount ? "m=1" : "m=0"
      let control = chunk == 0 ? "\(keys),\(more)" : more
      output.append(contentsOf: "\u{1B}_G\(control);".utf8)
      output.append(contentsOf: Base64Encoder.encode(payload[chunk * Self.bytesPerChunk..<end]))
      output.append(contentsOf: "\u{1B}\\".utf8)
    }
    if let shown = turns.shown { output.append(contentsOf: Self.deletion(of: shown)) }
    turns.shown = identifier
    return output
  }

  /// Takes the last picture back, which was not sent.
  mutating func revert() { turns = turnsBefore }

  /// What the pixels are and the bytes to send for them.
  private mutating func payload(
    of image: DisplayImage, by medium: KittyMedium
  ) -> (format: String, bytes: [UInt8]) {
    let raw = "f=24,s=\(image.width),v=\(image.height)"
    switch medium {
    case .raw: break
    case .sharedMemory:
      if let name = sharedFrames.put(image.bytes) {
        return (raw + ",t=s,S=\(image.bytes.count)", Array(name.utf8))
      }
    case .deflated:
      if let bytes = try? ImageFile.encoded(image.image, as: .png, path: "the terminal") {
        return ("f=100", bytes)
      }
    case .palette(let quality, let colors, let isDeflated):
      let drawn = dithers.drawn(image, quality: quality, maximumColors: colors)
      if let bytes = PalettePNG.encode(
        indices: drawn.indices, width: drawn.width,
        palette: drawn.colors.flatMap { [$0.red, $0.green, $0.blue] }, isDeflated: isDeflated)
      {
        return ("f=100", bytes)
      }
    }
    return (raw, image.bytes)
  }

  /// The commands that take every picture of this encoder off the screen and free it.
  public func deletion() -> [UInt8] { identifiers.flatMap(Self.deletion) }

  /// The upper-case `I` frees the picture's data as well.
  private static func deletion(of identifier: Int) -> [UInt8] {
    Array("\u{1B}_Ga=d,d=I,i=\(identifier),q=2\u{1B}\\".utf8)
  }
}
