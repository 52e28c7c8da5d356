import Foundation

/// Radiance's RGBE pictures (Ward, 1991), flat or run-length coded.
enum RadianceCodec {
  static func decode(_ bytes: [UInt8], path: String) throws(ImageFileError) -> Image {
    let subject = CodecSubject(path: path, format: .radiance)
    var reader = Reader(bytes: bytes, subject: subject)
    let header = try reader.header()
    try subject.check(width: header.width, height: header.height)
    var image = Image(width: header.width, height: header.height, channels: 3, encoding: .linear)
    let count = image.pixelCount
    // One factor per exponent: mantissas are eighths of bits below 2^(e − 128).
    let scales = (0..<256).map { exponent in
      exponent == 0 ? 0 : Float(pow(2, Double(exponent - 136))) / header.exposure
    }
    for y in 0..<header.height {
      let line = try reader.scanLine(width: header.width)
      for x in 0..<header.width {
        let scale = scales[Int(line[4 * x + 3])]
        for channel in 0..<3 {
          image.samples[channel * count + y * header.width + x] =
            Float(line[4 * x + channel]) * scale
        }
      }
    }
    return image
  }

  private struct Header {
    var width = 0
    var height = 0
    var exposure: Float = 1
  }

  private struct Reader {
    let bytes: [UInt8]
    let subject: CodecSubject
    private var position = 0

    init(bytes: [UInt8], subject: CodecSubject) {
      self.bytes = bytes
      self.subject = subject
    }

    mutating func header() throws(ImageFileError) -> Header {
      var header = Header()
      while true {
        let line = try textLine()
        if line.isEmpty { break }
        if line.hasPrefix("FORMAT=") && line != "FORMAT=32-bit_rle_rgbe" {
          throw .unsupported(path: subject.path, format: .radiance, feature: line)
        }
        if line.hasPrefix("EXPOSURE="), let exposure = Float(line.dropFirst(9)), exposure > 0,
          exposure.isFinite
        {
          // Files may tell several exposures; they multiply.
          header.exposure *= exposure
        }
      }
      let resolution = try textLine().split(separator: " ")
      guard resolution.count == 4, let height = Int(resolution[1]), let width = Int(resolution[3])
      else {
        throw .corrupt(path: subject.path, format: .radiance, reason: "there is no resolution line")
      }
      guard resolution[0] == "-Y", resolution[2] == "+X" else {
        throw .unsupported(
          path: subject.path, format: .radiance, feature: "rows in another order than -Y +X")
      }
      header.width = width
      header.height = height
      return header
    }

    /// The next line up to its line feed, which must come within 4096 bytes.
    private mutating func textLine() throws(ImageFileError) -> String {
      let window = bytes[position..<min(bytes.count, position + 4096)]
      guard let end = window.firstIndex(of: 0x0A) else { throw failure(needed: 4096) }
      defer { position = end + 1 }
      return String(decoding: bytes[position..<end], as: UTF8.self)
        .trimmingCharacters(in: .whitespaces)
    }

    /// One line of interleaved mantissas and exponents.
    mutating func scanLine(width: Int) throws(ImageFileError) -> [UInt8] {
      guard position + 4 <= bytes.count else { throw failure(needed: 4) }
      let isCoded =
        width >= 8 && width < 32768 && bytes[position] == 2 && bytes[position + 1] == 2
        && bytes[position + 2] < 128
      return isCoded ? try codedLine(width: width) : try flatLine(width: width)
    }

    private mutating func flatLine(width: Int) throws(ImageFileError) -> [UInt8] {
      var line: [UInt8] = []
      line.reserveCapacity(4 * width)
      var shift = 0
      while line.count < 4 * width {
        guard position + 4 <= bytes.count else { throw failure(needed: 4) }
        let pixel = bytes[position..<position + 4]
        position += 4
        if pixel.starts(with: [1, 1, 1]), line.count >= 4, shift <= 16 {
          // The old run: repeat the last pixel; runs in a row give the count's higher bytes.
          let repeats = Int(pixel[pixel.endIndex - 1]) << shift
          guard line.count + 4 * repeats <= 4 * width else { throw overrun() }
          let last = line.suffix(4)
          for _ in 0..<repeats { line.append(contentsOf: last) }
          shift += 8
        } else {
          line.append(contentsOf: pixel)
          shift = 0
        }
      }
      return line
    }

    private mutating func codedLine(width: Int) throws(ImageFileError) -> [UInt8] {
      guard Int(bytes[position + 2]) << 8 | Int(bytes[position + 3]) == width else {
        throw overrun()
      }
      position += 4
      var line = [UInt8](repeating: 0, count: 4 * width)
      for component in 0..<4 {
        var x = 0
        while x < width {
          guard position + 2 <= bytes.count else { throw failure(needed: 2) }
          let code = Int(bytes[position])
          position += 1
          let isRun = code > 128
          let count = isRun ? code - 128 : code
          guard count > 0, x + count <= width else { throw overrun() }
          guard position + (isRun ? 1 : count) <= bytes.count else { throw failure(needed: count) }
          for index in 0..<count {
            line[4 * (x + index) + component] = bytes[position + (isRun ? 0 : index)]
          }
          position += isRun ? 1 : count
          x += count
        }
      }
      return line
    }

    private func failure(needed: Int) -> ImageFileError {
      position + needed > bytes.count
        ? .truncated(path: subject.path, format: .radiance)
        : .corrupt(path: subject.path, format: .radiance, reason: "a header line does not end")
    }

    private func overrun() -> ImageFileError {
      .corrupt(
        path: subject.path, format: .radiance, reason: "a line of pixels is longer than its picture"
      )
    }
  }
}
