import ArgumentParser
import Foundation
import NeuralRuntime
import StudioRuntime

/// The program: the studio and its commands for scripts.
@main
struct Chiaro: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "chiaro",
    abstract: "A portrait relighting studio in the terminal.",
    discussion: """
      Opens a portrait, decomposes it into albedo, normal, specular, translucency, ambient occlusion \
      and raw diffuse, and relights it while you move lights by keys.

      Directions: azimuth 0, elevation 0 is the camera; positive azimuth is image right, positive \
      elevation up. Environment maps are lat-long: the top row is up, the centre column is the \
      camera's side and lights the face frontally, the right half is image right.

      Exit codes: 0 all done, 1 some inputs failed, 2 nothing done, 64 wrong usage.
      """,
    version: "0.1.0",
    subcommands: [
      StudioCommand.self, DecomposeCommand.self, RelightCommand.self, ShowCommand.self,
      EvaluateCommand.self, BenchmarkCommand.self, ListCommand.self, DoctorCommand.self,
    ],
    defaultSubcommand: StudioCommand.self)

  /// Runs the command that the arguments name.
  static func main() {
    Threads.waitBriefly()
    ProcessMemory.reuse()
    var status = ExitCode.success
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch {
      status = exitCode(for: error)
      let message = fullMessage(for: error)
      if !message.isEmpty {
        let stream = status == .success ? FileHandle.standardOutput : FileHandle.standardError
        stream.write(Data((message + "\n").utf8))
      }
    }
    // Abandoned work may still be inside a library, whose destructors must not run under it.
    fflush(nil)
    _exit(status.rawValue)
  }
}
