import ArgumentParser
import Foundation
import RenderPasses
import StudioRuntime

/// `chiaro decompose`: a portrait in, its passes out.
struct DecomposeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "decompose",
    abstract: "Decompose a portrait into six passes and two mattes.",
    discussion: """
      The folder holds albedo, normal, specular, translucency, ao, diffuse, skin and subject as PNG \
      of 16 bits, and passes.json. Albedo and diffuse are sRGB-encoded, normals are (n+1)/2 with \
      +x right, +y up, +z to the camera, the others are linear.
      """)

  @Argument(help: "A photograph: PNG, JPEG or WebP.")
  var portrait: String

  @Option(name: .shortAndLong, help: "The folder to write, or a multilayer file ending in .exr.")
  var output: String

  @OptionGroup var portraitOptions: PortraitOptions

  @Flag(help: "Report what was written as JSON on standard output.")
  var json = false

  func run() throws {
    try CommandOutput.reportingErrors {
      let program = try ProgramEnvironment()
      let interrupt = InterruptSignal()
      let start = ContinuousClock.now
      let opener = portraitOptions.opener(in: program)
      let opened = try portraitOptions.open(portrait, with: opener, interrupt: interrupt)
      let flag = interrupt.flag
      let remembering = Pending { opener.remember(opened) }
      // Waited for however saving ends, so that nothing half written stays in the cache.
      defer { try? remembering.value(unless: { false }) }
      try opened.savePasses(to: output, isCancelled: { flag.isCancelled })
      let seconds = (ContinuousClock.now - start) / .seconds(1)
      if json {
        try CommandOutput.json(
          Report(
            output: output, width: opened.stack.width, height: opened.stack.height,
            seconds: seconds, peakResidentMegabytes: ProcessMemory.peakKilobytes() / 1024,
            manifest: opened.manifest))
      } else {
        CommandOutput.message("wrote \(output)")
      }
    }
  }

  private struct Report: Encodable {
    var output: String
    var width: Int
    var height: Int
    var seconds: Double
    var peakResidentMegabytes: Double
    var manifest: PassManifest
  }
}
