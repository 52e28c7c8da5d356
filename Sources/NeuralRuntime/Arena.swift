/// Places the values of a graph in one block of memory so that values that never live at once may overlap.
struct Arena {
  /// The first float of each value, by index.
  private(set) var offsets: [Int]
  /// Floats in all.
  private(set) var count = 0

  /// Plans the memory of `graph`; `kept` values stay readable after the last node.
  init(_ graph: Graph, keeping kept: [Value]) {
    let nodes = graph.nodes
    offsets = Array(repeating: 0, count: nodes.count)
    var lastUse = Array(0..<nodes.count)
    for (position, node) in nodes.enumerated() {
      for source in node.sources { lastUse[source.index] = position }
    }
    for value in kept { lastUse[value.index] = nodes.count }

    /// A stretch of floats that is in use, in ascending order of offset.
    struct Stretch {
      var range: Range<Int>
      var owner: Int
    }
    var live: [Stretch] = []
    // 64 bytes, the width of the widest vectors and of a cache line.
    let alignment = 16

    for (position, node) in nodes.enumerated() {
      let size = (node.result.layout.count + alignment - 1) / alignment * alignment
      if let source = node.operation.inPlaceSource.map({ node.sources[$0] }),
        lastUse[source.index] == position, source.layout == node.result.layout,
        let slot = live.firstIndex(where: { $0.owner == source.index })
      {
        live[slot].owner = position
        offsets[position] = offsets[source.index]
      } else {
        // The lowest gap that is wide enough.
        var offset = 0
        var slot = 0
        while slot < live.count, live[slot].range.lowerBound - offset < size {
          offset = live[slot].range.upperBound
          slot += 1
        }
        live.insert(Stretch(range: offset..<offset + size, owner: position), at: slot)
        offsets[position] = offset
        count = max(count, offset + size)
      }
      live.removeAll { lastUse[$0.owner] <= position }
    }
  }
}
