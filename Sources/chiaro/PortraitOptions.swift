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
      valueName: "auto|none|X,Y,SIZE,ANGLE"))
  var framing = "auto"

  @OptionGroup var networks: NetworkOptions

  @Flag(help: "Run the networks even if they have seen this picture before, and keep nothing.")
  var noCache = false

  func validate() throws {
    guard Framing(parsing: framing) != nil else {
      throw ValidationError(
        "‘\(framing)’ is not a framing; it is auto, none or X,Y,SIZE[,ANGLE], as in 640,480,900")
    }
  }

  /// Opens portraits as these options say; in the background, the networks leave the processor to the rest.
  func opener(in program: ProgramEnvironment, isBackground: Bool = false) -> PortraitOpener {
    PortraitOpener(
      modelsPath: program.modelsPath, threads: networks.threads, precision: networks.precision,
      cache: noCache ? nil : program.cache, isBackground: isBackground)
  }

  /// Where prepared environments are kept, unless nothing is to be.
  func environmentCache(in program: ProgramEnvironment) -> EnvironmentCache? {
    noCache ? nil : program.environmentCache
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
