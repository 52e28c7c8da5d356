import Shading

/// The look of the open portrait and the named steps that led to it.
///
/// A held key makes many edits of one kind; they join into one step while they share a merge key
/// and nothing has closed the step in between, so that one undo takes the whole gesture back.
public struct EditHistory: Equatable, Sendable {
  /// One step that can be taken back.
  public struct Step: Equatable, Sendable {
    /// What the step did, in words.
    public let name: String
    /// The look on the other side of the step.
    public let look: Look
  }

  /// Far more than anyone walks back; a look is a few hundred bytes.
  static let capacity = 500

  /// The look as it stands.
  public private(set) var present: Look
  /// Steps that can be undone, oldest first; each holds the look before it.
  public private(set) var past: [Step] = []
  /// Steps that can be redone, next one last; each holds the look after it.
  public private(set) var future: [Step] = []
  private var openMergeKey: String?

  /// A history that starts at `look`.
  public init(_ look: Look) { present = look }

  /// The name of the step an undo would take back.
  public var undoName: String? { past.last?.name }
  /// The name of the step a redo would bring back.
  public var redoName: String? { future.last?.name }

  /// Makes `look` the present one.
  ///
  /// - Parameters:
  ///   - look: the look after the edit; nothing happens when it equals the present one.
  ///   - name: what the edit did, in words.
  ///   - mergeKey: edits with the same key join into one step; nil always makes a step of its own.
  public mutating func record(_ look: Look, name: String, mergeKey: String?) {
    guard look != present else { return }
    if let mergeKey, mergeKey == openMergeKey, let last = past.last {
      past[past.count - 1] = Step(name: name, look: last.look)
    } else {
      past.append(Step(name: name, look: present))
      if past.count > Self.capacity { past.removeFirst() }
    }
    openMergeKey = mergeKey
    present = look
    future = []
  }

  /// Ends the open step: the next edit starts a new one, whatever its merge key.
  public mutating func closeStep() { openMergeKey = nil }

  /// Takes the last step back and returns its name.
  public mutating func undo() -> String? {
    closeStep()
    guard let step = past.popLast() else { return nil }
    future.append(Step(name: step.name, look: present))
    present = step.look
    return step.name
  }

  /// Brings the last undone step back and returns its name.
  public mutating func redo() -> String? {
    closeStep()
    guard let step = future.popLast() else { return nil }
    past.append(Step(name: step.name, look: present))
    present = step.look
    return step.name
  }
}
