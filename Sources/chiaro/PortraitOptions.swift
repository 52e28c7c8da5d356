import ArgumentParser
import Decomposition
import FaceAlignment
import StudioRuntime

/// The options of every command that runs the networks.
struct PortraitOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Which square of the picture to use: auto (the largest face), none (the picture is an "
        + "aligned square), or centre, side and clockwise angle in pixels and degrees.",
      valueName: "auto|none|X,Y,SIZE,ANGLE"),
    transform: { text in
      guard let framing = Framing(parsing: text) else {
        throw ValidationError(
          "‘\(text)’ is not a framing; it is auto, none or X,Y,SIZE[,ANGLE], as in 640,480,900")
      }
      return framing
    })
  var framing: Framing = .automatic

  @Option(help: "The most threads the networks use; all cores by default.")
  var threads: Int?

  func validate() throws {
    if let threads, threads < 1 { throw ValidationError("--threads takes a number from 1 up") }
  }

  /// Opens a portrait with progress on standard error; the interrupt signal stops it.
  func open(
    _ path: String, in program: ProgramEnvironment, interrupt: InterruptSignal
  ) throws -> OpenedPortrait {
    let line = ProgressLine()
    let flag = interrupt.flag
    defer { line.clear() }
    return try program.opener(threads: threads).open(
      path: path, framing: framing, progress: { line.show($0) },
      isCancelled: { flag.isCancelled })
  }
}
