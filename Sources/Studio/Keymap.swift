import TerminalCells

/// Where keys are looked up: a focused panel, an overlay, or everywhere.
public enum KeymapContext: String, CaseIterable, Sendable, Codable {
  /// Any panel, after the panel's own keys; not under overlays.
  case global
  case viewport, views, lights, environment, material, picture
  /// The portrait while the light meter is held to it.
  case meter
  /// Any overlay, after the overlay's own keys.
  case overlay
  case help, messages, palette, picker, prompt, tasks, dialog, confirm, question

  /// The context whose keys hold where this one has none.
  public var parent: KeymapContext? {
    switch self {
    case .global, .overlay: nil
    case .viewport, .views, .lights, .environment, .material, .picture, .meter: .global
    case .help, .messages, .palette, .picker, .prompt, .tasks, .dialog, .confirm, .question:
      .overlay
    }
  }

  /// This context and the ones that back it up, nearest first.
  public var chain: [KeymapContext] { [self] + (parent.map { [$0] } ?? []) }
}

/// One row of a keymap: in `context`, the keys `on` run the command `run`.
public struct KeyBinding: Equatable, Sendable {
  /// Where the row holds.
  public let context: KeymapContext
  /// The key sequence, never empty.
  public let on: [Key]
  /// The command's name; `"none"` takes an inherited row away.
  public let run: String

  /// Binds `on` to `run` in `context`.
  public init(context: KeymapContext, on: [Key], run: String) {
    self.context = context
    self.on = on
    self.run = run
  }

  /// The keys as people read them, such as `g v` or `<C-s>`.
  public var keysText: String { on.map(\.description).joined(separator: " ") }
}

/// Key sequences per context, as rows in the order of the file.
///
/// Rows rather than a dictionary: duplicates stay visible to the checks, and help lists keys in the
/// order their author wrote them.
public struct Keymap: Equatable, Sendable {
  /// The run value that takes an inherited row away.
  public static let unbound = "none"

  /// Every row.
  public private(set) var bindings: [KeyBinding]
  private var tries: [KeymapContext: KeyTrie]

  /// A keymap of the given rows; of two rows for one sequence the later holds.
  public init(_ bindings: [KeyBinding] = []) {
    self.bindings = bindings
    tries = [:]
    for binding in bindings {
      tries[binding.context, default: KeyTrie()].insert(binding.run, at: binding.on[...])
    }
  }

  /// This keymap with a user's rows over it: same context and keys replace, `"none"` removes.
  ///
  /// A user's row also takes away inherited rows that it makes unreachable or that would hide it,
  /// so that binding `g` alone is enough to give up every sequence that starts with it.
  public func merging(_ overrides: Keymap) -> Keymap {
    let kept = bindings.filter { inherited in
      !overrides.bindings.contains { own in
        own.context == inherited.context
          && (own.on.starts(with: inherited.on) || inherited.on.starts(with: own.on))
      }
    }
    return Keymap(kept + overrides.bindings.filter { $0.run != Self.unbound })
  }

  /// What a sequence of keys means in a context.
  public enum Match: Equatable, Sendable {
    /// The sequence runs this command.
    case command(String)
    /// More keys are needed.
    case prefix
    /// Nothing is bound here.
    case none
  }

  /// Looks `keys` up in `context` and, where that has nothing, in its parent.
  public func match(_ keys: [Key], in context: KeymapContext) -> Match {
    for candidate in context.chain {
      let match = tries[candidate]?.match(keys[...]) ?? .none
      if match != .none { return match }
    }
    return .none
  }

  /// The rows that hold in `context`, its own first, without those its own rows hide.
  public func effectiveBindings(in context: KeymapContext) -> [KeyBinding] {
    var result: [KeyBinding] = []
    for candidate in context.chain {
      for binding in bindings where binding.context == candidate {
        if match(binding.on, in: context) == .command(binding.run) { result.append(binding) }
      }
    }
    return result
  }

  /// The first row that runs `command` in `context`, for hints.
  public func binding(for command: String, in context: KeymapContext) -> KeyBinding? {
    for candidate in context.chain {
      let found = bindings.first {
        $0.run == command && $0.context == candidate
          && match($0.on, in: context) == .command(command)
      }
      if let found { return found }
    }
    return nil
  }

  /// The rows that continue the keys typed so far.
  public func continuations(of keys: [Key], in context: KeymapContext) -> [KeyBinding] {
    effectiveBindings(in: context).filter {
      $0.on.count > keys.count && Array($0.on.prefix(keys.count)) == keys
    }
  }
}

extension StudioState {
  /// The keys that run a command in front of the portrait, as hints show them; its name where none do.
  func keysText(for command: String) -> String {
    keymap.binding(for: command, in: .viewport)?.shortKeysText ?? ":\(command)"
  }
}

/// What is wrong with a keymap's rows.
public enum KeymapProblem: Equatable, Sendable {
  /// Two rows of one context bind the same keys.
  case duplicate(KeyBinding)
  /// `binding` can never be typed because `shorter` runs first.
  case unreachable(binding: KeyBinding, shorter: KeyBinding)
  /// No command has this name.
  case unknownCommand(KeyBinding)
}

extension Keymap {
  /// Everything wrong with the rows, in row order.
  public func problems(commands: CommandTable = .standard) -> [KeymapProblem] {
    var problems: [KeymapProblem] = []
    for (index, binding) in bindings.enumerated() {
      if commands[binding.run] == nil { problems.append(.unknownCommand(binding)) }
      let earlier = bindings[..<index].filter { $0.context == binding.context }
      if earlier.contains(where: { $0.on == binding.on }) { problems.append(.duplicate(binding)) }
      let shorter = bindings.first {
        $0.context == binding.context && $0.on.count < binding.on.count
          && binding.on.starts(with: $0.on)
      }
      if let shorter { problems.append(.unreachable(binding: binding, shorter: shorter)) }
    }
    return problems
  }
}

/// Key sequences as a tree: inner nodes are prefixes, leaves are commands.
private struct KeyTrie: Equatable, Sendable {
  private var children: [Key: KeyTrie] = [:]
  private var command: String?

  mutating func insert(_ command: String, at keys: ArraySlice<Key>) {
    guard let first = keys.first else {
      self.command = command
      return
    }
    children[first, default: KeyTrie()].insert(command, at: keys.dropFirst())
  }

  func match(_ keys: ArraySlice<Key>) -> Keymap.Match {
    guard let first = keys.first else {
      if let command { return .command(command) }
      return children.isEmpty ? .none : .prefix
    }
    return children[first]?.match(keys.dropFirst()) ?? .none
  }
}
