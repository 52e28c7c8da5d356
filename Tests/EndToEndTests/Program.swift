import Foundation
import TestSupport

/// The built program, run as a user would run it.
struct Program {
  struct Outcome {
    var status: Int32
    var output: String
    var errors: String
  }

  /// The `chiaro` beside the test bundle: both come out of the same build.
  static var path: String {
    get throws {
      let bundle = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
      let folder = URL(fileURLWithPath: bundle).deletingLastPathComponent()
      let beside = folder.appendingPathComponent("chiaro").path
      guard FileManager.default.isExecutableFile(atPath: beside) else {
        let build = SourceTree.root.appendingPathComponent(".build/release/chiaro").path
        guard FileManager.default.isExecutableFile(atPath: build) else {
          throw MissingProgram(searched: [beside, build])
        }
        return build
      }
      return beside
    }
  }

  /// Runs the program to its end.
  static func run(_ arguments: [String], environment: [String: String] = [:]) throws -> Outcome {
    let scratch = try ScratchFolder()
    let folders = ["XDG_CACHE_HOME": scratch.path, "XDG_STATE_HOME": scratch.path]
    return try run(
      executable: try path, arguments, environment: folders.merging(environment) { $1 })
  }

  /// Runs any program to its end; output goes through files, so that neither a full pipe nor a
  /// server that inherits it can stall the wait.
  static func run(
    executable: String, _ arguments: [String], environment: [String: String] = [:]
  ) throws -> Outcome {
    let scratch = try ScratchFolder()
    let process = Process()
    process.executableURL = URL(fileURLWithPath: executable)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    let output = scratch.file("output")
    let errors = scratch.file("errors")
    for file in [output, errors] { _ = FileManager.default.createFile(atPath: file, contents: nil) }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle(forWritingAtPath: output)
    process.standardError = FileHandle(forWritingAtPath: errors)
    try process.run()
    process.waitUntilExit()
    return Outcome(
      status: process.terminationStatus,
      output: String(decoding: try Data(contentsOf: URL(fileURLWithPath: output)), as: UTF8.self),
      errors: String(decoding: try Data(contentsOf: URL(fileURLWithPath: errors)), as: UTF8.self))
  }
}

struct MissingProgram: Error {
  var searched: [String]
}

/// A temporary folder that goes away with its last reference.
final class ScratchFolder {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "chiaro-test-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit {
    try? FileManager.default.removeItem(atPath: path)
  }

  func file(_ name: String) -> String { path + "/" + name }

  /// Names of everything in the folder, so that a test can assert that nothing was left behind.
  var contents: [String] {
    get throws { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }
  }
}
