import ArgumentParser
import Decomposition
import FaceAlignment
import NeuralRuntime
import StudioRuntime

/// The options of every command that runs the networks.
struct PortraitOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Which square of the picture to use: auto (the largest face), none (the picture is an "
        + "aligned square), or centre, side and clockwise angle in pixels and degrees.",
      valueName: "auto|none|X,Y,SIZE,ANGLE"))
  var framing = "auto"

  @Option(help: "The most threads the networks use; all cores by default.")
  var threads: Int?

  @Option(
    help: ArgumentHelp(
      "What the networks multiply in: f32, bf16 (twice as fast where the CPU has it), or auto.",
      valueName: "auto|f32|bf16"))
  var precision = Precision.automatic

  @Flag(help: "Run the networks even if they have seen this picture before, and keep nothing.")
  var noCache = false

  func validate() throws {
    guard Framing(parsing: framing) != nil else {
      throw ValidationError(
        "‘\(framing)’ is not a framing; it is auto, none or X,Y,SIZE[,ANGLE], as in 640,480,900")
    }
    if let threads, threads < 1 { throw ValidationError("--threads takes a number from 1 up") }
    if precision == .bfloat16, !Precision.hasBFloat16 {
      throw ValidationError("this CPU does not multiply bf16; use --precision auto or f32")
    }
  }

  /// Opens portraits as these options say.
  func opener(in program: ProgramEnvironment) -> PortraitOpener {
    PortraitOpener(
      modelsPath: program.modelsPath, threads: threads, precision: precision,
      cache: noCache ? nil : program.cache)
  }

  /// Opens a portrait with progress on standard error; the interrupt signal stops it.
  func open(
    _ path: String, with opener: PortraitOpener, interrupt: InterruptSignal
  ) throws -> OpenedPortrait {
    let line = ProgressLine()
    let flag = interrupt.flag
    defer { line.clear() }
    return try opener.open(
      path: path, framing: Framing(parsing: framing) ?? .automatic, progress: { line.show($0) },
      isCancelled: { flag.isCancelled })
  }
}

extension Precision: ExpressibleByArgument {}
