import ArgumentParser
import Foundation
import StudioFiles
import StudioRuntime

/// Times what has to be quick; nothing here passes or fails.
@main
struct Benchmarks: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "Benchmarks",
    abstract: "Time what has to be quick.",
    discussion: "Suites: " + Suite.all.map(\.name).joined(separator: ", "))

  @Argument(help: "The suites to run; all where none is named.")
  var suites: [String] = []

  @Option(name: .shortAndLong, help: "How often each thing is timed, 7 or more.")
  var repetitions = 15

  @Option(help: "Time only what has this in its name.")
  var matching: String?

  @Flag(help: "Report as JSON.")
  var json = false

  func validate() throws {
    if repetitions < 7 { throw ValidationError("--repetitions takes a number from 7 up") }
    for name in suites where !Suite.all.contains(where: { $0.name == name }) {
      throw ValidationError(
        "there is no suite ‘\(name)’, only \(Suite.all.map(\.name).joined(separator: ", "))")
    }
  }

  func run() throws {
    // As the program does.
    ProcessMemory.reuse()
    let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    let assets = try AssetFolder.locate(
      executablePath: program, environment: ProcessInfo.processInfo.environment)
    var report = Report(host: Host())
    for suite in Suite.all where suites.isEmpty || suites.contains(suite.name) {
      let recorder = Recorder(suite: suite.name, repetitions: repetitions, matching: matching)
      try suite.run(recorder, assets)
      report.measurements += recorder.measurements
      report.figures += recorder.figures
      report.remarks += recorder.remarks
    }
    print(json ? try report.json : report.text)
  }
}
