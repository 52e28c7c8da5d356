import Shading

/// The look of the open portrait and the tree of named steps that led to it.
///
/// A held key makes many edits of one kind; they join into one step while they share a merge key
/// and nothing has closed the step in between, so that one undo takes the whole gesture back. An
/// edit after an undo starts a branch; what was undone stays where it is and can be returned to.
public struct EditHistory: Equatable, Sendable {
  /// One step that can be taken back.
  public struct Step: Equatable, Sendable {
    /// What the step did, in words.
    public let name: String
    /// The look on the other side of the step.
    public let look: Look
  }

  /// One row of the tree as a list shows it.
  public struct Entry: Equatable, Sendable {
    /// The number to return by.
    public let index: Int
    /// What the step did, in words.
    public let name: String
    /// How many branches lie between the step and the trunk, 0 on the trunk.
    public let depth: Int
    /// The look after the step.
    public let look: Look
  }

  /// Steps of the tree at most; a look is a few hundred bytes.
  static let capacity = 500

  private struct Node: Equatable, Sendable {
    var name: String
    var look: Look
    var parent: Int?
    var children: [Int] = []
    /// The child a redo goes to.
    var next: Int?
  }

  /// Every state of the look; the first is the one it started from.
  private var nodes: [Node]
  /// The number of the present state among the entries.
  public private(set) var presentIndex = 0
  private var openMergeKey: String?

  /// A history that starts at `look`.
  public init(_ look: Look) { nodes = [Node(name: "start", look: look)] }

  /// The look as it stands.
  public var present: Look { nodes[presentIndex].look }
  /// Whether there is a step to take back.
  public var canUndo: Bool { nodes[presentIndex].parent != nil }
  /// Whether there is a step to bring back.
  public var canRedo: Bool { nodes[presentIndex].next != nil }
  /// The name of the step an undo would take back.
  public var undoName: String? { canUndo ? nodes[presentIndex].name : nil }
  /// The name of the step a redo would bring back.
  public var redoName: String? { nodes[presentIndex].next.map { nodes[$0].name } }

  /// Steps that can be undone, oldest first; each holds the look before it.
  public var past: [Step] {
    var steps: [Step] = []
    var index = presentIndex
    while let parent = nodes[index].parent {
      steps.append(Step(name: nodes[index].name, look: nodes[parent].look))
      index = parent
    }
    return steps.reversed()
  }

  /// Makes `look` the present one.
  ///
  /// - Parameters:
  ///   - look: the look after the edit; nothing happens when it equals the present one.
  ///   - name: what the edit did, in words.
  ///   - mergeKey: edits with the same key join into one step; nil always makes a step of its own.
  public mutating func record(_ look: Look, name: String, mergeKey: String?) {
    guard look != present else { return }
    // A step stays open only while nothing follows it, so that joining rewrites no branch.
    if let mergeKey, mergeKey == openMergeKey, canUndo {
      nodes[presentIndex].name = name
      nodes[presentIndex].look = look
    } else {
      let index = nodes.count
      nodes.append(Node(name: name, look: look, parent: presentIndex))
      nodes[presentIndex].children.append(index)
      nodes[presentIndex].next = index
      presentIndex = index
      if nodes.count > Self.capacity { forgetOldest() }
    }
    openMergeKey = mergeKey
  }

  /// Ends the open step: the next edit starts a new one, whatever its merge key.
  public mutating func closeStep() { openMergeKey = nil }

  /// Takes the last step back and returns its name.
  public mutating func undo() -> String? {
    closeStep()
    guard let parent = nodes[presentIndex].parent else { return nil }
    let name = nodes[presentIndex].name
    nodes[parent].next = presentIndex
    presentIndex = parent
    return name
  }

  /// Brings the last undone step back and returns its name.
  public mutating func redo() -> String? {
    closeStep()
    guard let next = nodes[presentIndex].next else { return nil }
    presentIndex = next
    return nodes[next].name
  }

  /// Goes to any step of the tree and returns its name; nil for a number that no entry has.
  public mutating func go(to index: Int) -> String? {
    closeStep()
    guard nodes.indices.contains(index) else { return nil }
    presentIndex = index
    var child = index
    while let parent = nodes[child].parent {
      nodes[parent].next = child
      child = parent
    }
    return nodes[index].name
  }

  /// Every step, branches before the way on from the step they leave.
  public var entries: [Entry] {
    var entries: [Entry] = []
    var waiting = [(index: 0, depth: 0)]
    while let (index, depth) = waiting.popLast() {
      let node = nodes[index]
      entries.append(Entry(index: index, name: node.name, depth: depth, look: node.look))
      if let next = node.next { waiting.append((next, depth)) }
      for child in node.children.reversed() where child != node.next {
        waiting.append((child, depth + 1))
      }
    }
    return entries
  }

  /// Makes the first step towards the present the start and drops what branched off before.
  private mutating func forgetOldest() {
    var start = presentIndex
    while let parent = nodes[start].parent, parent != 0 { start = parent }
    var places: [Int: Int] = [:]
    var kept: [Int] = []
    var isKept = [Bool](repeating: false, count: nodes.count)
    // Parents stand before their children.
    for index in nodes.indices {
      isKept[index] = index == start || nodes[index].parent.map { isKept[$0] } == true
      guard isKept[index] else { continue }
      places[index] = kept.count
      kept.append(index)
    }
    nodes = kept.map { index in
      var node = nodes[index]
      node.parent = node.parent.flatMap { places[$0] }
      node.children = node.children.compactMap { places[$0] }
      node.next = node.next.flatMap { places[$0] }
      return node
    }
    presentIndex = places[presentIndex] ?? 0
  }
}
