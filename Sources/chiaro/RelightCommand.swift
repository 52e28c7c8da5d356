import ArgumentParser
import Foundation
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
        chiaro relight passes/ --environment golden-hour --exposure 0.5 -o golden.png

      Azimuth 0, elevation 0 is the camera; positive azimuth is image right, positive elevation up.
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

  @Flag(help: "Write the square crop instead of the whole photograph.")
  var crop = false

  @Option(help: "Bits per sample of the PNG, 8 or 16.")
  var bits = 8

  @Flag(help: "Report what was written as JSON on standard output.")
  var json = false

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
      var look = try lookOptions.look(assets: program.assets)
      let environments = EnvironmentLibrary(assets: program.assets)
      let interrupt = InterruptSignal()
      let start = ContinuousClock.now
      let opener = portraitOptions.opener(in: program)
      if let match {
        let other = try portraitOptions.open(match, with: opener, interrupt: interrupt)
        var rig = try other.estimatedRig(path: match)
        // Surroundings are estimated as lamps; those that were asked for come on top.
        if lookOptions.environment != nil { rig.environment = look.rig.environment }
        look.rig = rig
      }
      let environment = try environments.map(for: look.rig.environment)
      let opened = try portraitOptions.open(input, with: opener, interrupt: interrupt)
      let picture = try FinishedPicture(
        portrait: opened, look: look, environment: environment, isCropOnly: crop,
        bitDepth: max(bits, FinishedPicture.bitDepth(forFileAt: output)),
        isCancelled: { interrupt.flag.isCancelled })
      try picture.save(to: output)
      if json {
        try CommandOutput.json(
          Report(
            output: output, width: picture.image.width, height: picture.image.height,
            seconds: (ContinuousClock.now - start) / .seconds(1)))
      } else {
        CommandOutput.message("wrote \(output)")
      }
      opener.remember(opened)
    }
  }

  private struct Report: Encodable {
    var output: String
    var width: Int
    var height: Int
    var seconds: Double
  }
}
