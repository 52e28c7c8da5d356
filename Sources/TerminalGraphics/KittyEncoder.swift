import Imaging
import TerminalCells

/// Writes pictures in kitty's graphics protocol: raw RGB in base64, in chunks.
///
/// Two image ids take turns: the new picture is shown before the old one is deleted, so there is
/// no frame without a picture.
public struct KittyEncoder: Sendable {
  /// What one chunk may carry (kitty's protocol: at most 4096 bytes, a multiple of 4).
  static let chunkLength = 4096

  /// Under cells with a background of their own (kitty's protocol, "z-index"), so that a popup
  /// covers the picture; the cells of the picture itself keep the terminal's background.
  private static let layer = -1_073_741_825

  private let identifiers: [Int]
  private var turn = 0
  private var shown: Int?

  /// Makes an encoder that uses this id and the next.
  public init(firstIdentifier: Int = 4801) {
    identifiers = [firstIdentifier, firstIdentifier + 1]
  }

  /// The commands that show the picture at the cursor and take the last one away.
  ///
  /// - Parameters:
  ///   - image: the picture.
  ///   - cells: the rectangle that the terminal stretches the picture over, or nil to show it
  ///     pixel for pixel.
  /// - Returns: graphics commands; the terminal does not answer them.
  /// - Precondition: the image has pixels.
  public mutating func encode(_ image: DisplayImage, stretchedOver cells: Rect? = nil) -> [UInt8] {
    precondition(image.width > 0 && image.height > 0, "an empty picture cannot be sent")
    let identifier = identifiers[turn]
    turn = 1 - turn
    let text = Base64Encoder.encode(image.bytes)
    let chunkCount = (text.count + Self.chunkLength - 1) / Self.chunkLength
    var output: [UInt8] = []
    output.reserveCapacity(text.count + 16 * chunkCount + 128)
    var keys =
      "a=T,f=24,s=\(image.width),v=\(image.height),i=\(identifier),p=1,q=2,C=1,z=\(Self.layer)"
    if let cells { keys += ",c=\(cells.columns),r=\(cells.rows)" }
    for chunk in 0..<chunkCount {
      let end = min((chunk + 1) * Self.chunkLength, text.count)
      let more = chunk + 1 < chunkCount ? "m=1" : "m=0"
      let control = chunk == 0 ? "\(keys),\(more)" : more
      output.append(contentsOf: "\u{1B}_G\(control);".utf8)
      output.append(contentsOf: text[chunk * Self.chunkLength..<end])
      output.append(contentsOf: "\u{1B}\\".utf8)
    }
    if let shown { output.append(contentsOf: Self.deletion(of: shown)) }
    shown = identifier
    return output
  }

  /// The commands that take every picture of this encoder off the screen and free it.
  public func deletion() -> [UInt8] { identifiers.flatMap(Self.deletion) }

  /// The upper-case `I` frees the picture's data as well.
  private static func deletion(of identifier: Int) -> [UInt8] {
    Array("\u{1B}_Ga=d,d=I,i=\(identifier),q=2\u{1B}\\".utf8)
  }
}

/// Base64 (RFC 4648) by tables of twelve bits: two characters for each look-up.
enum Base64Encoder {
  private static let alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  private static let pairs: [UInt16] = (0..<4096).map { bits in
    UInt16(alphabet[bits >> 6]) | UInt16(alphabet[bits & 63]) << 8
  }

  static func encode(_ bytes: [UInt8]) -> [UInt8] {
    let length = (bytes.count + 2) / 3 * 4
    return [UInt8](unsafeUninitializedCapacity: length) { output, initialized in
      bytes.withUnsafeBufferPointer { bytes in
        pairs.withUnsafeBufferPointer { pairs in
          let wholeGroups = bytes.count / 3
          for group in 0..<wholeGroups {
            let first = Int(bytes[3 &* group])
            let second = Int(bytes[3 &* group &+ 1])
            let third = Int(bytes[3 &* group &+ 2])
            let left = pairs[first << 4 | second >> 4]
            let right = pairs[(second & 15) << 8 | third]
            output[4 &* group] = UInt8(truncatingIfNeeded: left)
            output[4 &* group &+ 1] = UInt8(truncatingIfNeeded: left >> 8)
            output[4 &* group &+ 2] = UInt8(truncatingIfNeeded: right)
            output[4 &* group &+ 3] = UInt8(truncatingIfNeeded: right >> 8)
          }
          writeTail(bytes[(3 * wholeGroups)...], to: output, at: 4 * wholeGroups)
        }
      }
      initialized = length
    }
  }

  /// One or two bytes left over are padded with `=`.
  private static func writeTail(
    _ tail: Slice<UnsafeBufferPointer<UInt8>>, to output: UnsafeMutableBufferPointer<UInt8>,
    at index: Int
  ) {
    guard let first = tail.first else { return }
    let second = tail.dropFirst().first
    output[index] = alphabet[Int(first >> 2)]
    output[index + 1] = alphabet[Int(first & 3) << 4 | Int((second ?? 0) >> 4)]
    output[index + 2] = second.map { alphabet[Int($0 & 15) << 2] } ?? UInt8(ascii: "=")
    output[index + 3] = UInt8(ascii: "=")
  }
}
