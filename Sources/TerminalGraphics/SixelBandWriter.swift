/// Writes palette indices as sixel bands: six rows of pixels, one pass per colour.
///
/// Each band is read once, column by column. Every colour gets a list of its columns, so the cost
/// follows the number of sixels and not colours × width.
struct SixelBandWriter {
  /// The sixel of one colour in some columns side by side, and where the same colour goes on.
  private struct Node {
    var column: Int32
    var columns: Int32
    var bits: UInt8
    var next: Int32
  }

  private var nodes: [Node] = []
  private var heads = [Int32](repeating: -1, count: 256)
  private var tails = [Int32](repeating: -1, count: 256)
  private var used = [UInt8](repeating: 0, count: 256)
  private var band: [UInt8] = []

  /// The bands of some rows of a picture.
  ///
  /// - Parameters:
  ///   - indices: a palette index per pixel.
  ///   - width: pixels per row.
  ///   - rows: the rows to write, from a band's first.
  ///   - isFirst: whether no bands stand before these.
  /// - Returns: sixels, each band but the picture's first behind a graphics new line.
  mutating func encode(
    indices: [UInt8], width: Int, rows: Range<Int>, isFirst: Bool
  ) -> [UInt8] {
    var output: [UInt8] = []
    output.reserveCapacity(width * rows.count)
    prepareBuffers(width: width)
    for top in stride(from: rows.lowerBound, to: rows.upperBound, by: 6) {
      if top > rows.lowerBound || !isFirst { output.append(UInt8(ascii: "-")) }
      let count = collect(
        indices: indices, width: width, rows: top..<min(top + 6, rows.upperBound))
      let length = writeBand(colorCount: count)
      output.append(contentsOf: band[..<length])
    }
    return output
  }

  private mutating func prepareBuffers(width: Int) {
    guard nodes.count < 6 * width else { return }
    nodes = Array(repeating: Node(column: 0, columns: 0, bits: 0, next: -1), count: 6 * width)
    // A node writes itself and the gap before it, `!12345?` at most; a colour `$#255`.
    band = Array(repeating: 0, count: 6 * width * 8 + 256 * 16)
  }

  /// Sorts the band's pixels into one list per colour and returns how many colours there are.
  private mutating func collect(indices: [UInt8], width: Int, rows: Range<Int>) -> Int {
    indices.withUnsafeBufferPointer { indices in
      nodes.withUnsafeMutableBufferPointer { nodes in
        heads.withUnsafeMutableBufferPointer { heads in
          tails.withUnsafeMutableBufferPointer { tails in
            used.withUnsafeMutableBufferPointer { used in
              var nodeCount: Int32 = 0
              var colorCount = 0
              // Nodes from this one on belong to the last column.
              var firstOfColumn: Int32 = 0
              for x in 0..<width {
                if x > 0 && Self.repeats(indices, width: width, rows: rows, column: x) {
                  for node in Int(firstOfColumn)..<Int(nodeCount) { nodes[node].columns &+= 1 }
                  continue
                }
                firstOfColumn = nodeCount
                var bit: UInt8 = 1
                for y in rows {
                  let color = Int(indices[y &* width &+ x])
                  let tail = tails[color]
                  if tail >= firstOfColumn {
                    nodes[Int(tail)].bits |= bit
                  } else {
                    nodes[Int(nodeCount)] = Node(
                      column: Int32(truncatingIfNeeded: x), columns: 1, bits: bit, next: -1)
                    if tail < 0 {
                      heads[color] = nodeCount
                      used[colorCount] = UInt8(truncatingIfNeeded: color)
                      colorCount &+= 1
                    } else {
                      nodes[Int(tail)].next = nodeCount
                    }
                    tails[color] = nodeCount
                    nodeCount &+= 1
                  }
                  bit <<= 1
                }
              }
              return colorCount
            }
          }
        }
      }
    }
  }

  /// Whether a column of a band is like the one on its left.
  @inline(__always)
  private static func repeats(
    _ indices: UnsafeBufferPointer<UInt8>, width: Int, rows: Range<Int>, column: Int
  ) -> Bool {
    for y in rows {
      let pixel = y &* width &+ column
      if indices[pixel] != indices[pixel &- 1] { return false }
    }
    return true
  }

  /// Writes the lists as runs, empties them and returns the number of bytes.
  private mutating func writeBand(colorCount: Int) -> Int {
    nodes.withUnsafeBufferPointer { nodes in
      band.withUnsafeMutableBufferPointer { band in
        var output = ByteCursor(bytes: band)
        for position in 0..<colorCount {
          let color = Int(used[position])
          if position > 0 { output.append(UInt8(ascii: "$")) }
          output.append(UInt8(ascii: "#"))
          output.append(decimal: color)
          Self.writeList(from: heads[color], nodes, &output)
          tails[color] = -1
        }
        return output.count
      }
    }
  }

  @inline(__always)
  private static func writeList(
    from head: Int32, _ nodes: UnsafeBufferPointer<Node>, _ output: inout ByteCursor
  ) {
    var bits: UInt8 = 0
    var runLength = 0
    var column = 0
    var index = head
    while index >= 0 {
      let node = nodes[Int(index)]
      let gap = Int(node.column) &- column
      if gap > 0 && bits != 0 {
        output.append(run: bits, length: runLength)
        bits = 0
        runLength = 0
      }
      runLength &+= gap
      if node.bits != bits {
        output.append(run: bits, length: runLength)
        bits = node.bits
        runLength = 0
      }
      runLength &+= Int(node.columns)
      column = Int(node.column) &+ Int(node.columns)
      index = node.next
    }
    output.append(run: bits, length: runLength)
  }
}

/// Writes into a buffer that is known to be large enough.
private struct ByteCursor {
  let bytes: UnsafeMutableBufferPointer<UInt8>
  private(set) var count = 0

  init(bytes: UnsafeMutableBufferPointer<UInt8>) { self.bytes = bytes }

  @inline(__always)
  mutating func append(_ byte: UInt8) {
    bytes[count] = byte
    count &+= 1
  }

  @inline(__always)
  mutating func append(decimal number: Int) {
    // One to four digits: sizes of pictures and numbers of registers.
    if number >= 1000 { append(UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: number / 1000 % 10)) }
    if number >= 100 { append(UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: number / 100 % 10)) }
    if number >= 10 { append(UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: number / 10 % 10)) }
    append(UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: number % 10))
  }

  /// Sixels of the same bits; a repeat introducer pays from four on.
  @inline(__always)
  mutating func append(run bits: UInt8, length: Int) {
    let character = 63 &+ bits
    if length > 3 {
      append(UInt8(ascii: "!"))
      append(decimal: length)
      append(character)
    } else {
      // Three writes and one addition are cheaper than a loop; the buffer has room.
      bytes[count] = character
      bytes[count &+ 1] = character
      bytes[count &+ 2] = character
      count &+= length
    }
  }
}
