/// Base64 (RFC 4648) by tables of twelve bits: two characters for each look-up.
enum Base64Encoder {
  private static let alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  private static let pairs: [UInt16] = (0..<4096).map { bits in
    UInt16(alphabet[bits >> 6]) | UInt16(alphabet[bits & 63]) << 8
  }

  static func encode(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
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
