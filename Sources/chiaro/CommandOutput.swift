import ArgumentParser
import Foundation
import StudioRuntime

/// What commands say: data on standard output, messages on standard error.
enum CommandOutput {
  /// The exit code when some inputs failed.
  static let someFailed = ExitCode(1)
  /// The exit code when nothing was done.
  static let nothingDone = ExitCode(2)

  /// Prints a message on standard error.
  static func message(_ text: String) {
    FileHandle.standardError.write(Data("chiaro: \(text)\n".utf8))
  }

  /// Prints a value as JSON on standard output, keys sorted.
  static func json(_ value: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    FileHandle.standardOutput.write(try encoder.encode(value) + Data("\n".utf8))
  }

  /// Runs a command's work; an error becomes one sentence and exit code 2.
  static func reportingErrors(_ work: () throws -> Void) throws {
    do {
      try work()
    } catch let error as ExitCode {
      throw error
    } catch let error as ValidationError {
      throw error
    } catch {
      message(ErrorSentences.sentence(for: error))
      throw nothingDone
    }
  }
}
