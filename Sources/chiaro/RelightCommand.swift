import ArgumentParser
import Foundation
import Shading
import StudioRuntime

/// `chiaro relight`: a portrait or its passes in, a relit picture out.
struct RelightCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "relight",
    abstract: "Relight a portrait and save the picture.",
    discussion: """
      Examples:
        chiaro relight portrait.jpg --rig rembrandt -o rembrandt.png
        chiaro relight portrait.jpg --light az=-60,el=20 --light az=120,el=30,ev=-1 -o left.png
        chiaro relight portrait.jpg --match other.jpg -o matched.png
        chiaro relight portrait.jpg --rig original --light az=-120,el=20 -o kicker.png
        chiaro relight portrait.jpg --sheet -o sheet.png
        chiaro relight passes/ --environment golden-hour --exposure 0.5 -o golden.png

      Azimuth 0, elevation 0 is the camera; positive azimuth is image right, positive elevation up.
      The rig ‘original’ is the photograph's own light, estimated from its passes.
      """)

  @Argument(help: "A photograph, a pass folder or a passes .exr.")
  var input: String

  @Option(name: .shortAndLong, help: "The PNG file to write.")
  var output: String

  @OptionGroup(title: "Look") var lookOptions: LookOptions

  @OptionGroup var portraitOptions: PortraitOptions

  @Option(
    help: ArgumentHelp(
      "Take the light of another portrait, a photograph or its passes, instead of a rig's.",
      valueName: "portrait"))
  var match: String?

  @Flag(help: "Write the rig's first light from nine directions, side by side.")
  var sheet = false

  @Flag(help: "Write the square crop instead of the whole photograph.")
  var crop = false

  @Option(help: "Bits per sample of the PNG, 8 or 16.")
  var bits = 8

  @Flag(help: "Report what was written as JSON on standard output.")
  var json = false

  /// What `--rig` calls the photograph's own light.
  private static let originalRig = "original"
  /// Width of one picture of a sheet.
  private static let sheetSide = 512

  func validate() throws {
    if bits != 8 && bits != 16 { throw ValidationError("--bits takes 8 or 16") }
    if match != nil && (lookOptions.rig != nil || !lookOptions.light.isEmpty) {
      throw ValidationError("--match brings its own lights; leave out --rig and --light")
    }
  }

  func run() throws {
    try CommandOutput.reportingErrors {
      let program = try ProgramEnvironment()
      // The look first: a misspelt light must not cost the time of the networks.
      var options = lookOptions
      let takesOriginal = options.rig == Self.originalRig
      if takesOriginal { options.rig = nil }
      var look = try options.look(assets: program.assets)
      let environments = EnvironmentLibrary(
        assets: program.assets, cache: portraitOptions.environmentCache(in: program))
      var environment = try environments.map(for: look.rig.environment)
      let interrupt = InterruptSignal()
      let start = ContinuousClock.now
      let opener = portraitOptions.opener(in: program)
      let other = try match.map { try portraitOptions.open($0, with: opener, interrupt: interrupt) }
      let opened = try portraitOptions.open(input, with: opener, interrupt: interrupt)
      if match != nil || takesOriginal {
        var rig = try (other ?? opened).estimatedRig(path: match ?? input)
        // Surroundings are estimated as lamps; those that were asked for come on top, lights as well.
        if options.environment != nil { rig.environment = look.rig.environment }
        if !options.light.isEmpty {
          rig = LightRig(
            name: rig.name, frame: rig.frame, lights: rig.lights + look.rig.lights,
            environment: rig.environment)
        }
        look.rig = rig
        environment = try environments.map(for: rig.environment)
      }
      let picture = try picture(of: opened, look: look, environment: environment, interrupt)
      try picture.save(to: output)
      if json {
        try CommandOutput.json(
          Report(
            output: output, width: picture.image.width, height: picture.image.height,
            seconds: (ContinuousClock.now - start) / .seconds(1)))
      } else {
        CommandOutput.message("wrote \(output)")
      }
      for portrait in [opened, other].compactMap(\.self) { opener.remember(portrait) }
    }
  }

  private func picture(
    of opened: OpenedPortrait, look: Look, environment: EnvironmentMap?,
    _ interrupt: InterruptSignal
  ) throws -> FinishedPicture {
    let bitDepth = max(bits, FinishedPicture.bitDepth(forFileAt: output))
    let isCancelled = { interrupt.flag.isCancelled }
    if sheet {
      let image = try ContactSheet.image(
        portrait: opened, look: look, environment: environment, side: Self.sheetSide,
        isCancelled: isCancelled)
      return FinishedPicture(image: image, bitDepth: bitDepth)
    }
    return try FinishedPicture(
      portrait: opened, look: look, environment: environment, isCropOnly: crop,
      bitDepth: bitDepth, isCancelled: isCancelled)
  }

  private struct Report: Encodable {
    var output: String
    var width: Int
    var height: Int
    var seconds: Double
  }
}
