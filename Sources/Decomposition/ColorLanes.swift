import Imaging

/// Eight neighbouring values of a plane.
typealias Lanes = SIMD8<Float>

/// The colours of eight neighbouring pixels.
struct ColorLanes {
  var red: Lanes
  var green: Lanes
  var blue: Lanes

  init(_ red: Lanes, _ green: Lanes, _ blue: Lanes) {
    (self.red, self.green, self.blue) = (red, green, blue)
  }

  /// One colour eight times.
  init(repeating color: SIMD3<Float>) {
    self.init(Lanes(repeating: color.x), Lanes(repeating: color.y), Lanes(repeating: color.z))
  }

  /// The first three channels of neighbouring pixels of an image.
  init(_ image: Image, at pixel: Int, count: Int) {
    let plane = image.pixelCount
    self.init(
      Lanes(image.samples, at: pixel, count: count),
      Lanes(image.samples, at: plane + pixel, count: count),
      Lanes(image.samples, at: 2 * plane + pixel, count: count))
  }

  /// One channel.
  subscript(channel: Int) -> Lanes { channel == 0 ? red : channel == 1 ? green : blue }

  /// Sum of the products of the channels.
  @inline(__always)
  func dot(_ other: ColorLanes) -> Lanes {
    red * other.red + green * other.green + blue * other.blue
  }
  /// The greatest channel.
  var greatest: Lanes { red.atLeast(green.atLeast(blue)) }
  /// The least channel.
  var least: Lanes { red.atMost(green.atMost(blue)) }
  /// Rec.709 luminance.
  var luminance: Lanes { dot(Self.rec709) }
  private static let rec709 = ColorLanes(
    repeating: SIMD3(
      ColorTransfer.luminance(1, 0, 0), ColorTransfer.luminance(0, 1, 0),
      ColorTransfer.luminance(0, 0, 1)))

  /// 0 where a channel lies below.
  var atLeastZero: ColorLanes { map { $0.atLeast(Lanes(repeating: 0)) } }

  /// Channel by channel.
  @inline(__always)
  func map(_ transform: (Lanes) -> Lanes) -> ColorLanes {
    ColorLanes(transform(red), transform(green), transform(blue))
  }

  /// Channel by channel, with another colour's.
  @inline(__always)
  func merged(_ other: ColorLanes, _ merge: (Lanes, Lanes) -> Lanes) -> ColorLanes {
    ColorLanes(
      merge(red, other.red), merge(green, other.green), merge(blue, other.blue))
  }

  @inline(__always)
  static func + (a: ColorLanes, b: ColorLanes) -> ColorLanes { a.merged(b, +) }
  @inline(__always)
  static func - (a: ColorLanes, b: ColorLanes) -> ColorLanes { a.merged(b, -) }
  @inline(__always)
  static func * (a: ColorLanes, b: ColorLanes) -> ColorLanes { a.merged(b, *) }
  @inline(__always)
  static func / (a: ColorLanes, b: ColorLanes) -> ColorLanes { a.merged(b, /) }
  @inline(__always)
  static func * (a: Lanes, b: ColorLanes) -> ColorLanes { b.map { a * $0 } }
}

extension Lanes {
  /// Neighbouring values; those beyond `count` repeat the last.
  @inline(__always)
  init(_ samples: [Float], at index: Int, count: Int) {
    if count >= Self.scalarCount {
      self = samples.withUnsafeBytes {
        $0.loadUnaligned(fromByteOffset: index * MemoryLayout<Float>.stride, as: Lanes.self)
      }
    } else {
      self.init()
      for lane in 0..<Self.scalarCount { self[lane] = samples[index + Swift.min(lane, count - 1)] }
    }
  }

  /// The greater of two, value by value.
  @inline(__always)
  func atLeast(_ other: Lanes) -> Lanes { replacing(with: other, where: self .< other) }
  /// The lesser of two, value by value.
  @inline(__always)
  func atMost(_ other: Lanes) -> Lanes { replacing(with: other, where: self .> other) }

  /// The nearest values of a range.
  @inline(__always)
  func limited(to range: ClosedRange<Float>) -> Lanes {
    atLeast(Lanes(repeating: range.lowerBound)).atMost(Lanes(repeating: range.upperBound))
  }

  /// 0 below a range, 1 above it, a straight line between.
  @inline(__always)
  func linearStep(_ range: ClosedRange<Float>) -> Lanes {
    ((self - range.lowerBound) / (range.upperBound - range.lowerBound)).limited(to: 0...1)
  }

  /// Each value through a function.
  @inline(__always)
  func map(_ transform: (Float) -> Float) -> Lanes {
    var result = self
    for lane in indices { result[lane] = transform(self[lane]) }
    return result
  }
}
