import ArgumentParser
import CursesDevice
import Foundation
import Shading
import Studio
import StudioFiles
import StudioRuntime
import TerminalCells
import TerminalGraphics

/// `chiaro [PORTRAIT]`: the studio itself.
struct StudioCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "studio",
    abstract: "Open the studio on a portrait (the default command).")

  @Argument(help: "A photograph, a pass folder or a passes .exr; the bundled portrait by default.")
  var portrait: String?

  @OptionGroup(title: "Look") var lookOptions: LookOptions

  @OptionGroup var portraitOptions: PortraitOptions

  @Option(help: "How to show pictures: auto, kitty, sixel, iterm2 or cells.")
  var `protocol` = "auto"

  @Option(help: "Characters of pictures of cells: best, sextants, quadrants or half.")
  var symbols: String?

  @Option(help: "A theme (see `chiaro list themes`).")
  var theme: String?

  @Option(help: "A keymap; the default one unless the configuration names another.")
  var keymap: String?

  @Flag(
    help: ArgumentHelp(
      "Read one command per line instead of keys, and answer in sentences.",
      discussion: "For scripts and screen readers; ‘help’ lists the commands."))
  var plain = false

  func validate() throws {
    _ = try GraphicsChoice.parse(`protocol`)
    _ = try symbols.map(GraphicsChoice.parse(symbols:))
  }

  func run() throws {
    try CommandOutput.reportingErrors {
      let program = try ProgramEnvironment()
      let configuration = try program.assets.configuration()
      let keymap = try program.assets.keymap(named: keymap ?? configuration.keymap)
      let path = portrait ?? program.bundledPortrait
      guard FileManager.default.isReadableFile(atPath: path) else {
        throw StudioFilesError.unreadable(path: path, reason: "no such file")
      }
      let look = try lookOptions.look(assets: program.assets)
      if plain { return try runPlain(path: path, look: look, in: program) }
      try requireTerminal()
      var chosen = try GraphicsChoice.parse(`protocol`)
      if chosen == nil { chosen = try GraphicsChoice.parse(configuration.graphicsProtocol) }
      let capabilities = TerminalProbe.capabilities(
        environment: TerminalEnvironment(variables: ProcessInfo.processInfo.environment),
        requested: chosen, symbols: try symbols.map(GraphicsChoice.parse(symbols:)))
      let theme = try program.assets.theme(
        named: theme ?? configuration.theme ?? Self.theme(for: capabilities.colorDepth))
      let session = Session(
        capabilities: capabilities, theme: theme, keymap: keymap,
        opener: portraitOptions.opener(in: program, isBackground: true), assets: program.assets,
        sessions: program.sessions,
        environmentCache: portraitOptions.environmentCache(in: program), look: look)
      if let signal = try session.run(path: path, framing: portraitOptions.framing) {
        // The shell sees how the program ended.
        throw ExitCode(128 + signal)
      }
    }
  }

  private func runPlain(
    path: String, look: Look, in program: ProgramEnvironment
  ) throws {
    var state = StudioState(
      size: TerminalSize(columns: 80, rows: 24), library: try program.assets.library(),
      keymap: try program.assets.keymap(named: "default"))
    state.document.history = EditHistory(look)
    state.interface.selectedLight = look.rig.lights.first?.id
    let studio = PlainStudio(
      state: state, readLine: { readLine() },
      // Unbuffered: a pipe wants every sentence as soon as it is said.
      write: { FileHandle.standardOutput.write(Data("\($0)\n".utf8)) },
      makeRunner: { wakeUp in
        EffectRunner(
          opener: portraitOptions.opener(in: program), assets: program.assets,
          mailbox: ActionMailbox(wakeUp: wakeUp),
          environmentCache: portraitOptions.environmentCache(in: program), hasScreen: false)
      })
    let failures = studio.run(startingWith: [.open(path: path, framing: portraitOptions.framing)])
    if failures > 0 { throw ExitCode(1) }
  }

  /// The theme that suits what a terminal can show, `NO_COLOR` included.
  private static func theme(for depth: ColorDepth) -> String {
    switch depth {
    case .trueColor, .indexed256: "dark"
    case .ansi16: "sixteen"
    case .monochrome: "monochrome"
    }
  }

  private func requireTerminal() throws {
    for (descriptor, name) in [
      (STDIN_FILENO, "standard input"), (STDOUT_FILENO, "standard output"),
    ]
    where isatty(descriptor) == 0 {
      throw TerminalDeviceError.notATerminal(stream: name)
    }
  }
}

/// Puts the parts of the studio together around an open terminal.
private struct Session {
  let capabilities: TerminalCapabilities
  let theme: Theme
  let keymap: Keymap
  let opener: PortraitOpener
  let assets: AssetFolder
  let sessions: SessionFolder
  let environmentCache: EnvironmentCache?
  let look: Look

  func run(path: String, framing: String) throws -> Int32? {
    let writer = FrameWriter(capabilities: capabilities)
    let device = try CursesDevice(
      options: .init(
        colorDepth: capabilities.colorDepth,
        synchronizesOutput: capabilities.knowsSynchronizedOutput, farewell: writer.removal))
    try device.open()
    defer { device.close() }
    var state = StudioState(
      size: device.size, keymap: keymap, theme: theme)
    state.document.history = EditHistory(look)
    state.interface.selectedLight = look.rig.lights.first?.id
    state.colorDepth = capabilities.colorDepth
    if sessions.isFirst() { state.interface.tour = Tour.start }
    let runner = EffectRunner(
      opener: opener, assets: assets, mailbox: ActionMailbox(wakeUp: device.wakeUp),
      sessions: sessions, environmentCache: environmentCache)
    runner.listLibrary()
    let loop = StudioLoop(
      device: device, capabilities: capabilities, state: state, runner: runner)
    return loop.run(startingWith: [.open(path: path, framing: framing)])
  }
}

/// How the user names a way to show pictures.
enum GraphicsChoice {
  /// The protocol of a name; nil for `auto`.
  ///
  /// - Throws: `ValidationError`.
  static func parse(_ name: String) throws -> GraphicsProtocol? {
    if name == "auto" { return nil }
    guard let found = GraphicsProtocol(rawValue: name) else {
      let known = (["auto"] + GraphicsProtocol.allCases.map(\.rawValue)).joined(separator: ", ")
      throw ValidationError("‘\(name)’ is not a protocol; known are \(known)")
    }
    return found
  }

  /// The characters of a name.
  ///
  /// - Throws: `ValidationError`.
  static func parse(symbols name: String) throws -> CellSymbols {
    guard let found = CellSymbols(rawValue: name) else {
      let known = CellSymbols.allCases.map(\.rawValue).joined(separator: ", ")
      throw ValidationError("‘\(name)’ is no kind of characters; known are \(known)")
    }
    return found
  }
}
