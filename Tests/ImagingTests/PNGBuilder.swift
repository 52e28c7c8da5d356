/// Builds PNG files chunk by chunk, for what libpng's writer would not produce.
struct PNGBuilder {
  var width: Int
  var height: Int
  var bitDepth: UInt8 = 8
  /// 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGBA.
  var colorType: UInt8 = 2
  var isInterlaced = false
  /// Chunks between the header and the pixels.
  var chunks: [(name: String, data: [UInt8])] = []
  /// Filter byte and samples of every row, in file order.
  var rows: [UInt8] = []

  var bytes: [UInt8] {
    var bytes: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    let header = bigEndian(UInt32(width)) + bigEndian(UInt32(height))
    bytes += chunk("IHDR", header + [bitDepth, colorType, 0, 0, isInterlaced ? 1 : 0])
    for (name, data) in chunks { bytes += chunk(name, data) }
    bytes += chunk("IDAT", zlibStored(rows))
    return bytes + chunk("IEND", [])
  }
}

func bigEndian(_ value: UInt32) -> [UInt8] {
  [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
}

private func chunk(_ name: String, _ data: [UInt8]) -> [UInt8] {
  let body = Array(name.utf8) + data
  return bigEndian(UInt32(data.count)) + body + bigEndian(crc32(body))
}

private func crc32(_ bytes: [UInt8]) -> UInt32 {
  ~bytes.reduce(~0) { crc, byte in
    (0..<8).reduce(crc ^ UInt32(byte)) { value, _ in
      value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1
    }
  }
}

/// A zlib stream of one stored block.
func zlibStored(_ bytes: [UInt8]) -> [UInt8] {
  precondition(bytes.count < 65536)
  let count = UInt16(bytes.count)
  let low = UInt8(truncatingIfNeeded: count)
  let high = UInt8(truncatingIfNeeded: count >> 8)
  var (a, b): (UInt32, UInt32) = (1, 0)
  for byte in bytes {
    a = (a + UInt32(byte)) % 65521
    b = (b + a) % 65521
  }
  return [0x78, 0x01, 0x01, low, high, ~low, ~high] + bytes + bigEndian(b << 16 | a)
}

/// A minimal ICC profile of a display with a pure power curve, version 2.
func matrixProfile(gamma: Double, red: [Double], green: [Double], blue: [Double]) -> [UInt8] {
  func fixed(_ value: Double) -> [UInt8] {
    bigEndian(UInt32(bitPattern: Int32((value * 65536).rounded())))
  }
  func xyz(_ values: [Double]) -> [UInt8] {
    Array("XYZ ".utf8) + bigEndian(0) + values.flatMap(fixed)
  }
  let gammaSteps = UInt16((gamma * 256).rounded())
  let curve =
    Array("curv".utf8) + bigEndian(0) + bigEndian(1)
    + [UInt8(gammaSteps >> 8), UInt8(gammaSteps & 255), 0, 0]
  let d50 = [0.9642, 1.0, 0.8249]
  let tags: [(String, [UInt8])] = [
    ("wtpt", xyz(d50)), ("rXYZ", xyz(red)), ("gXYZ", xyz(green)), ("bXYZ", xyz(blue)),
    ("rTRC", curve), ("gTRC", curve), ("bTRC", curve),
  ]
  var table = bigEndian(UInt32(tags.count))
  var data: [UInt8] = []
  let dataStart = 128 + 4 + 12 * tags.count
  for (name, bytes) in tags {
    table += Array(name.utf8) + bigEndian(UInt32(dataStart + data.count))
    table += bigEndian(UInt32(bytes.count))
    data += bytes
  }
  var header = bigEndian(UInt32(dataStart + data.count)) + bigEndian(0) + bigEndian(0x0240_0000)
  header += Array("mntrRGB XYZ ".utf8) + [UInt8](repeating: 0, count: 12)
  header += Array("acsp".utf8) + [UInt8](repeating: 0, count: 28)
  header += d50.flatMap(fixed) + [UInt8](repeating: 0, count: 48)
  return header + table + data
}

/// An EXIF block that says nothing but an orientation.
func exifBlock(orientation: UInt8) -> [UInt8] {
  let header: [UInt8] = [0x4D, 0x4D, 0, 42, 0, 0, 0, 8]
  let entry: [UInt8] = [0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0]
  return header + [0, 1] + entry + [0, 0, 0, 0]
}

/// A JPEG with a segment put behind its first marker.
func inserting(_ payload: [UInt8], marker: UInt8, intoJPEG bytes: [UInt8]) -> [UInt8] {
  let length = payload.count + 2
  let segment = [0xFF, marker, UInt8(length >> 8), UInt8(length & 255)] + payload
  return Array(bytes[..<2]) + segment + bytes[2...]
}

/// A simple WebP file made extended, with chunks added.
func extendedWebP(
  _ bytes: [UInt8], width: Int, height: Int, chunks: [(name: String, flag: UInt8, data: [UInt8])]
) -> [UInt8] {
  func little(_ value: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }
  func riffChunk(_ name: String, _ data: [UInt8]) -> [UInt8] {
    Array(name.utf8) + little(data.count, 4) + data + (data.count % 2 == 1 ? [0] : [])
  }
  let flags = chunks.reduce(0) { $0 | $1.flag }
  var body = riffChunk("VP8X", [flags, 0, 0, 0] + little(width - 1, 3) + little(height - 1, 3))
  // The profile goes before the picture, everything else behind.
  for chunk in chunks where chunk.name == "ICCP" { body += riffChunk(chunk.name, chunk.data) }
  body += bytes[12...]
  for chunk in chunks where chunk.name != "ICCP" { body += riffChunk(chunk.name, chunk.data) }
  return Array("RIFF".utf8) + little(body.count + 4, 4) + Array("WEBP".utf8) + body
}
