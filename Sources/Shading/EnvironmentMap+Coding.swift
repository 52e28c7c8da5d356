import Imaging

extension EnvironmentMap {
  /// What the numbers stand for; changes whenever they are computed in another way.
  private static let format = Array("chiaro environment 1\n".utf8)

  /// The map as bytes of this machine: the format's name, SHA-256 of the rest, the rest.
  package var encoded: [UInt8] {
    var numbers: [Float] = [gain, Float(lamps.count)]
    func append(_ vector: SIMD3<Float>) { numbers += [vector.x, vector.y, vector.z] }
    for lamp in lamps {
      append(lamp.direction)
      append(lamp.color)
      numbers.append(lamp.radius)
    }
    diffuse.coefficients.forEach(append)
    for level in [panorama] + levels {
      numbers += [Float(level.width), Float(level.height)]
      level.texels.forEach(append)
    }
    let payload = numbers.withUnsafeBytes(Array.init)
    return Self.format + Array(ContentDigest.sha256(payload).utf8) + payload
  }

  /// Reads back what `encoded` gave; nil for anything else.
  package init?(encoded bytes: [UInt8]) {
    let start = Self.format.count + 64
    guard bytes.count > start, bytes.starts(with: Self.format) else { return nil }
    let payload = Array(bytes[start...])
    guard Array(ContentDigest.sha256(payload).utf8) == Array(bytes[Self.format.count..<start])
    else { return nil }
    var numbers = FloatReader(payload)
    gain = numbers.next()
    lamps = (0..<numbers.count()).map { _ in
      EnvironmentLamp(
        direction: numbers.vector(), color: numbers.vector(), radius: numbers.next())
    }
    diffuse = SphericalHarmonics(coefficients: (0..<9).map { _ in numbers.vector() })
    panorama = numbers.panorama()
    levels = Self.levelRoughness.map { _ in numbers.panorama() }
  }
}

/// Numbers one after the other, out of bytes that a digest has vouched for.
private struct FloatReader {
  private let bytes: [UInt8]
  private var place = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  mutating func next() -> Float {
    defer { place += MemoryLayout<Float>.size }
    return bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: place, as: Float.self) }
  }

  mutating func count() -> Int { Int(next()) }

  mutating func vector() -> SIMD3<Float> {
    let (x, y) = (next(), next())
    return SIMD3(x, y, next())
  }

  mutating func panorama() -> Panorama {
    let (width, height) = (count(), count())
    return Panorama(
      width: width, height: height, texels: (0..<width * height).map { _ in vector() })
  }
}
